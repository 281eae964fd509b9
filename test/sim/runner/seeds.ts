// Many seeds over the threads of the machine, and what came of them.

import { bundle, type Patch } from './bundle.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { createPool } from './pool.ts';
import type { SeedResult, SeedTask } from './types.ts';

export interface SeedsOptions {
  readonly from: number;
  readonly seeds: number;
  readonly threads: number;
  readonly profile?: SeedTask['profile'];
  readonly patches?: readonly Patch[];
  /** Ends at the first violation. */
  readonly untilFirst?: boolean;
  readonly name: string;
  readonly onResult?: (result: SeedResult) => void;
}

export interface SeedsSummary {
  readonly seeds: number;
  readonly violations: readonly SeedResult[];
  readonly steps: number;
  readonly blocks: number;
}

export async function runSeeds(options: SeedsOptions): Promise<SeedsSummary> {
  const { from, threads, profile, untilFirst = false } = options;
  const path = await bundle(options.name, options.patches ?? []);
  const pool = createPool(path, threads);
  const violations: SeedResult[] = [];
  let [next, seeds, steps, blocks] = [from, 0, 0, 0];
  async function worker(): Promise<void> {
    while (next < from + options.seeds && !(untilFirst && violations.length > 0)) {
      const seed = next++;
      const result = await pool.run({ seed, profile });
      seeds += 1;
      steps += result.steps;
      blocks += result.blocks;
      if (result.violation !== undefined) violations.push(result);
      options.onResult?.(result);
    }
  }
  await Promise.all(Array.from({ length: threads }, worker));
  const told = await Promise.all(
    violations
      .sort((a, b) => a.seed - b.seed)
      .slice(0, TOLD_MAX)
      .map(({ seed, violation, trace, ...rest }) =>
        untilFirst || violation?.invariant === 'ends'
          ? { seed, violation, trace, ...rest }
          : pool.run({ seed, profile, atLength: true }),
      ),
  );
  await pool.close();
  return { seeds, violations: [...told, ...violations.slice(TOLD_MAX)], steps, blocks };
}

/** So many failures are told at length. */
const TOLD_MAX = 3;

export interface MutantResult {
  readonly mutant: Mutant;
  readonly caughtBy: SeedResult | undefined;
  /** The code without the bug fails the same seed: what was caught is not the mutant. */
  readonly control: SeedResult | undefined;
  readonly seeds: number;
  /** It could not be made: the code has changed under it. */
  readonly error?: string;
}

/** Each mutant against fresh seeds until one of them shows it, which the code without the bug must stand. */
export async function runMutants(
  options: { readonly seeds: number; readonly threads: number; readonly only?: string | undefined },
  onResult: (result: MutantResult) => void,
): Promise<readonly MutantResult[]> {
  const results: MutantResult[] = [];
  const sound = createPool(await bundle('sound'), options.threads);
  const wanted = new RegExp(options.only ?? '');
  const left = MUTANTS.filter(({ name }) => wanted.test(name)).map((mutant, i) => ({
    mutant,
    i,
  }));
  async function worker(): Promise<void> {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const { mutant, i } = one;
      const { patches, profile } = mutant;
      const found = await runSeeds({
        name: `mutant-${i}`,
        from: 1,
        seeds: options.seeds,
        threads: 1,
        profile,
        patches,
        untilFirst: true,
      }).catch((error: unknown) => ({ violations: [], seeds: 0, error: String(error) }));
      const [first] = found.violations;
      const again =
        first === undefined ? undefined : await sound.run({ seed: first.seed, profile });
      const control = again?.violation === undefined ? undefined : again;
      const caughtBy = control === undefined ? first : undefined;
      const result = { mutant, caughtBy, control, seeds: found.seeds };
      results.push(result);
      onResult(result);
    }
  }
  await Promise.all(Array.from({ length: options.threads }, worker));
  await sound.close();
  return results;
}
