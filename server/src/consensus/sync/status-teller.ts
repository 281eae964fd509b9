// Tells each peer where this node stands: at once when it connects, and after blocks not more often than it has use for. An idle chain
// says nothing.

import type { NodeClock } from '../../engine/clock.ts';
import type { Peer } from '../transport/port.ts';
import type { SyncLimits } from './limits.ts';

export interface StatusTeller {
  add(peer: Peer): void;
  remove(id: string): void;
  /** This node stands elsewhere than it said. */
  changed(): void;
  /** This peer, or all, should hear it soon. */
  soon(id?: string): void;
  stop(): void;
}

interface Listener {
  readonly id: string;
  readonly pause_ms: number;
  untold: boolean;
  /** The pause that runs, and whether it is the short one. */
  stopPause: (() => void) | undefined;
  hurried: boolean;
}

export function createStatusTeller(parts: {
  readonly clock: NodeClock;
  readonly limits: SyncLimits;
  readonly status: () => Uint8Array;
  readonly send: (peer: string, message: Uint8Array) => boolean;
}): StatusTeller {
  const { clock, limits, status, send } = parts;
  const listeners = new Map<string, Listener>();

  function tell(listener: Listener): void {
    if (!listener.untold || listener.stopPause !== undefined) return;
    listener.untold = !send(listener.id, status());
    listener.hurried = false;
    pause(listener, listener.pause_ms);
  }

  function pause(listener: Listener, delay_ms: number): void {
    listener.stopPause?.();
    listener.stopPause = clock.setTimer(() => {
      listener.stopPause = undefined;
      tell(listener);
    }, delay_ms);
  }

  function hurry(listener: Listener): void {
    listener.untold = true;
    if (listener.stopPause !== undefined && !listener.hurried) {
      listener.hurried = true;
      pause(listener, Math.min(limits.status_ms, listener.pause_ms));
    }
    tell(listener);
  }

  return {
    add({ id, validator }) {
      listeners.get(id)?.stopPause?.();
      const pause_ms = validator ? limits.statusValidator_ms : limits.status_ms;
      const listener = { id, pause_ms, untold: true, stopPause: undefined, hurried: false };
      listeners.set(id, listener);
      tell(listener);
    },
    remove(id) {
      listeners.get(id)?.stopPause?.();
      listeners.delete(id);
    },
    changed() {
      for (const listener of listeners.values()) {
        listener.untold = true;
        tell(listener);
      }
    },
    soon(id) {
      if (id === undefined) for (const listener of listeners.values()) hurry(listener);
      else {
        const listener = listeners.get(id);
        if (listener !== undefined) hurry(listener);
      }
    },
    stop() {
      for (const { stopPause } of listeners.values()) stopPause?.();
      listeners.clear();
    },
  };
}
