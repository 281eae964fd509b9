// What may come out of what goes in: the limits of the outputs' policies, the mark that only its own fruit may carry, and mass
// that never rises. All in whole numbers, exactly (docs/formats.md §5, *policy*).

import { AppError } from '../../errors.ts';
import { type Product, requireProduct } from '../products/product.ts';
import type { StateReader } from '../types.ts';
import type { Taken } from './lineage-writes.ts';
import type { Making } from './new-lot.ts';
import { yieldLimitOf } from './yield-limit.ts';

export interface Output {
  readonly making: Making;
  readonly amount: number;
}

type YieldLimit = NonNullable<ReturnType<typeof yieldLimitOf>>;

const PPM = 1_000_000n;

/** All of one product that comes out, and what the policy gives it if nothing else of its kind came out; millionths. */
interface Bounded extends Output {
  readonly limits: readonly YieldLimit[] | undefined;
  readonly max: bigint;
  readonly min: bigint;
}

/**
 * Throws `lots/foreign-origin` unless what goes into an output with a mark carries the same mark; `lots/no-such-step`,
 * `lots/over-yield` or `lots/under-yield` by the outputs' policies; `lots/needs-policy` or `lots/mass-rises` for what no
 * policy bounds.
 */
export function requirePossible(
  state: StateReader,
  process: string,
  taken: readonly Taken[],
  outputs: readonly Output[],
): void {
  const sources = new Map(taken.map(({ lot }) => [lot.gtin, requireProduct(state, lot.gtin)]));
  const byProduct = new Map<string, Output>();
  for (const { making, amount } of outputs) {
    const sum = (byProduct.get(making.product.gtin)?.amount ?? 0) + amount;
    byProduct.set(making.product.gtin, { making, amount: sum });
  }
  const units = new Set([...sources.values()].map(({ unit }) => unit));
  const groups = new Map<string, Bounded[]>();
  let conserved = 0;
  for (const { making, amount } of byProduct.values()) {
    requireSameMark(making.product, [...sources.values()]);
    const limits = yieldLimits(making, process, taken);
    const sameUnit = units.size === 1 && units.has(making.product.unit);
    if (limits === undefined && !sameUnit) {
      throw new AppError(
        'lots/needs-policy',
        'Amounts of different units compare only by a policy with yields; ask the steward for one.',
        { gtin: making.product.gtin },
      );
    }
    const group = groupOf(making.product);
    groups.set(group, [...(groups.get(group) ?? []), bounded(making, amount, taken, limits)]);
    // A step that may gain, such as soaking, answers for itself; all the others share what goes in.
    const mayGain = limits?.some(({ max_ppm }) => max_ppm > Number(PPM)) === true;
    if (sameUnit && !mayGain) conserved += amount;
  }
  for (const group of groups.values()) {
    if (group.some(({ limits }) => limits !== undefined)) requireWithinYield(group);
  }
  requireNoGain(taken, conserved);
}

/** Outputs of one group are the same part of what goes in under several names: grades, packs. */
function groupOf({ family, mark, policy }: Product): string {
  return family === undefined ? `mark ${mark ?? ''} policy ${policy ?? ''}` : `family ${family}`;
}

function bounded(
  making: Making,
  amount: number,
  taken: readonly Taken[],
  limits: readonly YieldLimit[] | undefined,
): Bounded {
  let max = 0n;
  let min = 0n;
  taken.forEach((input, i) => {
    // What no policy bounds counts, beside what one does, as so much of what goes in.
    max += BigInt(input.amount) * (limits === undefined ? PPM : BigInt(limits[i]?.max_ppm ?? 0));
    min += BigInt(input.amount) * (limits === undefined ? PPM : BigInt(limits[i]?.min_ppm ?? 0));
  });
  return { making, amount, limits, max, min };
}

function requireSameMark(product: Product, sources: readonly Product[]): void {
  if (product.mark === undefined) return;
  const foreign = sources.find(({ mark }) => mark !== product.mark);
  if (foreign === undefined) return;
  throw new AppError(
    'lots/foreign-origin',
    `Only goods of the mark ${product.mark} go into a product of the mark; make a product without it.`,
    { gtin: product.gtin, input: foreign.gtin, mark: product.mark },
  );
}

/** The limit for each input, in their order; undefined where the output's policy bounds no yields. */
function yieldLimits(
  { product, policy }: Making,
  process: string,
  taken: readonly Taken[],
): YieldLimit[] | undefined {
  const yields = policy?.yields;
  if (yields === undefined) return undefined;
  return taken.map(({ lot }) => {
    const limit = yieldLimitOf(yields, {
      process,
      from: lot.gtin,
      to: product.gtin,
      season: lot.season,
    });
    if (limit !== undefined) return limit;
    throw new AppError(
      'lots/no-such-step',
      `The policy ${policy?.id} has no step ${process} from ${lot.gtin} to ${product.gtin}.`,
      { process, from: lot.gtin, to: product.gtin, season: lot.season ?? null },
    );
  });
}

/**
 * The shares of a group, each amount over the most (least) that could come out of it alone, add up to at most (at least) 1. The sum
 * is the fraction `n / d`.
 */
function requireWithinYield(group: readonly Bounded[]): void {
  let [n, d] = [0n, 1n];
  for (const output of group) {
    const most = ((d - n) * output.max) / (d * PPM);
    if (BigInt(output.amount) > most) throw outOfYield('over', output, Number(most));
    n = n * output.max + BigInt(output.amount) * PPM * d;
    d *= output.max;
  }
  if (group.some(({ min }) => min === 0n)) return;
  [n, d] = [0n, 1n];
  let least = 0n;
  for (const { min, amount } of group) {
    least = ((d - n) * min + d * PPM - 1n) / (d * PPM);
    n = n * min + BigInt(amount) * PPM * d;
    d *= min;
  }
  const last = group.at(-1);
  if (n < d && last !== undefined) throw outOfYield('under', last, Number(least));
}

function outOfYield(side: 'over' | 'under', output: Bounded, limit: number): AppError {
  const { making, amount } = output;
  const { product, policy } = making;
  const details = {
    gtin: product.gtin,
    amount,
    [side === 'over' ? 'most' : 'least']: limit,
    policy: policy?.id ?? null,
    version: policy?.version ?? null,
  };
  const by = `of ${product.gtin} by policy ${policy?.id}, beside what else of its family does, not ${amount}`;
  return side === 'over'
    ? new AppError('lots/over-yield', `At most ${limit} can come out ${by}.`, details)
    : new AppError(
        'lots/under-yield',
        `At least ${limit} comes out ${by}; record the rest too.`,
        details,
      );
}

function requireNoGain(taken: readonly Taken[], out: number): void {
  const total = taken.reduce((sum, { amount }) => sum + amount, 0);
  if (out <= total) return;
  throw new AppError('lots/mass-rises', `${out} cannot come out of ${total}; weigh again.`, {
    in: total,
    out,
  });
}
