// Which entry of a policy bounds one input of a step (docs/formats.md §5, *policy*). Rules and verifier ask the same function.

import type { YieldLimit } from '../policies/policy.ts';

export interface Step {
  readonly process: string;
  /** GTIN of the input and of the output. */
  readonly from: string;
  readonly to: string;
  /** Of the input lot. */
  readonly season: string | undefined;
}

/**
 * The entry of the input's season, else the one without a season; undefined where there is none. An input that has lost its season,
 * by mixing, is held to the lowest of all entries of the step: mixing must not be a way round a poor year.
 */
export function yieldLimitOf(
  yields: readonly YieldLimit[],
  { process, from, to, season }: Step,
): Pick<YieldLimit, 'min_ppm' | 'max_ppm'> | undefined {
  const steps = yields.filter(
    (step) => step.process === process && step.from === from && step.to === to,
  );
  if (season === undefined && steps.length > 0) {
    return {
      min_ppm: Math.min(...steps.map(({ min_ppm }) => min_ppm)),
      max_ppm: Math.min(...steps.map(({ max_ppm }) => max_ppm)),
    };
  }
  return (
    steps.find((step) => step.season !== undefined && step.season === season) ??
    steps.find((step) => step.season === undefined)
  );
}
