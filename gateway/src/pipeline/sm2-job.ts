import type { PublicKey } from '@suyuan/contracts';

/** One signature to verify, as it travels to a worker thread and back. */
export interface Sm2Job {
  readonly id: number;
  readonly key: PublicKey;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** [job id, valid] */
export type Sm2Answer = readonly [id: number, valid: boolean];
