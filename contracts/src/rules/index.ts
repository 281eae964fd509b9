// The rules of the ledger: one folder a module (rules/README.md).

export { accountKey, getAccount } from './accounts/module.ts';
export * from './anchors/module.ts';
export * from './devices/module.ts';
export * from './execute.ts';
export * from './labels/module.ts';
export * from './lots/lot.ts';
export { PROCESSES } from './lots/module.ts';
export * from './places/module.ts';
export * from './products/module.ts';
export * from './registry.ts';
export type * from './types.ts';
