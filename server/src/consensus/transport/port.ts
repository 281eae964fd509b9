// Between a node and its peers: who is connected, and messages in three channels. A channel has its own queue and its own limits, so
// that a flood of transactions or of blocks never holds up a vote.

import type { Validator } from '@suyuan/contracts';

/** consensus: proposals, votes, certificates, candidates. transactions: gossip. blocks: logs and snapshots for those who lag. */
export type Channel = 'consensus' | 'transactions' | 'blocks';

export interface Peer {
  /** Of a validator its account id; of an observer `observer-` and the beginning of its key in hex. */
  readonly id: string;
  /** Proved to hold the key of a validator of the admitted set. */
  readonly validator: boolean;
  /** Where it comes from, if that is known: anybody can make keys, but not so easily addresses. */
  readonly from?: string;
}

export interface TransportHandlers {
  onConnected(peer: Peer): void;
  onDisconnected(peer: Peer): void;
  /** Of one peer in the order in which it sent them within a channel. Must not throw. */
  onMessage(peer: Peer, channel: Channel, message: Uint8Array): void;
}

export interface Transport {
  start(handlers: TransportHandlers): Promise<void>;
  /** The peers that are connected now. */
  peers(): readonly Peer[];
  /** Queues the message. False if it was dropped: no such peer, or its queue of that channel is full. */
  send(peer: string, channel: Channel, message: Uint8Array): boolean;
  /** Whom to connect to and whom to believe: the validators of the epoch that begins, and those of the next where known. */
  admit(validators: readonly Validator[]): void;
  /** The peer sent what no honest one sends: counted, and above a limit it is disconnected for a while. */
  blame(peer: string, code: string): void;
  stop(): Promise<void>;
}

/** The greatest message of each channel, in bytes: a block with its frame; a batch of transactions; a run of blocks or a piece of a snapshot. */
export const MESSAGE_BYTES_MAX: Readonly<Record<Channel, number>> = {
  consensus: 5 * 1024 * 1024,
  transactions: 1024 * 1024,
  blocks: 6 * 1024 * 1024,
};
