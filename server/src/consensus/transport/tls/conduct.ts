// What peers did wrong, by the names of their keys. Faults are forgotten with time; too many at once keep a peer out for a while.

import type { NodeClock } from '../../../engine/clock.ts';
import type { PeerLimits } from './limits.ts';
import { Buckets } from './quota.ts';

const KEYS_MAX = 1024;

export interface Conduct {
  /** Counts a fault. True when it was one too many: the key is kept out from now on. */
  fault(name: string, weight?: number): boolean;
  isKeptOut(name: string): boolean;
  stop(): void;
}

export function createConduct(clock: NodeClock, limits: PeerLimits): Conduct {
  const { faults, faultLife_ms, cooldown_ms } = limits;
  const counted = new Buckets(faults, 1 / faultLife_ms, KEYS_MAX);
  const keptOut = new Map<string, () => void>();

  function keepOut(name: string): void {
    keptOut.get(name)?.();
    keptOut.delete(name);
    keptOut.set(
      name,
      clock.setTimer(() => keptOut.delete(name), cooldown_ms),
    );
    if (keptOut.size <= KEYS_MAX) return;
    const [oldest, cancel] = keptOut.entries().next().value ?? [];
    cancel?.();
    if (oldest !== undefined) keptOut.delete(oldest);
  }

  return {
    fault(name, weight = 1) {
      for (let i = 0; i < weight; i++) {
        if (counted.allow(name, clock.now_ms())) continue;
        keepOut(name);
        return true;
      }
      return false;
    },
    isKeptOut: (name) => keptOut.has(name),
    stop() {
      for (const cancel of keptOut.values()) cancel();
      keptOut.clear();
    },
  };
}
