// What a benchmark is: it measures a thing and, in the same run, the limit that the thing cannot pass.

import type { SuiteName } from '@suyuan/contracts';

export interface BenchOptions {
  /** Shorter runs, at most 40 s in all: the figures are rougher. */
  readonly quick: boolean;
  /** How large the data is, where the benchmark has a choice; its own sizes unless given. */
  readonly lots?: number;
  /** Which signatures, where the benchmark has a part for each. */
  readonly suites: readonly SuiteName[];
  /** For a person who waits. */
  readonly say: (line: string) => void;
}

/** A row of docs/benchmarks.md. */
export interface BenchRow {
  readonly what: string;
  readonly figure: string;
  /** The limit or the peer that was measured beside it. */
  readonly beside: string;
  readonly floor: string;
  /** Undefined where there is no floor. */
  readonly met: boolean | undefined;
}

export interface BenchReport {
  /** Printed as the last line. */
  readonly json: { readonly bench: string } & Readonly<Record<string, unknown>>;
  readonly rows: readonly BenchRow[];
}

/** Rejects when it could not measure, or when what was measured was not done right. */
export type Bench = (options: BenchOptions) => Promise<BenchReport>;

export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}
