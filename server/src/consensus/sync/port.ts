// Two helpers of a node beside the votes: transactions to all peers, and committed blocks to and from them. Each owns one channel.

import type { Peer } from '../transport/port.ts';

/** One channel's protocol with all peers. Calls never throw; what a peer sends wrongly is blamed on it. */
export interface ChannelProtocol {
  onConnected(peer: Peer): void;
  onDisconnected(peer: Peer): void;
  onMessage(peer: Peer, message: Uint8Array): void;
  stop(): Promise<void>;
}

export interface BlockSync extends ChannelProtocol {
  /** This node committed a block: those who follow are told. */
  committed(): void;
  /** Something a peer said shows that blocks are missing here: asks at once instead of at the next round. */
  hurry(): void;
}
