// Which versions of which modules are in force, and what will be (docs/formats.md §5).

import type { CborObject } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { StateReader } from '../types.ts';

export const RULES_KEY = 'rules';

/** The version that every module of the genesis has. */
export const BASE_VERSION = 1;

export interface UpgradedModule {
  readonly module: string;
  readonly version: number;
  /** 32 bytes: SHA-256 of what the consortium agreed to run. */
  readonly artifact: Uint8Array;
  /** Of the first block under it. */
  readonly height: number;
}

export interface PendingUpgrade extends UpgradedModule {
  /** The proposal that was approved. */
  readonly proposal: string;
}

/** The record under `rules`. */
export interface RulesRecord {
  /** What headers say: that of the genesis, one more for every block in which an upgrade takes effect. */
  readonly version: number;
  /** Those above BASE_VERSION, by name. */
  readonly modules: readonly UpgradedModule[];
  /** Approved, by height; absent when none. */
  readonly next?: readonly PendingUpgrade[];
}

export function rulesToValue(record: RulesRecord): CborObject {
  return record as unknown as CborObject;
}

/** Throws `rules/no-record` where the state holds none. */
export function getRules(state: StateReader): RulesRecord {
  const value = state.get(RULES_KEY);
  if (value === undefined) {
    throw new AppError(
      'rules/no-record',
      'The state does not say which rules are in force: it does not begin with a genesis of these rules.',
    );
  }
  return value as unknown as RulesRecord;
}

/** The version of a module in force. */
export function versionOf(record: RulesRecord, module: string): number {
  return record.modules.find((entry) => entry.module === module)?.version ?? BASE_VERSION;
}
