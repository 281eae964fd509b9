// Sweeps over the genealogy. A lot's inputs have smaller numbers than it has, so one pass in the order of the numbers meets
// every lot once, after all through which it was reached: memory is the bitmap of what was met, whatever the graph's shape.

import type { LotGraph } from './graph.ts';
import type { PagedBits } from './paged-bits.ts';

/** Lots in the order of the sweep, with what was made of each. Good until the next is asked for. */
export interface SweptLots {
  readonly lots: Uint32Array;
  readonly made: Float64Array;
}

const CHUNK_LOTS = 512;

/** The seeds and all that was made of them, inputs before outputs. `seeds` becomes the set of all of these. */
export function* sweepDown(graph: LotGraph, seeds: PagedBits): Generator<SweptLots> {
  const lots = new Uint32Array(CHUNK_LOTS);
  const made = new Float64Array(CHUNK_LOTS);
  let filled = 0;
  for (let lot = seeds.next(0); lot >= 0; lot = seeds.next(lot + 1)) {
    made[filled] = graph.addChildren(lot, seeds);
    lots[filled++] = lot;
    if (filled === CHUNK_LOTS) {
      yield { lots, made };
      filled = 0;
    }
  }
  if (filled > 0) yield { lots: lots.subarray(0, filled), made: made.subarray(0, filled) };
}

/** The seeds and all that they were made from, outputs before inputs. `seeds` becomes the set of all of these. */
export function* sweepUp(graph: LotGraph, seeds: PagedBits): Generator<SweptLots> {
  const lots = new Uint32Array(CHUNK_LOTS);
  const made = new Float64Array(CHUNK_LOTS);
  let filled = 0;
  for (
    let lot = seeds.previous(graph.count - 1);
    lot >= 0;
    lot = lot === 0 ? -1 : seeds.previous(lot - 1)
  ) {
    made[filled] = graph.addParents(lot, seeds);
    lots[filled++] = lot;
    if (filled === CHUNK_LOTS) {
      yield { lots, made };
      filled = 0;
    }
  }
  if (filled > 0) yield { lots: lots.subarray(0, filled), made: made.subarray(0, filled) };
}
