// What may come out of what goes in: the limits of the outputs' policies, the mark that only its own fruit may carry, and mass
// that never rises. All in whole numbers, exactly (docs/formats.md §5, *policy*).

import { AppError } from '../../errors.ts';
import type { YieldLimit } from '../policies/policy.ts';
import { type Product, requireProduct } from '../products/product.ts';
import type { StateReader } from '../types.ts';
import type { Taken } from './lineage-writes.ts';
import type { Making } from './new-lot.ts';

export interface Output {
  readonly making: Making;
  readonly amount: number;
}

const PPM = 1_000_000n;

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
  const byProduct = new Map<string, { making: Making; amount: number }>();
  for (const { making, amount } of outputs) {
    const sum = (byProduct.get(making.product.gtin)?.amount ?? 0) + amount;
    byProduct.set(making.product.gtin, { making, amount: sum });
  }
  let conserved = 0;
  const units = new Set([...sources.values()].map(({ unit }) => unit));
  for (const { making, amount } of byProduct.values()) {
    requireSameMark(making.product, [...sources.values()]);
    const limits = yieldLimits(making, process, taken);
    if (limits !== undefined) requireWithinYield(making, taken, limits, amount);
    const sameUnit = units.size === 1 && units.has(making.product.unit);
    if (limits === undefined && !sameUnit) {
      throw new AppError(
        'lots/needs-policy',
        'Amounts of different units compare only by a policy with yields; ask the steward for one.',
        { gtin: making.product.gtin },
      );
    }
    // A step that may gain, such as soaking, answers for itself; all the others share what goes in.
    const mayGain = limits?.some(({ max_ppm }) => max_ppm > Number(PPM)) === true;
    if (sameUnit && !mayGain) conserved += amount;
  }
  requireNoGain(taken, conserved);
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
    const steps = yields.filter(
      (step) => step.process === process && step.from === lot.gtin && step.to === product.gtin,
    );
    const limit =
      steps.find(({ season }) => season !== undefined && season === lot.season) ??
      steps.find(({ season }) => season === undefined);
    if (limit !== undefined) return limit;
    throw new AppError(
      'lots/no-such-step',
      `The policy ${policy?.id} has no step ${process} from ${lot.gtin} to ${product.gtin}.`,
      { process, from: lot.gtin, to: product.gtin, season: lot.season ?? null },
    );
  });
}

function requireWithinYield(
  { product, policy }: Making,
  taken: readonly Taken[],
  limits: readonly YieldLimit[],
  amount: number,
): void {
  let max = 0n;
  let min = 0n;
  taken.forEach((input, i) => {
    max += BigInt(input.amount) * BigInt(limits[i]?.max_ppm ?? 0);
    min += BigInt(input.amount) * BigInt(limits[i]?.min_ppm ?? 0);
  });
  const details = {
    gtin: product.gtin,
    amount,
    most: Number(max / PPM),
    least: Number((min + PPM - 1n) / PPM),
    policy: policy?.id ?? null,
    version: policy?.version ?? null,
  };
  if (BigInt(amount) * PPM > max) {
    throw new AppError(
      'lots/over-yield',
      `At most ${details.most} can come out of this by policy ${policy?.id}, not ${amount}.`,
      details,
    );
  }
  if (BigInt(amount) * PPM < min) {
    throw new AppError(
      'lots/under-yield',
      `At least ${details.least} comes out of this by policy ${policy?.id}, not ${amount}; record the rest too.`,
      details,
    );
  }
}

function requireNoGain(taken: readonly Taken[], out: number): void {
  const total = taken.reduce((sum, { amount }) => sum + amount, 0);
  if (out <= total) return;
  throw new AppError('lots/mass-rises', `${out} cannot come out of ${total}; weigh again.`, {
    in: total,
    out,
  });
}
