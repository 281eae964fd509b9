import type { Amount } from './row-reader.ts';

/** One action, and the rows that it stands for. */
export interface RowCall {
  /** In the order of the items where an action has several. */
  readonly rows: readonly number[];
  readonly module: string;
  readonly action: string;
  /** JSON; bytes are hex. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** What each product is counted in here, to be compared with the ledger. */
  readonly measures: readonly { readonly gtin: string; readonly measure: Amount['measure'] }[];
}

/** A field that is there only when it has a value: the rules know no nulls. */
export function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
