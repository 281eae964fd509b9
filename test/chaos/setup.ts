import type { Profile } from '@suyuan/contracts';
import type { ListenAddress, PeerAddress, SimplexOptions } from '@suyuan/server';

/** What a validator process is told when it starts, as JSON. */
export interface ValidatorSetup {
  readonly id: string;
  readonly directory: string;
  readonly profile: Profile;
  /** Size of the set. */
  readonly validators: number;
  readonly listen: ListenAddress;
  readonly peers: readonly PeerAddress[];
  readonly tx_per_s: number;
  /** It has never run: its guard file is made. */
  readonly isNew: boolean;
  /** The greatest height that was heard of it. */
  readonly from: number;
  readonly simplex: Partial<SimplexOptions>;
}
