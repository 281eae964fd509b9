import type { Names, PlaceView } from '@suyuan/contracts';

/** Who answers for a stage. `uscc` is the unified social credit code; null where the ledger has none: a natural person, or not registered yet. */
export interface Operator {
  readonly id: string;
  readonly name: Names;
  readonly uscc: string | null;
}

/** A place as records describe it. `address` is given only where it may be shown. */
export interface RecordPlace extends PlaceView {
  readonly address?: string;
}

/** An amount in the product's unit: grams, or a count. */
export interface Amount {
  readonly amount: number;
  readonly unit: 'g' | 'count';
}

export interface RecordDocument {
  /** Hex hash of the file. */
  readonly hash: string;
  readonly kind: string;
  readonly title: string;
}

/** A lot that changed hands, as both sides signed it. What is not received yet has null. */
export interface CustodyMove extends Amount {
  readonly from: Operator;
  readonly to: Operator;
  readonly fromPlace: RecordPlace;
  readonly toPlace: RecordPlace;
  readonly carrier: Operator | null;
  readonly shippedAt_ms: number;
  readonly receivedAt_ms: number | null;
  readonly received: number | null;
  readonly documents: readonly RecordDocument[];
}

/** One lot of a trace: how it came to be, and its moves since. */
export interface TraceRecord extends Amount {
  readonly gtin: string;
  readonly lot: string;
  readonly product: Names;
  /** As on the ledger: harvest, dry, age, mill, pack, purchase, … */
  readonly process: string;
  readonly place: RecordPlace;
  readonly holder: Operator;
  readonly time_ms: number;
  readonly inputs: readonly (Amount & { readonly gtin: string; readonly lot: string })[];
  readonly moves: readonly CustodyMove[];
  readonly documents: readonly RecordDocument[];
  /** Id of the transaction, hex. */
  readonly tx: string;
}

/** A lot as one code: GTIN and lot in GS1 element syntax. */
export function lotCode(lot: { readonly gtin: string; readonly lot: string }): string {
  return `(01)${lot.gtin}(10)${lot.lot}`;
}

/** The day and minute that clocks showed in a zone. `offset` tells ms east of Greenwich at an instant. */
export function localText(time_ms: number, offset: (time_ms: number) => number): string {
  const iso = new Date(time_ms + offset(time_ms)).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
}

export function documentsText(documents: readonly RecordDocument[]): string {
  return documents
    .map(({ kind, title, hash }) => `${kind} ${title} ${hash.slice(0, 16)}`)
    .join('; ');
}
