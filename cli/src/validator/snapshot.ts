// A node in an empty directory begins with a snapshot of its peers rather than with all blocks since the genesis.

import { isAppError } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import {
  type FetchEvent,
  type Founding,
  foundDirectory,
  type NodeClock,
  type NodeLogger,
  type TlsTransport,
} from '@suyuan/server';

/** So many blocks take longer to execute than a snapshot to bring. */
const FAR_BLOCKS = 10_000;
/** Without being asked for one a node does not hold up its start for long. */
const UNASKED = { first_ms: 2_000, gather_ms: 1_000, rounds: 1 };
const TOLD_MS = 5_000;

export interface SnapshotWish {
  /** True: wherever there is one. False: where the ledger is long only. */
  readonly always: boolean;
  /** What is less is shorter to follow block by block; 10,000 unless given. */
  readonly behind_blocks?: number;
}

export interface SnapshotParts {
  readonly directory: string;
  readonly genesis: Uint8Array;
  /** How many peers there are. */
  readonly peers: number;
  /** Used for this alone; stopped on return. */
  readonly transport: TlsTransport;
  readonly clock: NodeClock;
  readonly random: () => number;
  readonly logger: NodeLogger;
  /** For a person. */
  readonly tell: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Before the node is opened. Throws `snapshot/no-peer` where one was asked for and nobody gave it, `snapshot/stopped`, and what stands
 * in the way on this machine.
 */
export async function foundFromSnapshot(
  { always, behind_blocks = FAR_BLOCKS }: SnapshotWish,
  parts: SnapshotParts,
): Promise<Founding> {
  const { transport, tell, ...rest } = parts;
  const nameOf = (peer: string): string =>
    transport.status().find(({ id }) => id === peer)?.dialled ?? peer;
  const teller = createTeller(tell, nameOf, parts.clock.now_ms);
  let founding: Founding;
  try {
    founding = await foundDirectory({
      ...rest,
      transport,
      crypto: nodeCrypto,
      behind_blocks: always ? 0 : behind_blocks,
      ...(always ? {} : { limits: UNASKED }),
      onEvent: teller.event,
    });
  } catch (error) {
    if (always || !isAppError(error, 'snapshot/no-peer')) throw error;
    if (teller.hasAsked()) tell('no snapshot could be had: the ledger comes block by block');
    return { type: 'near' };
  }
  if (founding.type === 'founded') teller.founded(founding.height);
  else if (always && founding.type === 'here') {
    tell('there is a ledger here already: it goes on, no snapshot is needed');
  } else if (always) tell('the peers have no block yet: the ledger begins at the genesis');
  return founding;
}

function createTeller(
  tell: (text: string) => void,
  nameOf: (peer: string) => string,
  now_ms: () => number,
) {
  let from: string | undefined;
  let size_bytes = 0;
  let told_ms = 0;
  return {
    hasAsked: () => from !== undefined,
    event(event: FetchEvent): void {
      switch (event.type) {
        case 'asking':
          from = nameOf(event.peer);
          size_bytes = 0;
          told_ms = now_ms();
          tell(`asks ${from}, which says it is at height ${event.height}, for a snapshot`);
          break;
        case 'taken':
          size_bytes = event.size_bytes;
          if (Math.abs(now_ms() - told_ms) < TOLD_MS) break;
          told_ms = now_ms();
          tell(`snapshot of ${from}: ${megabytes(size_bytes)} so far`);
          break;
        case 'refused':
          tell(
            `the snapshot of ${from} is refused and nothing of it is kept: ${event.error.message} (${event.error.code})`,
          );
      }
    },
    founded(height: number): void {
      tell(
        `snapshot of ${from} taken in, ${megabytes(size_bytes)}, all of it verified: the ledger goes on here above height ${height}`,
      );
    },
  };
}

function megabytes(size_bytes: number): string {
  return `${(size_bytes / 1e6).toFixed(size_bytes < 1e8 ? 1 : 0)} MB`;
}
