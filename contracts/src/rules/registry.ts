// The modules of the ledger. RULES_VERSION is in every header: a change of any rule raises it.

import { AppError } from '../errors.ts';
import { accounts } from './accounts/module.ts';
import { anchors } from './anchors/module.ts';
import { batch } from './batch/module.ts';
import { cases } from './cases/module.ts';
import { custody } from './custody/module.ts';
import { devices } from './devices/module.ts';
import { documents } from './documents/module.ts';
import { labels } from './labels/module.ts';
import { lots } from './lots/module.ts';
import { places } from './places/module.ts';
import { policies } from './policies/module.ts';
import { products } from './products/module.ts';
import { quotas } from './quotas/module.ts';
import { recalls } from './recalls/module.ts';
import type { Action, RuleModule } from './types.ts';

export const RULES_VERSION = 2;

export const RULE_MODULES: readonly RuleModule[] = [
  accounts,
  places,
  devices,
  policies,
  products,
  quotas,
  documents,
  lots,
  custody,
  cases,
  labels,
  recalls,
  anchors,
  batch,
];

const BY_NAME: ReadonlyMap<string, RuleModule> = new Map(
  RULE_MODULES.map((module) => [module.name, module]),
);

/** Throws `rules/unknown-module` or `rules/unknown-action`, naming what there is. */
export function findAction(moduleName: string, actionName: string): Action {
  const module = BY_NAME.get(moduleName);
  if (module === undefined) {
    throw new AppError(
      'rules/unknown-module',
      `There is no such module; there are: ${[...BY_NAME.keys()].join(', ')}.`,
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
