// Lots of a trace in portions over one held moment of the ledger, for exports: as slowly as the caller reads, for a bounded time.

import { AppError, type Lot, type StateReader } from '@suyuan/contracts';
import type { HeldSnapshot } from '../storage/database.ts';
import { readHead } from '../storage/head.ts';
import { nextTurn } from '../storage/log-levels.ts';
import { stateReader } from '../storage/state.ts';
import { type TraceDirection, traceRows } from '../trace/rows.ts';
import type { LotRef } from '../trace/scope.ts';
import { seedsOf } from '../trace/sources.ts';
import { AT_ONCE_MAX, HELD_MS_MAX, LOTS_AT_ONCE, LOTS_MAX } from './limits.ts';
import { tooMany } from './lot-events.ts';

export interface HeldLots {
  readonly height: number;
  readonly time_ms: number;
  readonly state: StateReader;
  /** To be read once. Throws `exports/too-slow` or `exports/too-large`. */
  readonly portions: AsyncGenerator<readonly Lot[]>;
  /** Gives the moment back; again does nothing. */
  release(): void;
}

export interface LotDesk {
  /** Throws `trace/unknown` or `http/busy`. */
  open(lot: LotRef, direction: TraceDirection): HeldLots;
}

export function createLotDesk(deps: {
  readonly hold: () => HeldSnapshot;
  /** A clock that only moves on. */
  readonly elapsed_ms: () => number;
}): LotDesk {
  let running = 0;

  return {
    open(lot, direction) {
      if (running >= AT_ONCE_MAX) {
        throw new AppError('http/busy', 'Too many exports run at once; try again in a moment.');
      }
      const at = deps.hold();
      running += 1;
      let open = true;
      const release = (): void => {
        if (!open) return;
        open = false;
        running -= 1;
        at.release();
      };
      try {
        const rows = traceRows(at, seedsOf(at, { kind: 'lot', ...lot }), direction);
        // An unknown lot is told before anything is sent.
        const first = rows.next();
        const head = readHead(at);
        const until_ms = deps.elapsed_ms() + HELD_MS_MAX;
        return {
          height: head?.height ?? 0,
          time_ms: head?.time_ms ?? 0,
          state: stateReader(at),
          portions: portions(first, rows, () => open && deps.elapsed_ms() < until_ms),
          release,
        };
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

async function* portions(
  first: IteratorResult<{ readonly record: Lot } | null>,
  rest: Iterator<{ readonly record: Lot } | null>,
  mayRead: () => boolean,
): AsyncGenerator<readonly Lot[]> {
  let portion: Lot[] = [];
  let lots = 0;
  for (let next = first; next.done !== true; next = rest.next()) {
    if (next.value === null) continue;
    lots += 1;
    if (lots > LOTS_MAX) throw tooMany('lots', LOTS_MAX);
    portion.push(next.value.record);
    if (portion.length < LOTS_AT_ONCE) continue;
    yield portion;
    portion = [];
    await nextTurn();
    if (!mayRead()) {
      throw new AppError('exports/too-slow', 'The export was read too slowly; ask again.');
    }
  }
  if (portion.length > 0) yield portion;
}
