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

/** How a validator, or a node that follows, takes part in the agreement. */
export interface ConsensusStatusJson {
  /** Its id as a validator; null for a node that follows. */
  readonly id: string | null;
  readonly epoch: number;
  readonly slot: number;
  readonly leader: string;
  readonly height: number;
  readonly voting: boolean;
  /** Why it does not vote although it has a key. */
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly failed: boolean;
  /** Of the set that votes now. */
  readonly validators: number;
  readonly quorum: number;
  /** Ids of the peers that are connected. */
  readonly peers: readonly string[];
  /** Whose clock seems wrong, in words. */
  readonly clock: string | null;
}

/** What the launcher knows beyond the node and the store. */
export interface StatusSources {
  /** Absent on a node without a gateway. */
  readonly gateway?: () => GatewayStatusJson;
  /** Of the nodes in this process: one, or all validators of a ledger that runs in it. Absent where one hand signs for all. */
  readonly consensus?: () => readonly ConsensusStatusJson[];
  /** Digital Link path of a unit of that product to look at. */
  readonly sampleLink?: (gtin: string) => string | undefined;
  /** Further parts of /health by name: each resolves when it works and rejects with what is wrong. */
  readonly parts?: Readonly<Record<string, () => Promise<void> | void>>;
}

/** The genesis hash that the web page is to pin, as the keeper of this server configured it: 32 bytes. */
export interface Pin {
  readonly genesis: Uint8Array;
}
