// What goes between the main thread and those that run seeds.

import type { ProfileName } from '../world/profiles.ts';

export interface SeedTask {
  readonly seed: number;
  /** Instead of the scenario that the seed would draw. */
  readonly profile?: ProfileName | undefined;
  /** Keeps the newest events in words. */
  readonly atLength?: boolean;
}

export interface SeedResult {
  readonly seed: number;
  readonly profile: ProfileName;
  /** What the scenario was, for whoever reads a failure. */
  readonly plan: string;
  readonly trace: string;
  readonly steps: number;
  readonly blocks: number;
  readonly violation: { readonly invariant: string; readonly message: string } | undefined;
  readonly lines: readonly string[];
}
