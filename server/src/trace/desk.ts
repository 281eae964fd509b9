// Traces for callers far away: a few at a time, each over one held moment, in slices that let other work through, as fast as
// the caller takes it and no longer than a held moment may last.

import { Readable } from 'node:stream';
import { AppError } from '@suyuan/contracts';
import type { HeldSnapshot } from '../storage/database.ts';
import { nextTurn } from '../storage/log-levels.ts';

/** LMDB keeps the pages of a held moment: few, and not for long. */
const AT_ONCE_MAX = 8;
const HELD_MS_MAX = 120_000;
const SLICE_MS = 5;
const PIECE_BYTES = 16 * 1024;

export interface TraceDesk {
  /**
   * A stream of what `make` gives over one moment. What `make` throws before its first piece is thrown here; later it breaks the
   * stream. An empty piece is none: other work may have its turn. Throws `http/busy`, `trace/too-slow`.
   */
  open(make: (at: HeldSnapshot) => Iterator<Uint8Array>): Promise<Readable>;
}

export function createTraceDesk(deps: {
  readonly hold: () => HeldSnapshot;
  /** A clock that only moves on. */
  readonly elapsed_ms: () => number;
}): TraceDesk {
  const { elapsed_ms } = deps;
  let running = 0;

  async function* pieces(
    first: IteratorResult<Uint8Array>,
    rest: Iterator<Uint8Array>,
    until_ms: number,
    done: () => void,
  ): AsyncGenerator<Uint8Array> {
    try {
      let slice_ms = elapsed_ms();
      let parts: Uint8Array[] = [];
      let size = 0;
      for (let next = first; next.done !== true; next = rest.next()) {
        parts.push(next.value);
        size += next.value.length;
        const now_ms = elapsed_ms();
        if (size >= PIECE_BYTES) {
          yield Buffer.concat(parts);
          parts = [];
          size = 0;
        }
        assertInTime(until_ms);
        if (now_ms - slice_ms >= SLICE_MS) {
          await nextTurn();
          slice_ms = elapsed_ms();
        }
      }
      if (size > 0) yield Buffer.concat(parts);
    } finally {
      done();
    }
  }

  function assertInTime(until_ms: number): void {
    if (elapsed_ms() <= until_ms) return;
    throw new AppError('trace/too-slow', 'The trace was read too slowly; ask again.');
  }

  async function firstOf(rest: Iterator<Uint8Array>, until_ms: number) {
    let slice_ms = elapsed_ms();
    let first = rest.next();
    while (first.done !== true && first.value.length === 0) {
      assertInTime(until_ms);
      if (elapsed_ms() - slice_ms >= SLICE_MS) {
        await nextTurn();
        slice_ms = elapsed_ms();
      }
      first = rest.next();
    }
    return first;
  }

  return {
    async open(make) {
      if (running >= AT_ONCE_MAX) {
        throw new AppError('http/busy', 'Too many traces run at once; try again in a moment.');
      }
      const held = deps.hold();
      running += 1;
      let open = true;
      const done = (): void => {
        if (!open) return;
        open = false;
        running -= 1;
        held.release();
      };
      try {
        const rest = make(held);
        const until_ms = elapsed_ms() + HELD_MS_MAX;
        const first = await firstOf(rest, until_ms);
        const stream = Readable.from(pieces(first, rest, until_ms, done), { objectMode: false });
        // A stream that is destroyed before it is read never starts its generator.
        stream.once('close', done);
        return stream;
      } catch (error) {
        done();
        throw error;
      }
    },
  };
}
