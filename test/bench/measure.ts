// Rates on a machine that others use too: short rounds, taken in turns by all that is compared, and the median of each.

/** Turns between two looks at the clock. */
const TURNS = 16;

/** Runs of `run` a second, one after another, over about `time_ms`. */
export function rateOf(run: (turn: number) => void, time_ms: number): number {
  const start = performance.now();
  let turn = 0;
  let elapsed_ms = 0;
  while (elapsed_ms < time_ms) {
    for (let i = 0; i < TURNS; i += 1) run(turn + i);
    turn += TURNS;
    elapsed_ms = performance.now() - start;
  }
  return (turn / elapsed_ms) * 1000;
}

/** As `rateOf` for a run that ends later, `atOnce` of them at the same time. */
export async function rateOfAsync(
  run: (turn: number) => Promise<void>,
  atOnce: number,
  time_ms: number,
): Promise<number> {
  const start = performance.now();
  let turn = 0;
  async function lane(): Promise<void> {
    while (performance.now() - start < time_ms) {
      turn += 1;
      await run(turn - 1);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane));
  return (turn / (performance.now() - start)) * 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError('median of nothing');
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The median of each figure over `rounds` rounds, in which all of them take turns. */
export async function inTurns<Name extends string>(
  figures: Readonly<Record<Name, () => number | Promise<number>>>,
  rounds: number,
): Promise<Record<Name, number>> {
  const names = Object.keys(figures) as Name[];
  const seen = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) seen.get(name)?.push(await figures[name]());
  }
  const medians = names.map((name) => [name, median(seen.get(name) ?? [])] as const);
  return Object.fromEntries(medians) as Record<Name, number>;
}
