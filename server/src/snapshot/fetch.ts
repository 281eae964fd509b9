// The state of a new node from its peers (docs/formats.md §9), before it has a ledger: one peer after the other is asked, until one
// gives a snapshot that verifies.

import { AppError, type CryptoProvider, isAppError, openGenesis } from '@suyuan/contracts';
import { SYNC_LIMITS } from '../consensus/sync/limits.ts';
import { decodeSyncMessage, encodeSyncMessage } from '../consensus/sync/messages.ts';
import { createTurns } from '../consensus/sync/turn.ts';
import type { Peer, Transport } from '../consensus/transport/port.ts';
import type { NodeClock } from '../engine/clock.ts';
import type { NodeLogger } from '../engine/logger.ts';
import type { StateDatabase } from '../storage/database.ts';
import type { Head } from '../storage/head.ts';
import { importSnapshot, isSnapshotFault } from './import.ts';

export interface FetchLimits {
  /** How long the first peer is waited for, and after it further ones. */
  readonly first_ms: number;
  readonly gather_ms: number;
  /** How long a piece may take before it is asked for again, and how often. */
  readonly answer_ms: number;
  readonly tries: number;
  /** How often all peers are asked, and the pause between. */
  readonly rounds: number;
  readonly pause_ms: number;
  /** What one peer's pieces may be waited for in all, and how slowly they may come after the first while: what they hold shows at their end only. */
  readonly whole_ms: number;
  readonly slow_ms: number;
  readonly least_bytes_per_s: number;
}

export const FETCH_LIMITS: FetchLimits = {
  first_ms: 60_000,
  gather_ms: 2_000,
  answer_ms: 10_000,
  tries: 4,
  rounds: 3,
  pause_ms: 5_000,
  whole_ms: SYNC_LIMITS.snapshotMax_ms,
  slow_ms: 60_000,
  least_bytes_per_s: SYNC_LIMITS.snapshotLeast_bytes_per_s,
};

/** What happens meanwhile, for those who wait for it. */
export type FetchEvent =
  | { readonly type: 'asking'; readonly peer: string; readonly height: number }
  /** So much of it has come. */
  | { readonly type: 'taken'; readonly peer: string; readonly size_bytes: number }
  /** Nothing of it was kept. */
  | { readonly type: 'refused'; readonly peer: string; readonly error: AppError };

export interface FetchParts {
  /** Started and stopped here. */
  readonly transport: Transport;
  /** Of an empty directory, or with what is left of an attempt. */
  readonly db: StateDatabase;
  /** The encoded genesis. */
  readonly genesis: Uint8Array;
  readonly crypto: CryptoProvider;
  readonly clock: NodeClock;
  readonly logger: NodeLogger;
  /** In [0, 1). */
  readonly random: () => number;
  /** From peers that are further ahead only: what is less is shorter to follow block by block. 0 unless given. */
  readonly behind_blocks?: number;
  /** How many peers there are, where it is known: they are not waited for any longer when all have said where they stand. */
  readonly peers?: number;
  readonly limits?: Partial<FetchLimits>;
  /** Must not throw. */
  readonly onEvent?: (event: FetchEvent) => void;
  /** Stops it, with `snapshot/stopped`. */
  readonly signal?: AbortSignal;
}

const CUT_OFF = 'snapshot/cut-off';

interface Answer {
  readonly id: number;
  readonly piece: Uint8Array | null;
}

/**
 * Founds the state on a peer's snapshot; undefined when no peer is more than `behind_blocks` ahead. Rejects with `snapshot/no-peer` when
 * none gave one that verifies, `snapshot/stopped`, `snapshot/not-empty` where there is a ledger, and with what this machine's own disk
 * said; nothing is kept then.
 */
export async function fetchSnapshot(parts: FetchParts): Promise<Head | undefined> {
  const { transport, genesis, crypto, signal } = parts;
  if (signal?.aborted === true) throw stopped();
  const { genesis: founded, chainId } = openGenesis(crypto, genesis);
  const peers = createPeers(parts, chainId);
  // Those of today may be others: they were dialled by their addresses, and a snapshot proves itself.
  transport.admit(founded.validators);
  signal?.addEventListener('abort', peers.stop);
  try {
    await transport.start(peers.handlers);
    return await fromAny(parts, peers);
  } finally {
    signal?.removeEventListener('abort', peers.stop);
    peers.stop();
    await transport.stop();
  }
}

async function fromAny(parts: FetchParts, peers: Peers): Promise<Head | undefined> {
  const limits = { ...FETCH_LIMITS, ...parts.limits };
  const { db, genesis, crypto, logger, transport, behind_blocks = 0 } = parts;
  const { onEvent = () => {} } = parts;
  const isStopped = (): boolean => parts.signal?.aborted === true;
  await peers.heard(limits);
  const faults = new Map<string, string>();
  const isFaulty = (peer: string): boolean => (faults.get(peer) ?? CUT_OFF) !== CUT_OFF;
  for (let round = 0; round < limits.rounds; round++) {
    // None is left that might give another answer.
    if ([...faults.keys()].filter(isFaulty).length >= (parts.peers ?? Number.POSITIVE_INFINITY))
      break;
    if (round > 0) await peers.turns.next(limits.pause_ms);
    const known = peers.heights();
    if (known.size > 0 && Math.max(...known.values()) <= behind_blocks) return undefined;
    // One that stopped answering may only have gone away for a while.
    const ahead = [...known.keys()].filter(
      (peer) => known.get(peer)! > behind_blocks && !isFaulty(peer),
    );
    for (const peer of shuffled(ahead, parts.random)) {
      if (isStopped()) throw stopped();
      const height = known.get(peer) ?? 0;
      logger.info({ peer, height }, 'Asking for a snapshot');
      onEvent({ type: 'asking', peer, height });
      try {
        const pieces = peers.pieces(peer, limits);
        return await importSnapshot({ db, genesis, crypto, pieces, pause: peers.turns.next });
      } catch (error) {
        if (isStopped()) throw stopped();
        if (!isSnapshotFault(error) || error.code === 'snapshot/not-empty') throw error;
        logger.warn({ err: error, peer }, 'The snapshot of a peer was not taken');
        onEvent({ type: 'refused', peer, error });
        faults.set(peer, error.code);
        if (error.code !== CUT_OFF) transport.blame(peer, error.code);
      }
    }
  }
  if (isStopped()) throw stopped();
  const said = [...faults].map(([peer, code]) => `${peer}: ${code}`).join(', ');
  throw new AppError(
    'snapshot/no-peer',
    `No node gave a snapshot that verifies (${said === '' ? 'none could be reached' : said}). Check the addresses of the others and that the genesis is theirs, or start without a snapshot.`,
    { asked: faults.size },
  );
}

function stopped(): AppError {
  return new AppError(
    'snapshot/stopped',
    'The node was stopped while it took a snapshot in, and nothing of it was kept; start it again.',
  );
}

interface Peers {
  readonly handlers: Parameters<Transport['start']>[0];
  readonly turns: ReturnType<typeof createTurns>;
  /** Resolves when a peer said where it stands and the others had time to, or when none came. */
  heard(limits: FetchLimits): Promise<void>;
  /** What the connected peers claim. */
  heights(): ReadonlyMap<string, number>;
  /** The snapshot of a peer. Throws `snapshot/cut-off` when it does not go on. */
  pieces(peer: string, limits: FetchLimits): AsyncGenerator<Uint8Array>;
  stop(): void;
}

function createPeers(parts: FetchParts, chainId: Uint8Array): Peers {
  const { transport, clock, onEvent = () => {} } = parts;
  const nothing = encodeSyncMessage({
    type: 'status',
    ...{ height: 0, blockHash: chainId, epoch: 0, base: 0 },
  });
  const heights = new Map<string, number>();
  const turns = createTurns(clock);
  let onHeard = () => {};
  let isStopped = false;
  let giveUp = () => {};
  let asked: { peer: string; id: number; index: number; got: (a: Answer) => void } | undefined;

  function onBlocks(peer: Peer, bytes: Uint8Array): void {
    // What nobody asked for is not looked into.
    if (bytes.length > 256 && asked?.peer !== peer.id) return;
    try {
      const message = decodeSyncMessage(bytes);
      if (message.type === 'status') {
        heights.set(peer.id, message.height);
        onHeard();
      } else if (message.type === 'piece' && asked?.peer === peer.id) {
        const { id, index, piece } = message;
        if (index === asked.index && (asked.id === 0 || asked.id === id)) asked.got({ id, piece });
      }
    } catch (error) {
      transport.blame(peer.id, isAppError(error) ? error.code : 'format/invalid');
    }
  }

  /** Undefined when no answer came in time. */
  async function ask(
    peer: string,
    id: number,
    index: number,
    limits: FetchLimits,
  ): Promise<Answer | undefined> {
    for (let tried = 0; tried < limits.tries && !isStopped; tried++) {
      let answer: Answer | undefined;
      await new Promise<void>((resolve) => {
        const cancel = clock.setTimer(resolve, limits.answer_ms);
        const got = (given: Answer): void => {
          answer = given;
          cancel();
          resolve();
        };
        asked = { peer, id, index, got };
        giveUp = () => {
          cancel();
          resolve();
        };
        transport.send(peer, 'blocks', encodeSyncMessage({ type: 'get-piece', id, index }));
      });
      asked = undefined;
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  return {
    turns,
    handlers: {
      // Among nodes that all begin nobody is ahead, and nobody is to be waited for.
      onConnected: ({ id }) => void transport.send(id, 'blocks', nothing),
      onDisconnected: ({ id }) => void heights.delete(id),
      onMessage(peer, channel, message) {
        if (channel === 'blocks') onBlocks(peer, message);
      },
    },
    async heard(limits) {
      const heard = (count: number, wait_ms: number): Promise<void> => {
        const enough = new Promise<void>((resolve) => {
          onHeard = () => {
            if (heights.size >= count) resolve();
          };
          onHeard();
        });
        return Promise.race([enough, turns.next(wait_ms)]);
      };
      await heard(1, limits.first_ms);
      if (heights.size > 0) await heard(parts.peers ?? Number.POSITIVE_INFINITY, limits.gather_ms);
    },
    heights: () => new Map(heights),
    async *pieces(peer, limits) {
      let id = 0;
      let size_bytes = 0;
      let waited_ms = 0;
      for (let index = 0; ; index++) {
        const before_ms = clock.now_ms();
        const answer = await ask(peer, id, index, limits);
        waited_ms += Math.max(0, clock.now_ms() - before_ms);
        if (answer === undefined || answer.piece === null) {
          throw new AppError(
            CUT_OFF,
            'The peer does not go on with its snapshot; another one is asked.',
            { index },
          );
        }
        id = answer.id;
        size_bytes += answer.piece.length;
        assertFast(size_bytes, waited_ms, limits);
        onEvent({ type: 'taken', peer, size_bytes });
        yield answer.piece;
      }
    },
    stop() {
      isStopped = true;
      turns.stop();
      giveUp();
    },
  };
}

/** Throws `snapshot/too-slow`. */
function assertFast(size_bytes: number, waited_ms: number, limits: FetchLimits): void {
  const { whole_ms, slow_ms, least_bytes_per_s } = limits;
  const isSlow = waited_ms > slow_ms && size_bytes * 1_000 < waited_ms * least_bytes_per_s;
  if (!isSlow && waited_ms <= whole_ms) return;
  throw new AppError(
    'snapshot/too-slow',
    'The snapshot of the peer comes too slowly to end; another one is asked.',
    { size_bytes, waited_ms },
  );
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = [...items];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(Math.floor(random() * left.length), 1));
  return order;
}
