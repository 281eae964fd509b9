// The way of a lot as steps, from what was verified (docs/formats.md §8).

import { bytesToHex } from '../encoding/bytes.ts';
import type { Lot } from '../rules/lots/lot.ts';
import { getPlace } from '../rules/places/place.ts';
import { batchLegs, type Leg, legsOf } from './stays.ts';
import type { TimelineStep } from './verdict.ts';
import { partyOf, placeView, productOf, type Verified } from './verified.ts';

/** The way of the lot, oldest first. */
export function timelineOf(v: Verified): TimelineStep[] {
  const { state, lineage, label } = v;
  const scanned = lineage.lots.at(-1);
  const steps = lineage.lots.flatMap((lot) => {
    const stays = lineage.stays.filter((stay) => stay.lot === lot);
    const end_ms = lot === scanned ? v.head.time_ms : (stays.at(-1)?.to_ms ?? lot.since);
    const until_ms = lot === scanned && label !== null ? label.batch.issuedAt : end_ms;
    const [first, ...later] = legsOf(state, lot, until_ms);
    return [madeStep(v, lot), ...(first === undefined ? [] : moveSteps(v, lot, [first, ...later]))];
  });
  if (label !== null && scanned !== undefined) {
    const { batch } = label;
    const place = getPlace(state, scanned.place);
    const { name, unit } = productOf(state, batch.gtin);
    steps.push({
      kind: 'label',
      process: 'label',
      gtin: batch.gtin,
      lot: batch.lot,
      product: name,
      place: null,
      time_ms: batch.issuedAt,
      amount: batch.count * batch.net,
      unit,
      signer: partyOf(state, batch.issuer),
      tx: bytesToHex(batch.tx),
    });
    const before = { holder: batch.issuer, from_ms: batch.issuedAt };
    const legs = batchLegs(state, batch);
    if (place !== undefined) steps.push(...moveSteps(v, scanned, [{ ...before, place }, ...legs]));
  }
  return steps.sort((a, b) => a.time_ms - b.time_ms);
}

function madeStep({ state }: Verified, lot: Lot): TimelineStep {
  const { name, unit } = productOf(state, lot.gtin);
  const place = getPlace(state, lot.place);
  return {
    kind: madeBy(lot),
    process: lot.process,
    gtin: lot.gtin,
    lot: lot.lot,
    product: name,
    place: place === undefined ? null : placeView(place),
    time_ms: lot.since,
    amount: lot.made,
    unit,
    signer: partyOf(state, lot.maker),
    tx: bytesToHex(lot.tx),
  };
}

function madeBy(lot: Lot): TimelineStep['kind'] {
  if (lot.inputs.length > 0) return 'transform';
  if (lot.document !== undefined) return 'opening';
  return lot.origin === undefined ? 'harvest' : 'purchase';
}

/** A step for each leg but the first. */
function moveSteps({ state }: Verified, lot: Lot, legs: readonly Leg[]): TimelineStep[] {
  const { name, unit } = productOf(state, lot.gtin);
  return legs.slice(1).map(({ place, holder, from_ms }, i) => ({
    kind: 'move',
    process: place.kind === 'vehicle' ? 'carry' : holder === legs[i]?.holder ? 'move' : 'receive',
    gtin: lot.gtin,
    lot: lot.lot,
    product: name,
    place: placeView(place),
    time_ms: from_ms,
    amount: null,
    unit,
    signer: partyOf(state, holder),
    tx: null,
  }));
}
