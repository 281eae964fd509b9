// A device's own idea of time: an offset, a rate error and steps, on top of a true clock.

import { AppError } from '@suyuan/contracts';
import type { Clock } from './clock.ts';

export interface ClockError {
  /** Added from the start. */
  readonly offset_ms?: number;
  /** Parts per million: +50 gains 4.3 s a day, about the worst of an uncompensated 32 kHz crystal. */
  readonly drift_ppm?: number;
  /** Jumps, at moments of the true clock, as a battery change or a wrong setting makes them. */
  readonly steps?: readonly { readonly at_ms: number; readonly by_ms: number }[];
}

/** More than this is not drift but a broken clock: use `steps`. */
const DRIFT_PPM_MAX = 100_000;

/** A clock that is wrong by `error`; drift counts from the moment of this call. Throws `clock/bad-error`. */
export function createDriftingClock(base: Clock, error: ClockError): Clock {
  const drift_ppm = error.drift_ppm ?? 0;
  const offset_ms = error.offset_ms ?? 0;
  const steps = [...(error.steps ?? [])];
  const numbers = [drift_ppm, offset_ms, ...steps.flatMap((step) => [step.at_ms, step.by_ms])];
  if (!numbers.every(Number.isFinite) || Math.abs(drift_ppm) > DRIFT_PPM_MAX) {
    throw new AppError(
      'clock/bad-error',
      `give offset_ms, drift_ppm (at most ±${DRIFT_PPM_MAX}) and steps as finite numbers`,
    );
  }
  const start_ms = base.now_ms();
  return {
    now_ms: () => {
      const true_ms = base.now_ms();
      let now_ms = true_ms + offset_ms + ((true_ms - start_ms) * drift_ppm) / 1_000_000;
      for (const step of steps) if (true_ms >= step.at_ms) now_ms += step.by_ms;
      return Math.round(now_ms);
    },
  };
}
