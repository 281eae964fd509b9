// The rules of the ledger: one folder a module (rules/README.md).

export { accountKey, getAccount } from './accounts/record.ts';
export * from './anchors/anchor.ts';
export * from './devices/device.ts';
export * from './execute.ts';
export * from './labels/label.ts';
export * from './lots/lot.ts';
export { PROCESSES } from './lots/module.ts';
export { payloadFromJson } from './payload-json.ts';
export * from './places/place.ts';
export * from './products/product.ts';
export * from './registry.ts';
export type * from './types.ts';
