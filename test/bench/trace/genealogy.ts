// A genealogy as a valley of growers and packers makes it: harvests, merged fruit, dried peel, mixes of many years' stock, bags,
// packs. The same for the same number of lots.

export interface BenchLot {
  /** In order of making, from 0. */
  readonly number: number;
  readonly stage: Stage;
  readonly made: number;
  readonly inputs: readonly BenchInput[];
}

export interface BenchInput {
  readonly number: number;
  readonly stage: Stage;
  readonly amount: number;
}

const STAGES = ['harvest', 'merge', 'dry', 'mix', 'bag', 'pack'] as const;
export type Stage = (typeof STAGES)[number];

/** One day of the valley. Ratios follow the trade; three lots of four are packs. */
const DAY = { harvests: 20, merges: 10, mixes: 4, packings: 10 };
/** How far back each kind of draw reaches, in lots of the stage: fruit keeps for days, dried peel for years. */
const REACH = { harvest: 60, dry: 4000, mix: 4, bag: 200 };
const SEED = 20_260_101;

export function gtinOf(stage: Stage): string {
  return `0690123450${STAGES.indexOf(stage)}004`;
}

export function lotTextOf(stage: Stage, number: number): string {
  return `${stage[0]}${number.toString(36)}`;
}

/** A generator of numbers below 2^32 that is the same on every run. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

interface Kept {
  readonly number: number;
  readonly made: number;
}

/** `count` lots, each after its inputs. */
export function* genealogy(count: number): Generator<BenchLot> {
  const random = mulberry(SEED);
  const between = (least: number, most: number): number => least + (random() % (most - least + 1));
  const stock = new Map<Stage, Kept[]>(STAGES.map((stage) => [stage, []]));
  let next = 0;

  /** Some of the latest lots of a stage, each once. */
  function draw(stage: keyof typeof REACH, wanted: number): BenchInput[] {
    const kept = stock.get(stage) ?? [];
    const drawn = new Map<number, BenchInput>();
    for (let i = 0; i < wanted && kept.length > 0; i++) {
      const lot = kept[random() % kept.length];
      if (lot !== undefined) drawn.set(lot.number, { stage, number: lot.number, amount: lot.made });
    }
    return [...drawn.values()];
  }

  function make(stage: Stage, made: number, inputs: readonly BenchInput[]): BenchLot {
    const number = next++;
    const kept = stock.get(stage) ?? [];
    kept.push({ number, made });
    const reach = (REACH as Partial<Record<Stage, number>>)[stage] ?? 1;
    // Old ones are forgotten in bulk: moving the list for each would cost more than all else.
    if (kept.length >= 2 * reach) kept.splice(0, kept.length - reach);
    return { number, stage, made, inputs };
  }

  const all = (lot: BenchLot): BenchInput => ({
    stage: lot.stage,
    number: lot.number,
    amount: lot.made,
  });

  while (next < count) {
    for (let i = 0; i < DAY.harvests; i++) yield make('harvest', between(200_000, 900_000), []);
    for (let i = 0; i < DAY.merges; i++) {
      const merged = make('merge', 2_000_000, draw('harvest', between(3, 8)));
      yield merged;
      yield make('dry', 100_000, [all(merged)]);
    }
    for (let i = 0; i < DAY.mixes; i++) {
      const mix = make('mix', 300_000, draw('dry', between(2, 6)));
      yield mix;
      for (let bag = between(8, 16); bag > 0; bag--) yield make('bag', 20_000, [all(mix)]);
    }
    for (let i = 0; i < DAY.packings; i++) {
      const bags = draw('bag', between(1, 2));
      for (let pack = between(20, 40); pack > 0; pack--) yield make('pack', 250, bags);
    }
  }
}

/** The first `count` lots of it. */
export function* firstLots(count: number): Generator<BenchLot> {
  let left = count;
  for (const lot of genealogy(count)) {
    if (left-- === 0) return;
    yield lot;
  }
}
