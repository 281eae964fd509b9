// The scope of a recall from the state alone (docs/formats.md §5): every validator computes it anew, so that nobody can leave
// a lot out or put one in. Each lot and link is looked at once; memory is one key a lot.

import { AppError } from '../../errors.ts';
import { RECALL_LOT_READS, RECALL_READS_MAX, RECALL_SCOPE_MAX } from '../../limits.ts';
import { type Lot, lotKey, toLot } from '../lots/lot.ts';
import type { StateReader } from '../types.ts';

export interface LotRef {
  readonly gtin: string;
  readonly lot: string;
}

/** A lot and all its descendants, or with `made` only what was made of it from the n-th dependent on and before the m-th. */
export interface Seed extends LotRef {
  /** `from` counts from 0, where the lot itself is in scope too; `to` is above it. For a lot that was split beyond one scope. */
  readonly made?: { readonly from: number; readonly to: number };
}

export interface ScopeQuery {
  readonly seeds: readonly Seed[];
  /** Also what was made from a direct input of a seed, and all made of that. */
  readonly siblings: boolean;
  /** Also all that the seeds were made from, but not what else was made of it. */
  readonly ancestors: boolean;
}

export interface ScopeWalk {
  /** Lots at most; 100 000 unless given. */
  readonly lots_max?: number;
  /** Called once with each lot in scope. */
  readonly visit?: (lot: Lot) => void;
}

/** Counts what is read of the state and throws `recalls/scope-too-large` beyond RECALL_READS_MAX. */
export function countedReader(state: StateReader): StateReader {
  let reads = 0;
  const count = (more: number): void => {
    reads += more;
    if (reads > RECALL_READS_MAX) throw tooLarge();
  };
  return {
    get(key) {
      count(1);
      return state.get(key);
    },
    charge(more) {
      count(more);
      state.charge?.(more);
    },
  };
}

/**
 * The `lots/…` keys in scope, each once: seeds first, ancestors that are no descendants last. Throws `lots/unknown` for a
 * seed that is no lot and `recalls/scope-too-large` beyond `lots_max`. The reader bounds the work, see `countedReader`.
 */
export function recallScope(
  state: StateReader,
  query: ScopeQuery,
  { lots_max = RECALL_SCOPE_MAX, visit }: ScopeWalk = {},
): string[] {
  const walk = walkScope(state, query, lots_max);
  for (;;) {
    const step = walk.next();
    if (step.done === true) return step.value;
    visit?.(step.value);
  }
}

/** The same a lot at a time, for who has other things to do meanwhile. Yields each lot, returns the keys. Throws as `recallScope`. */
export function* walkScope(
  state: StateReader,
  { seeds, siblings, ancestors }: ScopeQuery,
  lots_max = RECALL_SCOPE_MAX,
): Generator<Lot, string[], void> {
  const down = new Set<string>();
  const up = new Set<string>();
  let count = 0;
  const add = (to: Set<string>, key: string): void => {
    if (to.has(key)) return;
    to.add(key);
    if (!down.has(key) || !up.has(key)) count += 1;
    if (count > lots_max) throw tooLarge();
  };
  const pay = (): void => state.charge?.(RECALL_LOT_READS);
  const read = (key: string): Lot => {
    const value = state.get(key);
    if (value === undefined) throw new Error(`recall scope: ${key} is named and not there`);
    return toLot(value);
  };
  const addDependents = (key: string, lot: Lot): void => {
    for (let n = 0; n < lot.dependents; n++) add(down, dependentOf(state, key, n));
  };

  // Without its dependents, unless it is reached from another seed too.
  const alone = new Set<string>();
  for (const { gtin, lot, made } of seeds) {
    const key = lotKey(gtin, lot);
    if (state.get(key) === undefined) {
      throw new AppError('lots/unknown', 'There is no such lot.', { gtin, lot });
    }
    if (made === undefined) add(down, key);
    if (made?.from === 0) {
      alone.add(key);
      count += 1;
    }
    const last = Math.min(made?.to ?? 0, read(key).dependents);
    for (let n = made?.from ?? 0; n < last; n++) add(down, dependentOf(state, key, n));
  }
  for (const { gtin: g, lot: l } of seeds) {
    if (!siblings && !ancestors) break;
    const seed = lotKey(g, l);
    for (const { gtin, lot } of read(seed).inputs) {
      const input = lotKey(gtin, lot);
      if (ancestors) add(up, input);
      if (siblings) addDependents(input, read(input));
    }
  }
  // A Set hands out what is added while it is walked: it is the queue.
  for (const key of down) {
    const lot = read(key);
    pay();
    yield lot;
    addDependents(key, lot);
  }
  for (const key of alone) {
    if (down.has(key)) continue;
    const lot = read(key);
    pay();
    yield lot;
    down.add(key);
  }
  for (const key of up) {
    const lot = read(key);
    if (!down.has(key)) {
      pay();
      yield lot;
    }
    for (const input of lot.inputs) add(up, lotKey(input.gtin, input.lot));
  }
  for (const key of up) down.add(key);
  return [...down];
}

/** The key of the n-th lot made from the one with this key. */
function dependentOf(state: StateReader, key: string, n: number): string {
  const entry = state.get(`dependents/${key.slice('lots/'.length)}/${n}`);
  if (entry === undefined) throw new Error(`recall scope: dependent ${n} of ${key} is not there`);
  const { gtin, lot } = entry as unknown as LotRef;
  return lotKey(gtin, lot);
}

function tooLarge(): AppError {
  return new AppError(
    'recalls/scope-too-large',
    `The scope is larger than one recall takes (${RECALL_SCOPE_MAX} lots, ${RECALL_READS_MAX} entries); open several with fewer seeds.`,
  );
}
