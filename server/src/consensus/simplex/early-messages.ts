// What peers say about an epoch that has not begun here: they committed the last block of this one a moment earlier.

import type { Peer } from '../transport/port.ts';
import { EARLY_BYTES_MAX, EARLY_MESSAGES_MAX } from './options.ts';

export interface EarlyMessage {
  readonly peer: Peer;
  readonly epoch: number;
  readonly message: Uint8Array;
}

export interface EarlyMessages {
  /** Dropped when the peer has said too much already: it says it again. */
  add(peer: Peer, epoch: number, message: Uint8Array): void;
  /** All that was said about this epoch, in the order of its coming; the rest is forgotten. */
  take(epoch: number): readonly EarlyMessage[];
  forget(peer: Peer): void;
  readonly size: number;
}

export function createEarlyMessages(): EarlyMessages {
  let messages: EarlyMessage[] = [];

  return {
    add(peer, epoch, message) {
      const own = messages.filter((early) => early.peer.id === peer.id);
      const size_bytes = own.reduce((sum, early) => sum + early.message.length, 0);
      if (own.length >= EARLY_MESSAGES_MAX || size_bytes + message.length > EARLY_BYTES_MAX) return;
      messages.push({ peer, epoch, message });
    },
    take(epoch) {
      const found = messages.filter((early) => early.epoch === epoch);
      messages = [];
      return found;
    },
    forget(peer) {
      messages = messages.filter((early) => early.peer.id !== peer.id);
    },
    get size() {
      return messages.length;
    },
  };
}
