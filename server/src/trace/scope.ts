// The scope of a recall (docs/formats.md §5): the seeds and all that was made of them; on request what shares a direct input
// with a seed, and all made of that; on request all that the seeds were made from, but not what else was made of it.

import type { Snapshot } from '../storage/database.ts';
import { lotName, lotNameOf, lotNumber } from '../storage/trace-index.ts';
import { type LotGraph, openGraph } from './graph.ts';
import { PagedBits } from './paged-bits.ts';
import { type SweptLots, sweepDown, sweepUp } from './sweep.ts';

export interface LotRef {
  readonly gtin: string;
  readonly lot: string;
}

export interface ScopeOptions {
  /** What was made of the seeds: unless false. */
  readonly descendants?: boolean;
  readonly ancestors?: boolean;
  readonly siblings?: boolean;
}

/** The numbers in scope, each once: ancestors from the youngest up, then the seeds and the rest, inputs before outputs. */
export function* sweepScope(
  graph: LotGraph,
  seeds: Iterable<number>,
  { descendants = true, ancestors = false, siblings = false }: ScopeOptions = {},
): Generator<SweptLots> {
  const down = new PagedBits();
  for (const seed of seeds) down.add(seed);
  const above = new PagedBits();
  if (ancestors) {
    for (let lot = down.next(0); lot >= 0; lot = down.next(lot + 1)) above.add(lot);
  }
  if (siblings) addSiblings(graph, down);
  if (!ancestors) {
    yield* sweepDown(graph, down);
    return;
  }
  yield* sweepUp(graph, above);
  if (!descendants) return;
  for (const swept of sweepDown(graph, down)) {
    const fresh = without(swept, above);
    if (fresh.lots.length > 0) yield fresh;
  }
}

function addSiblings(graph: LotGraph, seeds: PagedBits): void {
  const inputs = new PagedBits();
  for (let lot = seeds.next(0); lot >= 0; lot = seeds.next(lot + 1)) graph.addParents(lot, inputs);
  for (let lot = inputs.next(0); lot >= 0; lot = inputs.next(lot + 1)) {
    graph.addChildren(lot, seeds);
  }
}

/** What of `swept` is not in `known`. */
export function without(swept: SweptLots, known: PagedBits): SweptLots {
  const { lots, made } = swept;
  let kept = 0;
  for (let i = 0; i < lots.length; i++) {
    const lot = lots[i]!;
    if (known.has(lot)) continue;
    lots[kept] = lot;
    made[kept++] = made[i]!;
  }
  return { lots: lots.subarray(0, kept), made: made.subarray(0, kept) };
}

/** The lots in scope, read as they are asked for. Seeds that are no lots of this moment are passed over. */
export function* scopeOf(
  at: Snapshot,
  seeds: Iterable<LotRef>,
  options: ScopeOptions = {},
): Generator<LotRef> {
  const graph = openGraph(at);
  for (const { lots } of sweepScope(graph, numbersOf(at, seeds), options)) {
    for (const number of lots) yield refOfName(lotNameOf(at, number));
  }
}

export function* numbersOf(at: Snapshot, lots: Iterable<LotRef>): Generator<number> {
  for (const { gtin, lot } of lots) {
    const number = lotNumber(at, lotName(gtin, lot));
    if (number !== undefined) yield number;
  }
}

const GTIN_CHARS = 14;

export function refOfName(name: string): LotRef {
  return { gtin: name.slice(0, GTIN_CHARS), lot: decodeURIComponent(name.slice(GTIN_CHARS + 1)) };
}
