// The lots of a trace one after another, each with its record, all of one moment.

import { type CborValue, getLot, type Lot } from '@suyuan/contracts';
import type { Snapshot } from '../storage/database.ts';
import { stateReader } from '../storage/state.ts';
import { lotName, lotNameOf, lotNumber } from '../storage/trace-index.ts';
import { openGraph } from './graph.ts';
import { PagedBits } from './paged-bits.ts';
import { refOfName, without } from './scope.ts';
import { sweepDown, sweepUp } from './sweep.ts';

export type TraceDirection = 'down' | 'up' | 'both';
export type TraceRelation = 'seed' | 'ancestor' | 'descendant';

export interface TraceRow {
  readonly relation: TraceRelation;
  readonly record: Lot & { readonly [key: string]: CborValue | undefined };
  /** What the lot was made with that came from lots of the trace; null for a lot that is met on the way up. */
  readonly drawn: number | null;
}

/** Ancestors from the youngest up, then descendants, inputs before outputs; each lot once. Reads as it is asked. A null is no row: other work may have its turn. */
export function* traceRows(
  at: Snapshot,
  seeds: Iterable<number | null>,
  direction: TraceDirection,
): Generator<TraceRow | null> {
  const graph = openGraph(at);
  const state = stateReader(at);
  const asked = new PagedBits();
  for (const seed of seeds) {
    if (seed === null) yield null;
    else asked.add(seed);
  }

  const rowOf = (number: number, relation: TraceRelation, traced?: PagedBits): TraceRow => {
    const { gtin, lot } = refOfName(lotNameOf(at, number));
    const record = getLot(state, gtin, lot);
    if (record === undefined) throw new Error(`trace: lot ${number} has no record`);
    return {
      relation: asked.has(number) ? 'seed' : relation,
      record: record as TraceRow['record'],
      drawn: traced === undefined ? null : drawnFrom(at, record, traced),
    };
  };

  const above = copyOf(asked);
  if (direction !== 'down') {
    for (const { lots } of sweepUp(graph, above)) {
      for (const number of lots) yield rowOf(number, 'ancestor');
    }
  }
  if (direction === 'up') return;
  const below = copyOf(asked);
  for (const swept of sweepDown(graph, below)) {
    const { lots } = direction === 'both' ? without(swept, above) : swept;
    // A whole sweep may be of lots that were met on the way up.
    yield null;
    for (const number of lots) yield rowOf(number, 'descendant', below);
  }
}

function copyOf(bits: PagedBits): PagedBits {
  const copy = new PagedBits();
  for (let n = bits.next(0); n >= 0; n = bits.next(n + 1)) copy.add(n);
  return copy;
}

function drawnFrom(at: Snapshot, lot: Lot, traced: PagedBits): number {
  let drawn = 0;
  for (const { gtin, lot: number, amount } of lot.inputs) {
    const input = lotNumber(at, lotName(gtin, number));
    if (input !== undefined && traced.has(input)) drawn += amount;
  }
  return drawn;
}
