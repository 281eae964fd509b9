// Hashes, signatures and signed messages.

export * from './cose.ts';
export { portableCrypto } from './portable.ts';
export * from './tagged.ts';
export * from './types.ts';
