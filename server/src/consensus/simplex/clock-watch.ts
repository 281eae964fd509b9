// Whose clock is wrong, as far as the times of fresh proposals tell.

import type { Validator } from '@suyuan/contracts';
import type { NodeLogger } from '../../engine/logger.ts';

export interface ClockNotice {
  readonly code: 'consensus/clock-off';
  /** This machine, or the validator whose clock differs. */
  readonly whose: string;
  /** How far the others (or that validator) are ahead of this machine. */
  readonly ahead_ms: number;
  readonly message: string;
}

export interface ClockWatch {
  /** A proposal came straight from the leader of the frontier's slot: its block is `ahead_ms` ahead of this machine's clock. */
  saw(leader: number, ahead_ms: number): void;
  notice(): ClockNotice | null;
}

/** A block may wait this long in a queue and still be taken for fresh. */
const LATE_MS = 60_000;

export function createClockWatch(parts: {
  readonly validators: readonly Validator[];
  readonly self: number | null;
  readonly timeAhead_ms: number;
  readonly logger: NodeLogger;
}): ClockWatch {
  const { validators, self, timeAhead_ms, logger } = parts;
  const ahead = new Map<number, number>();
  let last: string | null = null;

  function notice(): ClockNotice | null {
    const early = [...ahead].filter(([, ahead_ms]) => ahead_ms > timeAhead_ms);
    const late = [...ahead].filter(([, ahead_ms]) => ahead_ms < -LATE_MS);
    const others = validators.length - (self === null ? 0 : 1);
    for (const off of [early, late]) {
      if (off.length * 2 <= others) continue;
      const ahead_ms = median(off.map(([, value]) => value));
      return {
        code: 'consensus/clock-off',
        whose: 'this machine',
        ahead_ms,
        message: `This machine's clock differs by ${spell(ahead_ms)} from that of the others: set it (NTP).`,
      };
    }
    // One alone could as well be the one that is right.
    const off = [...early, ...late];
    if (off.length * 2 > ahead.size) return null;
    const [leader, ahead_ms] = off[0] ?? [];
    const validator = leader === undefined ? undefined : validators[leader];
    if (validator === undefined || ahead_ms === undefined) return null;
    return {
      code: 'consensus/clock-off',
      whose: validator.id,
      ahead_ms,
      message: `The clock of ${validator.id} differs by ${spell(ahead_ms)} from this machine's: ask it to set it (NTP).`,
    };
  }

  return {
    saw(leader, ahead_ms) {
      ahead.set(leader, ahead_ms);
      const found = notice();
      const whose = found?.whose ?? null;
      if (found !== null && whose !== last) logger.warn({ ...found }, found.message);
      last = whose;
    },
    notice,
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function spell(difference_ms: number): string {
  const seconds = Math.round(Math.abs(difference_ms) / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
