// Every limit of a connection, with its unit and its reason.

import type { Channel } from '../port.ts';
import { type ChannelQueueLimits, QUEUE_LIMITS } from '../send-queues.ts';

export interface ReceiveRate {
  readonly bytes_per_s: number;
  readonly messages_per_s: number;
}

export interface PeerLimits {
  /** From the first byte to the proof; a hand that goes slower holds up nobody else. */
  readonly handshake_ms: number;
  /** A frame that has begun: 64 KiB even over a bad line. */
  readonly frame_ms: number;
  /** Nothing received for so long: ask whether the other is there. */
  readonly idle_ms: number;
  /** How long it may take to answer that. */
  readonly answer_ms: number;
  /** The same question when a second process shows the key of a connected peer, which waits meanwhile. */
  readonly probe_ms: number;
  /** For the last bytes to a peer that does not read. */
  readonly linger_ms: number;
  /** First and greatest pause between two attempts to connect; a random half of it is left out. */
  readonly redial_ms: number;
  readonly redialMax_ms: number;
  /** A connection that lasted so long was a good one: the pauses begin anew. */
  readonly stable_ms: number;
  /** Head start of the validator whose id comes first: the other one's dial would only be a duplicate. */
  readonly yield_ms: number;
  /** Connections from outside whose handshake is not over, in all, and of one address; beyond, the oldest of the address with the most go. */
  readonly pending: number;
  readonly pendingPerAddress: number;
  /** Connections from one address, whether or not their handshake is over: a whole consortium on one machine, or behind one router. */
  readonly perAddress: number;
  /** New connections of one address: how many at once and how many a second. */
  readonly connectBurst: number;
  readonly connect_per_s: number;
  /** Connected nodes that are no validators, in all and of one address: anybody can make keys. */
  readonly observers: number;
  readonly observersPerAddress: number;
  /** A seat that was held for so long goes to the next one who comes when all are taken. */
  readonly observerTerm_ms: number;
  /** Faults that a peer may have at once, and after how long one is forgotten. */
  readonly faults: number;
  readonly faultLife_ms: number;
  /** How long a peer with more of them is kept out. */
  readonly cooldown_ms: number;
  /** What is taken from one peer before its connection is paused; two seconds of it at once. */
  readonly receive: Readonly<Record<Channel, ReceiveRate>>;
  /** The same from one observer, who has less to say and of whom there may be many. */
  readonly receiveObserver: Readonly<Record<Channel, ReceiveRate>>;
  readonly queues: ChannelQueueLimits;
}

const MIB = 1024 * 1024;

export const PEER_LIMITS: PeerLimits = {
  handshake_ms: 10_000,
  frame_ms: 20_000,
  idle_ms: 15_000,
  answer_ms: 15_000,
  probe_ms: 4000,
  linger_ms: 1000,
  redial_ms: 200,
  redialMax_ms: 15_000,
  stable_ms: 10_000,
  yield_ms: 400,
  pending: 64,
  pendingPerAddress: 16,
  perAddress: 64,
  connectBurst: 64,
  connect_per_s: 8,
  observers: 16,
  observersPerAddress: 4,
  observerTerm_ms: 600_000,
  faults: 20,
  faultLife_ms: 10_000,
  cooldown_ms: 60_000,
  receive: {
    consensus: { bytes_per_s: 32 * MIB, messages_per_s: 2000 },
    transactions: { bytes_per_s: 8 * MIB, messages_per_s: 1000 },
    blocks: { bytes_per_s: 32 * MIB, messages_per_s: 500 },
  },
  receiveObserver: {
    consensus: { bytes_per_s: MIB / 16, messages_per_s: 20 },
    transactions: { bytes_per_s: MIB, messages_per_s: 200 },
    blocks: { bytes_per_s: MIB / 16, messages_per_s: 50 },
  },
  queues: QUEUE_LIMITS,
};
