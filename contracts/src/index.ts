// @suyuan/contracts: what every party must compute identically (README.md).

export * from './crypto/index.ts';
export * from './encoding/index.ts';
export * from './errors.ts';
export * from './gs1/index.ts';
export * from './ledger/index.ts';
export * from './limits.ts';
export * from './merkle/index.ts';
export * from './provenance/index.ts';
export * from './rules/index.ts';
export * from './telemetry/index.ts';
