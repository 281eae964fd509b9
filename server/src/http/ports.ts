// What the HTTP half asks of the rest: the node, the column store, the gateway's state, time.

import type { LedgerNode as EngineNode } from '../engine/node.ts';

export type { ProvenState, TransactionView } from '../engine/reads.ts';
export type { SerialList } from '../storage/serial-files.ts';

/** The node, but for what is the launcher's: opening and closing it. */
export type LedgerNode = Omit<EngineNode, 'close'>;

export interface Clock {
  now_ms(): number;
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
