export { type FoundGuardOptions, foundGuard } from './guard-file.ts';
export { HANDSHAKE_TAG } from './handshake.ts';
export type * from './port.ts';
export { openSigner, type SignerOptions } from './signer.ts';
