// What travels between the pool and its threads.

import type { PublicKey } from '../crypto/types.ts';

/** One signature to verify. */
export interface Sm2Job {
  readonly id: number;
  readonly key: PublicKey;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** [job id, valid] */
export type Sm2Answer = readonly [id: number, valid: boolean];
