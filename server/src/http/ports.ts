// What the HTTP half asks of the rest: the node, the column store, the gateway's state, time.

import type {
  Block,
  CertifiedHeader,
  EpochEnd,
  LedgerPort,
  StateEntry,
  UnitProof,
} from '@suyuan/contracts';

export interface Clock {
  now_ms(): number;
}

/** A committed transaction with its receipt and their places in the block's two log trees. */
export interface TransactionView {
  readonly height: number;
  readonly index: number;
  /** How many transactions the block holds: the size of both trees. */
  readonly count: number;
  readonly tx: Uint8Array;
  readonly receipt: Uint8Array;
  readonly txProof: readonly Uint8Array[];
  readonly receiptProof: readonly Uint8Array[];
}

/** State entries with their proofs, all against the state root of this one header. */
export interface ProvenState extends CertifiedHeader {
  readonly entries: readonly StateEntry[];
}

export interface SerialList {
  readonly gtin: string;
  readonly lot: string;
  readonly batch: string;
  readonly serials: readonly string[];
}

/** A ledger node as the HTTP half sees it. All reads are synchronous: a node reads its own state. */
export interface LedgerNode extends LedgerPort {
  /** The encoded genesis. */
  readonly genesis: Uint8Array;
  /** The encoded value under a state key. */
  value(key: string): Uint8Array | undefined;
  /** State keys that begin with `prefix`, ascending, after `after` when given, at most `limit`. */
  keys(
    prefix: string,
    options: { readonly after?: string; readonly limit: number },
  ): readonly string[];
  proveKeys(keys: readonly string[]): ProvenState;
  block(height: number): Block | undefined;
  transaction(txId: Uint8Array): TransactionView | undefined;
  /** The encoded anchor of that batch (docs/formats.md §5). */
  anchorLeaf(gateway: string, batch: number): Uint8Array | undefined;
  /** Inclusion of leaf `batch` in the gateway's anchor log of `size` leaves. */
  anchorProof(gateway: string, batch: number, size: number): readonly Uint8Array[];
  /** The blocks that ended an epoch, oldest first. */
  epochs(): readonly EpochEnd[];
  unitProof(gtin: string, lot: string, serial: string): UnitProof | undefined;
  /** Accepted only when the list's root is the label batch's. */
  putSerials(list: SerialList): Promise<void>;
  totals(): { readonly transactions: number; readonly mempool: number };
}

/** Plain JSON of the gateway in this process (see the gateway room), passed on as it is. */
export type GatewayStatusJson = Readonly<Record<string, unknown>>;

/** What the launcher knows beyond the node and the store. */
export interface StatusSources {
  /** Absent on a node without a gateway. */
  readonly gateway?: () => GatewayStatusJson;
  /** Digital Link path of a unit of that product to look at. */
  readonly sampleLink?: (gtin: string) => string | undefined;
  /** Further parts of /health by name: each resolves when it works and rejects with what is wrong. */
  readonly parts?: Readonly<Record<string, () => Promise<void> | void>>;
}

/** The genesis hash that the web page is to pin, as the keeper of this server configured it: 32 bytes. */
export interface Pin {
  readonly genesis: Uint8Array;
}
