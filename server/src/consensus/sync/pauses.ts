// Who has to wait, by name, for a time that no clock prolongs.

import type { NodeClock } from '../../engine/clock.ts';

export interface Pauses {
  begin(name: string, pause_ms: number): void;
  has(name: string): boolean;
  stop(): void;
}

const NAMES_MAX = 1_024;

export function createPauses(clock: NodeClock): Pauses {
  // Begun longest ago first.
  const ends = new Map<string, () => void>();

  function end(name: string): void {
    ends.get(name)?.();
    ends.delete(name);
  }

  return {
    begin(name, pause_ms) {
      end(name);
      if (pause_ms <= 0) return;
      ends.set(
        name,
        clock.setTimer(() => ends.delete(name), pause_ms),
      );
      const oldest = ends.keys().next();
      if (ends.size > NAMES_MAX && oldest.done !== true) end(oldest.value);
    },
    has: (name) => ends.has(name),
    stop() {
      for (const name of [...ends.keys()]) end(name);
    },
  };
}
