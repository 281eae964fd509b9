// What one peer is still to be sent of the transactions: messages made for all, and what waits in the mempool when it comes to
// that. Nothing is forgotten before the transport took it.

import { encodeCbor } from '@suyuan/contracts';
import type { GossipLimits } from './limits.ts';

export interface Outbox {
  add(message: Uint8Array): void;
  /** Everything that waits here, in place of what was still to be sent. */
  addAll(): void;
  /** Sends as much as is taken. True when nothing is left. */
  flush(): boolean;
  readonly length: number;
}

export function createOutbox(parts: {
  readonly limits: GossipLimits;
  readonly waiting: () => Iterable<Uint8Array>;
  readonly send: (message: Uint8Array) => boolean;
}): Outbox {
  const { limits, waiting, send } = parts;
  let messages: Uint8Array[] = [];
  // References to what the mempool holds: bounded by the mempool.
  let backlog: readonly Uint8Array[] = [];
  let at = 0;
  let everything = false;

  function flushBacklog(): boolean {
    if (everything) {
      everything = false;
      backlog = [...waiting()];
      at = 0;
    }
    while (at < backlog.length) {
      const next = batchEnd(backlog, at, limits);
      if (!send(encodeCbor(backlog.slice(at, next)))) return false;
      at = next;
    }
    backlog = [];
    at = 0;
    return true;
  }

  return {
    add(message) {
      if (everything) return;
      if (messages.length >= limits.outbox_messages) {
        messages = [];
        everything = true;
        return;
      }
      messages.push(message);
    },
    addAll() {
      messages = [];
      everything = true;
    },
    flush() {
      if (!flushBacklog()) return false;
      while (messages[0] !== undefined) {
        if (!send(messages[0])) return false;
        messages.shift();
      }
      return true;
    },
    get length() {
      return messages.length + (backlog.length - at) + (everything ? 1 : 0);
    },
  };
}

/** Messages of at most so many bytes and transactions, in order. */
export function toMessages(txs: readonly Uint8Array[], limits: GossipLimits): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < txs.length; ) {
    const next = batchEnd(txs, at, limits);
    messages.push(encodeCbor(txs.slice(at, next)));
    at = next;
  }
  return messages;
}

function batchEnd(txs: readonly Uint8Array[], from: number, limits: GossipLimits): number {
  let size_bytes = 0;
  let end = from;
  while (end < txs.length && end - from < limits.batch_txs && size_bytes < limits.batch_bytes) {
    size_bytes += txs[end]!.length + 5;
    end += 1;
  }
  return end;
}
