// Transactions to all validators (docs/formats.md §9): what one honest node took, each of them comes to propose or sees expire.

import { bytesToHex } from '@suyuan/contracts';
import type { ConsensusHost } from '../port.ts';
import type { Peer } from '../transport/port.ts';
import { createInbox } from './gossip-inbox.ts';
import { createOutbox, type Outbox, toMessages } from './gossip-outbox.ts';
import { createKnownHashes } from './known-hashes.ts';
import { GOSSIP_LIMITS, type GossipLimits } from './limits.ts';
import type { ChannelProtocol } from './port.ts';

export interface GossipParts {
  readonly host: ConsensusHost;
  /** Queues a message on the channel `transactions`; false when it was not taken. */
  readonly send: (peer: string, message: Uint8Array) => boolean;
  readonly peers: () => readonly Peer[];
  readonly blame: (peer: string, code: string) => void;
  /** In [0, 1). */
  readonly random: () => number;
  readonly limits?: Partial<GossipLimits>;
}

export interface Gossip extends ChannelProtocol {
  /** Of its lists, for tests and metrics. */
  sizes(): { readonly inbox: number; readonly outbox: number; readonly known: number };
}

export function createGossip(parts: GossipParts): Gossip {
  const { host, send, blame, random } = parts;
  const limits = { ...GOSSIP_LIMITS, ...parts.limits };
  const known = createKnownHashes(limits.known);
  const inbox = createInbox({ host, limits, known, blame });
  // Of the connected validators alone: others propose nothing.
  const outboxes = new Map<string, Outbox>();
  const validators = new Set<string>();
  let fresh: Uint8Array[] = [];
  let fresh_bytes = 0;
  let stopFlush: (() => void) | undefined;
  let stopAgain: (() => void) | undefined;
  let old = new Set<string>();
  let stopped = false;

  function connect(peer: Peer): void {
    if (!peer.validator || stopped) return;
    validators.add(peer.id);
    const outbox = createOutbox({
      limits,
      waiting: () => host.waiting(),
      send: (message) => send(peer.id, message),
    });
    outboxes.set(peer.id, outbox);
    // It may have lost all it had, or never had it.
    if (host.pending() > 0) outbox.addAll();
    if (outbox.length > 0) flushIn(0);
  }

  function accepted(tx: Uint8Array, from: string | null): void {
    if (stopped) return;
    known.add(bytesToHex(host.hash(tx)));
    watch();
    // Its validator sends it to all itself; where it cannot, this node does when it has waited for a while.
    if (from !== null && validators.has(from)) return;
    fresh.push(tx);
    fresh_bytes += tx.length;
    if (fresh_bytes >= limits.batch_bytes || fresh.length >= limits.batch_txs) flush();
    else flushIn(limits.flush_ms);
  }

  function flushIn(delay_ms: number): void {
    if (stopFlush !== undefined || stopped) return;
    stopFlush = host.clock.setTimer(flush, delay_ms);
  }

  function flush(): void {
    stopFlush?.();
    stopFlush = undefined;
    const batch = fresh;
    fresh = [];
    fresh_bytes = 0;
    const messages = outboxes.size === 0 ? [] : toMessages(batch, limits);
    let left = false;
    for (const outbox of outboxes.values()) {
      for (const message of messages) outbox.add(message);
      if (!outbox.flush()) left = true;
    }
    if (left) flushIn(limits.retry_ms);
  }

  function watch(): void {
    if (stopAgain !== undefined || stopped) return;
    stopAgain = host.clock.setTimer(again, limits.again_ms);
  }

  /** Offers again what waited here already the last time. Of a long backlog not all at once: a part of it from anywhere. */
  function again(): void {
    stopAgain = undefined;
    known.age();
    const waiting = [...host.waiting()];
    const from = Math.floor(random() * waiting.length);
    const stale: Uint8Array[] = [];
    let size_bytes = 0;
    for (let i = 0; i < waiting.length && size_bytes < limits.batch_bytes; i++) {
      const tx = waiting[(from + i) % waiting.length]!;
      if (!old.has(tailOf(tx))) continue;
      stale.push(tx);
      size_bytes += tx.length;
    }
    old = new Set(waiting.map(tailOf));
    for (const message of toMessages(stale, limits)) {
      for (const outbox of outboxes.values()) outbox.add(message);
    }
    if (stale.length > 0) flush();
    if (waiting.length > 0) watch();
  }

  const stopListening = host.onAccepted(accepted);
  for (const peer of parts.peers()) connect(peer);
  if (host.pending() > 0) watch();

  return {
    onConnected: connect,
    onDisconnected(peer) {
      outboxes.delete(peer.id);
      validators.delete(peer.id);
      inbox.forget(peer.id);
    },
    onMessage: (peer, message) => inbox.take(peer.id, message),
    sizes: () => ({
      inbox: inbox.count,
      outbox: [...outboxes.values()].reduce((sum, { length }) => sum + length, 0),
      known: known.size,
    }),
    async stop() {
      stopped = true;
      stopListening();
      stopFlush?.();
      stopAgain?.();
      outboxes.clear();
      await inbox.stop();
    },
  };
}

/** Tells one waiting transaction from another: the end of its signature. To be wrong would cost one needless message. */
function tailOf(tx: Uint8Array): string {
  return bytesToHex(tx.subarray(-16));
}
