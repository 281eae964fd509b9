// The modules of the ledger, in every version that this program can run. RULES_VERSION is what the genesis and the first headers say.

import { UPGRADE_NOTICE_BLOCKS } from '../limits.ts';
import { accounts } from './accounts/module.ts';
import { anchors } from './anchors/module.ts';
import { batch } from './batch/module.ts';
import { cases } from './cases/module.ts';
import { custody } from './custody/module.ts';
import { devices } from './devices/module.ts';
import { documents } from './documents/module.ts';
import { governance } from './governance/module.ts';
import { labels } from './labels/module.ts';
import { lots } from './lots/module.ts';
import { places } from './places/module.ts';
import { policies } from './policies/module.ts';
import { products } from './products/module.ts';
import { quotas } from './quotas/module.ts';
import { recalls } from './recalls/module.ts';
import type { Action, RuleModule } from './types.ts';
import { type ActiveRules, baseRules, findActiveAction, type RuleRegistry } from './versions.ts';

export const RULES_VERSION = 3;

/** Every version that there is: one that was replaced stays, for blocks are executed again. */
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
  governance,
];

/** What this program can run. */
export const RULE_REGISTRY: RuleRegistry = {
  modules: RULE_MODULES,
  noticeBlocks: UPGRADE_NOTICE_BLOCKS,
};

/** The rules that a new ledger begins with. */
export const BASE_RULES: ActiveRules = baseRules(RULE_REGISTRY, RULES_VERSION);

/** Throws `rules/unknown-module` or `rules/unknown-action`, naming what there is. */
export function findAction(
  moduleName: string,
  actionName: string,
  rules: ActiveRules = BASE_RULES,
): Action {
  return findActiveAction(rules, moduleName, actionName);
}
