// Rules in versions (docs/formats.md §4): which of them are in force at a height, and what a block must write because an upgrade's
// height has come. A program that lacks a version stops there rather than guess.

import { bytesToHex, equalBytes } from '../encoding/bytes.ts';
import { AppError } from '../errors.ts';
import {
  BASE_VERSION,
  getRules,
  RULES_KEY,
  type RulesRecord,
  rulesToValue,
  type UpgradedModule,
} from './governance/rules-record.ts';
import type { Action, RuleModule, StateReader, StateWrite } from './types.ts';

/** What a program can run. */
export interface RuleRegistry {
  /** Every version of every module; old ones stay for replay. A module that the genesis did not have begins with version 2. */
  readonly modules: readonly RuleModule[];
  /** Blocks between the approval of an upgrade and its height, at least: a part of the rules, the same on every node. */
  readonly noticeBlocks: number;
}

/** The rules in force in one block. */
export interface ActiveRules {
  /** What the header says. */
  readonly version: number;
  readonly modules: ReadonlyMap<string, RuleModule>;
  readonly noticeBlocks: number;
}

/** The rules of a genesis: every module in its first version. */
export function baseRules(registry: RuleRegistry, version: number): ActiveRules {
  return activate(registry, { version, modules: [] });
}

/**
 * The rules of the block at `height` upon `state`, and what this block writes before its transactions: nothing, or the record of the rules
 * with the upgrades whose height has come. Throws `rules/missing-version` with `{module, version, artifact, height}` where this program
 * lacks a version that is in force, `rules/other-artifact` where its own is not the one that was agreed.
 */
export function rulesAt(
  registry: RuleRegistry,
  state: StateReader,
  height: number,
): { active: ActiveRules; writes: StateWrite[] } {
  const record = getRules(state);
  const due = record.next?.filter((entry) => entry.height <= height) ?? [];
  if (due.length === 0) return { active: activate(registry, record), writes: [] };
  const modules = new Map(record.modules.map((entry) => [entry.module, entry]));
  for (const { module, version, artifact, height: from } of due) {
    modules.set(module, { module, version, artifact, height: from });
  }
  const left = record.next?.filter((entry) => entry.height > height) ?? [];
  const next: RulesRecord = {
    version: record.version + 1,
    modules: [...modules.values()].sort((a, b) => (a.module < b.module ? -1 : 1)),
    ...(left.length === 0 ? {} : { next: left }),
  };
  const writes = [{ key: RULES_KEY, value: rulesToValue(next) }];
  return { active: activate(registry, next), writes };
}

function activate(registry: RuleRegistry, record: RulesRecord): ActiveRules {
  const modules = new Map<string, RuleModule>();
  for (const module of registry.modules) {
    if (module.version === BASE_VERSION) modules.set(module.name, module);
  }
  for (const entry of record.modules) modules.set(entry.module, find(registry, entry));
  return { version: record.version, modules, noticeBlocks: registry.noticeBlocks };
}

function find(registry: RuleRegistry, wanted: UpgradedModule): RuleModule {
  const { module: name, version, height } = wanted;
  const artifact = bytesToHex(wanted.artifact);
  const details = { module: name, version, artifact, height };
  const module = registry.modules.find((m) => m.name === name && m.version === version);
  if (module === undefined) {
    throw new AppError(
      'rules/missing-version',
      `From block ${height} on the ledger runs version ${version} of the rules of ${name}, which this program lacks. Start the program whose artifact is ${artifact}.`,
      details,
    );
  }
  if (module.artifact !== undefined && !equalBytes(module.artifact, wanted.artifact)) {
    throw new AppError(
      'rules/other-artifact',
      `Version ${version} of the rules of ${name} is not the one that the consortium agreed on. Start the program whose artifact is ${artifact}.`,
      { ...details, found: bytesToHex(module.artifact) },
    );
  }
  return module;
}

/** Throws `rules/unknown-module` or `rules/unknown-action`, naming what there is. */
export function findActiveAction(
  rules: ActiveRules,
  moduleName: string,
  actionName: string,
): Action {
  const module = rules.modules.get(moduleName);
  if (module === undefined) {
    throw new AppError(
      'rules/unknown-module',
      `There is no such module; there are: ${[...rules.modules.keys()].join(', ')}.`,
    );
  }
  const action = Object.hasOwn(module.actions, actionName) ? module.actions[actionName] : undefined;
  if (action === undefined) {
    throw new AppError(
      'rules/unknown-action',
      `Module ${moduleName} has no such action; it has: ${Object.keys(module.actions).join(', ')}.`,
    );
  }
  return action;
}
