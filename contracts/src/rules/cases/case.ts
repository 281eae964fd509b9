// The record of a dispute (docs/formats.md §5): a grower refutes an origin that was claimed without his signature.

import type { CborObject, CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { StateReader, StateWrite } from '../types.ts';

export interface Case {
  readonly id: string;
  readonly kind: 'refuted-origin';
  readonly gtin: string;
  readonly lot: string;
  readonly opener: string;
  readonly reason: string;
  readonly openedAt: number;
  /** `upheld`: the origin is false; `dismissed`: it stands. The lot and its descendants are disputed while open and refuted once upheld. */
  readonly status: 'open' | 'upheld' | 'dismissed';
  readonly decidedBy?: string;
  readonly decidedAt?: number;
  readonly decision?: string;
  readonly tx: Uint8Array;
}

export function caseKey(id: string): string {
  return `cases/${encodeURIComponent(id)}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toCase(value: CborValue): Case {
  return value as unknown as Case;
}

export function getCase(state: StateReader, id: string): Case | undefined {
  const value = state.get(caseKey(id));
  return value === undefined ? undefined : toCase(value);
}

export function caseWrite(record: Case): StateWrite {
  return { key: caseKey(record.id), value: record as unknown as CborObject };
}

/** Throws `cases/refuted` when a regulator upheld that the lot is not from where it claims: it is sold and processed no further. */
export function requireNotRefuted(
  state: StateReader,
  lot: { readonly gtin: string; readonly lot: string; readonly case?: string },
): void {
  if (lot.case === undefined || getCase(state, lot.case)?.status !== 'upheld') return;
  throw new AppError(
    'cases/refuted',
    'The origin of the lot was refuted and the regulator upheld it; return it or destroy it.',
    { gtin: lot.gtin, lot: lot.lot, case: lot.case },
  );
}
