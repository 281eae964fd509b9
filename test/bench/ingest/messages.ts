// What the bench says to a load process, and back. Times are of the machine's clock, which all processes share.

import type { SuiteName } from '@suyuan/contracts';

export type LoadOrder =
  | {
      readonly order: 'connect';
      readonly port: number;
      readonly suite: SuiteName;
      readonly from: number;
      readonly devices: number;
    }
  /** Signs `packs` of each device, to be sent at 'go'. */
  | { readonly order: 'sign'; readonly packs: number; readonly readings: number }
  | { readonly order: 'go' }
  | { readonly order: 'disconnect' };

export type LoadAnswer =
  | { readonly done: 'connect' | 'sign' | 'disconnect' }
  | {
      readonly done: 'go';
      readonly acked: number;
      readonly start_ms: number;
      readonly end_ms: number;
      /** Processor time of this process. */
      readonly cpu_ms: number;
    }
  | { readonly done: 'failed'; readonly message: string };
