// The way of a lot as steps, from what was verified (docs/formats.md §8).

import { bytesToHex } from '../encoding/bytes.ts';
import { getProduct } from '../rules/products/product.ts';
import type { StateReader } from '../rules/types.ts';
import { partyOf, type Verified } from './claims.ts';
import type { Names, TimelineStep } from './verdict.ts';

/** The way of the lot, oldest first. */
export function timelineOf(v: Verified): TimelineStep[] {
  const steps: TimelineStep[] = v.lineage.stays.map(({ lot, place }) => ({
    kind: lot.inputs.length === 0 ? 'harvest' : 'transform',
    process: lot.process,
    gtin: lot.gtin,
    lot: lot.lot,
    product: productName(v.state, lot.gtin),
    place: { gln: place.gln, kind: place.kind, name: place.name, township: place.township },
    time_ms: lot.since,
    amount: lot.made,
    signer: partyOf(v.state, lot.holder),
    tx: bytesToHex(lot.tx),
  }));
  if (v.label !== null) {
    const { batch } = v.label;
    steps.push({
      kind: 'label',
      process: 'label',
      gtin: batch.gtin,
      lot: batch.lot,
      product: productName(v.state, batch.gtin),
      place: null,
      time_ms: batch.issuedAt,
      amount: batch.count * batch.net,
      signer: partyOf(v.state, batch.issuer),
      tx: bytesToHex(batch.tx),
    });
  }
  return steps;
}

function productName(state: StateReader, gtin: string): Names {
  return getProduct(state, gtin)?.name ?? { zh: gtin, en: gtin };
}
