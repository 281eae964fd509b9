// What the bench says to a validator process, and back.

import type { Profile } from '@suyuan/contracts';
import type { ListenAddress, PeerAddress, SimplexOptions } from '@suyuan/server';

/** What a validator process is told when it starts, as JSON. */
export interface ValidatorSetup {
  readonly id: string;
  readonly directory: string;
  readonly profile: Profile;
  readonly listen: ListenAddress;
  readonly peers: readonly PeerAddress[];
  /** It has never run: its guard file is made. */
  readonly isNew: boolean;
  readonly simplex: Partial<SimplexOptions>;
}

export type Order =
  /** The transactions of each lane; within a lane each is sent when the one before has its receipt. */
  | { readonly order: 'load'; readonly lanes: readonly (readonly Uint8Array[])[] }
  /** Sends for so long, or until the lanes are empty. */
  | { readonly order: 'run'; readonly time_ms: number }
  /** Does nothing of itself and measures what that costs. */
  | { readonly order: 'rest'; readonly time_ms: number }
  /** Resolves when the chain has come to this height. */
  | { readonly order: 'reach'; readonly height: number }
  | { readonly order: 'where' }
  /** Of the blocks above `from`, up to `to`. */
  | { readonly order: 'weigh'; readonly from: number; readonly to: number }
  | { readonly order: 'close' };

export interface RunResult {
  readonly done: 'run';
  /** Of each transaction from submitting it to its receipt, ascending. */
  readonly finality_ms: readonly number[];
  readonly elapsed_ms: number;
  readonly cpu_ms: number;
}

export type Answer =
  | { readonly done: 'ready' | 'load' | 'close' }
  | RunResult
  | { readonly done: 'rest'; readonly elapsed_ms: number; readonly cpu_ms: number }
  /** Since the node was open. */
  | { readonly done: 'reach'; readonly elapsed_ms: number; readonly cpu_ms: number }
  | { readonly done: 'where'; readonly height: number; readonly peers: number }
  | {
      readonly done: 'weigh';
      readonly blocks: number;
      readonly txs: number;
      /** As the log holds them. */
      readonly bytes: number;
    }
  | { readonly done: 'failed'; readonly message: string };
