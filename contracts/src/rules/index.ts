// The rules of the ledger: one folder a module (rules/README.md).

export {
  accountKey,
  contactKey,
  getAccount,
  getWebhook,
  requireAccount,
} from './accounts/record.ts';
export * from './anchors/anchor.ts';
export { standsAlone } from './batch/module.ts';
export * from './cases/case.ts';
export * from './custody/shipment.ts';
export * from './devices/device.ts';
export * from './documents/document.ts';
export * from './execute.ts';
export * from './governance/proposal.ts';
export * from './governance/rules-record.ts';
export * from './governance/validator-set.ts';
export { MONTH_MS } from './labels/age.ts';
export * from './labels/label.ts';
export { HIDDEN_CODE } from './labels/reveal.ts';
export * from './lots/lot.ts';
export { PROCESSES } from './lots/module.ts';
export { consentKey } from './lots/purchase.ts';
export { payloadFromJson } from './payload-json.ts';
export * from './places/place.ts';
export * from './places/position.ts';
export * from './policies/calendar.ts';
export * from './policies/policy.ts';
export * from './products/product.ts';
export * from './quotas/quota.ts';
export {
  addAmounts,
  gatherHoldings,
  type Holding,
  type Holdings,
} from './recalls/holdings.ts';
export { RECALL_SEEDS_MAX } from './recalls/open.ts';
export * from './recalls/recall.ts';
export {
  countedReader,
  recallScope,
  type ScopeQuery,
  type ScopeWalk,
  walkScope,
} from './recalls/scope.ts';
export * from './recalls/scope-tree.ts';
export * from './registry.ts';
export type * from './types.ts';
export { type ActiveRules, baseRules, type RuleRegistry, rulesAt } from './versions.ts';
