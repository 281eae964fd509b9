// Messages of peers, each from its own queue in turn: one that floods costs at most its share.

import type { NodeClock } from '../../engine/clock.ts';
import type { Peer } from '../transport/port.ts';
import { INBOX_BYTES_MAX, INBOX_MESSAGES_MAX, MESSAGES_PER_TURN } from './options.ts';

export interface Inbox {
  push(peer: Peer, message: Uint8Array): void;
  forget(peer: Peer): void;
  stop(): void;
  readonly size: number;
}

interface Queue {
  readonly peer: Peer;
  readonly messages: Uint8Array[];
  size_bytes: number;
}

export function createInbox(
  clock: NodeClock,
  handle: (peer: Peer, message: Uint8Array) => void,
): Inbox {
  const queues = new Map<string, Queue>();
  let count = 0;
  let turn_ms = Number.NEGATIVE_INFINITY;
  let left = 0;
  let cancel: (() => void) | undefined;
  let working = false;
  let stopped = false;

  function push(peer: Peer, message: Uint8Array): void {
    if (stopped) return;
    const queue = queues.get(peer.id) ?? { peer, messages: [], size_bytes: 0 };
    if (
      queue.messages.length >= INBOX_MESSAGES_MAX ||
      queue.size_bytes + message.length > INBOX_BYTES_MAX
    ) {
      return;
    }
    queue.messages.push(message);
    queue.size_bytes += message.length;
    queues.set(peer.id, queue);
    count += 1;
    if (cancel === undefined && !working) work();
  }

  function work(): void {
    if (clock.now_ms() !== turn_ms) {
      turn_ms = clock.now_ms();
      left = MESSAGES_PER_TURN;
    }
    working = true;
    while (count > 0 && left > 0 && !stopped) {
      for (const queue of [...queues.values()]) {
        const message = queue.messages.shift();
        if (message === undefined) {
          queues.delete(queue.peer.id);
          continue;
        }
        queue.size_bytes -= message.length;
        count -= 1;
        left -= 1;
        handle(queue.peer, message);
      }
    }
    working = false;
    if (count > 0 && !stopped) cancel = clock.setTimer(resume, 1);
  }

  function resume(): void {
    cancel = undefined;
    left = MESSAGES_PER_TURN;
    work();
  }

  return {
    push,
    forget(peer) {
      count -= queues.get(peer.id)?.messages.length ?? 0;
      queues.delete(peer.id);
    },
    stop() {
      stopped = true;
      cancel?.();
      queues.clear();
      count = 0;
    },
    get size() {
      return count;
    },
  };
}
