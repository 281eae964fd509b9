// What a message may weigh, checked before any of it is decoded.

import { BLOCK_SIZE_BYTES_MAX, BLOCK_TXS_MAX, VALIDATORS_MAX } from '@suyuan/contracts';

export const VOTE_SIZE_BYTES_MAX = 256;
/** 64 signatures with their indexes take 4.4 KiB. */
export const CERTIFICATE_SIZE_BYTES_MAX = 8 * 1024;
export const FETCH_SIZE_BYTES_MAX = 128;
/** A block and what stands around it. */
export const PROPOSAL_SIZE_BYTES_MAX = 5 * 1024 * 1024;
/** Twelve fields, six of them hashes. */
export const HEADER_SIZE_BYTES_MAX = 1024;

if (CERTIFICATE_SIZE_BYTES_MAX < 100 + VALIDATORS_MAX * 72) {
  throw new Error('limits: a certificate of the largest set must fit its message');
}
// Five bytes of length before each transaction.
if (
  PROPOSAL_SIZE_BYTES_MAX <
  BLOCK_SIZE_BYTES_MAX + 5 * BLOCK_TXS_MAX + 2 * HEADER_SIZE_BYTES_MAX
) {
  throw new Error('limits: the largest block must fit its proposal');
}
