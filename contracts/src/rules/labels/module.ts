// labels: units of a lot, committed as the Merkle root of their serials. Never more net weight than the lot has left
// (docs/formats.md §5).

import Type from 'typebox';
import { encodeCbor } from '../../encoding/cbor.ts';
import type { CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import { LABEL_BATCH_UNITS_MAX } from '../../limits.ts';
import { drawMass, lotWrite, requireHeldLot } from '../lots/lot.ts';
import { Bytes, Closed, Gtin, Mass_g, Text20 } from '../schema.ts';
import { defineAction, type RuleModule, type StateReader } from '../types.ts';

export interface LabelBatch {
  readonly gtin: string;
  readonly lot: string;
  readonly batch: string;
  /** 32 bytes: log tree over `unitLeaf` of each serial, in the issuer's order. */
  readonly root: Uint8Array;
  readonly count: number;
  /** Of one unit. */
  readonly net_g: number;
  readonly issuer: string;
  readonly issuedAt: number;
  readonly tx: Uint8Array;
}

export function labelKey(gtin: string, lot: string, batch: string): string {
  return `labels/${gtin}/${encodeURIComponent(lot)}/${encodeURIComponent(batch)}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toLabelBatch(value: CborValue): LabelBatch {
  return value as unknown as LabelBatch;
}

export function getLabelBatch(state: StateReader, gtin: string, lot: string, batch: string): LabelBatch | undefined {
  const value = state.get(labelKey(gtin, lot, batch));
  return value === undefined ? undefined : toLabelBatch(value);
}

/** The bytes of a unit's leaf in its label batch. */
export function unitLeaf(gtin: string, lot: string, serial: string): Uint8Array {
  return encodeCbor([gtin, lot, serial]);
}

const issue = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    batch: Text20,
    root: Bytes(32),
    count: Type.Integer({ minimum: 1, maximum: LABEL_BATCH_UNITS_MAX }),
    net_g: Mass_g,
  }),
  (state, p, ctx) => {
    const lot = requireHeldLot(state, p.gtin, p.lot, ctx.signer.id);
    if (getLabelBatch(state, p.gtin, p.lot, p.batch) !== undefined) {
      throw new AppError('labels/exists', 'This lot has a label batch of that number.', { batch: p.batch });
    }
    const total_g = p.count * p.net_g;
    if (!Number.isSafeInteger(total_g) || total_g > lot.left_g) {
      const possible = Math.floor(lot.left_g / p.net_g);
      throw new AppError(
        'labels/beyond-mass',
        `The lot has ${lot.left_g} g left: at most ${possible} labels of ${p.net_g} g.`,
        { left_g: lot.left_g, possible },
      );
    }
    const batch: LabelBatch = { ...p, issuer: ctx.signer.id, issuedAt: ctx.time_ms, tx: ctx.txId };
    return {
      writes: [
        lotWrite({ ...drawMass(lot, total_g), labelled_g: lot.labelled_g + total_g }),
        { key: labelKey(p.gtin, p.lot, p.batch), value: { ...batch } },
      ],
      events: [
        {
          type: 'labels.issued',
          data: { gtin: p.gtin, lot: p.lot, batch: p.batch, count: p.count, net_g: p.net_g },
        },
      ],
    };
  },
);

export const labels: RuleModule = { name: 'labels', version: 1, actions: { issue } };
