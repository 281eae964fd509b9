// Bytes, text and canonical CBOR: how every value of the house becomes bytes and back.

export * from './bytes.ts';
export * from './cbor.ts';
export * from './read.ts';
export * from './types.ts';
