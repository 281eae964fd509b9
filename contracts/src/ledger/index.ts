// Ledger formats and the light client (docs/formats.md §4).

export * from './access.ts';
export * from './account.ts';
export * from './block.ts';
export * from './block-certificate.ts';
export * from './certificate.ts';
export * from './consent.ts';
export * from './genesis.ts';
export * from './header.ts';
export * from './light-client.ts';
export type * from './port.ts';
export * from './profile.ts';
export * from './public-key.ts';
export * from './tx.ts';
export * from './validator-proof.ts';
export * from './validators.ts';
