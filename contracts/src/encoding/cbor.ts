// The house's CBOR (docs/formats.md §1): one encoding of each value, both ways.

export { decodeCbor } from './cbor-decode.ts';
export { encodeCbor } from './cbor-encode.ts';
