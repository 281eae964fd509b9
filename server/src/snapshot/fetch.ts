// The state of a new node from its peers (docs/formats.md §9), before it has a ledger: one peer after the other is asked, until one
// gives a snapshot that verifies.

import { AppError, type CryptoProvider, isAppError, openGenesis } from '@suyuan/contracts';
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
}

export const FETCH_LIMITS: FetchLimits = {
  first_ms: 60_000,
  gather_ms: 2_000,
  answer_ms: 10_000,
  tries: 4,
  rounds: 3,
  pause_ms: 5_000,
};

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
  /** Not below so many blocks: what they say is shorter to follow block by block. 0 unless given. */
  readonly behind_blocks?: number;
  readonly limits?: Partial<FetchLimits>;
}

interface Answer {
  readonly id: number;
  readonly piece: Uint8Array | null;
}

/**
 * Founds the state on a peer's snapshot; undefined when no peer is more than `behind_blocks` ahead. Rejects with `snapshot/no-peer` when
 * none gave one that verifies, `snapshot/not-empty` where there is a ledger, and with what this machine's own disk said; nothing is kept then.
 */
export async function fetchSnapshot(parts: FetchParts): Promise<Head | undefined> {
  const { transport, genesis, crypto } = parts;
  const peers = createPeers(parts);
  transport.admit(openGenesis(crypto, genesis).genesis.validators);
  await transport.start(peers.handlers);
  try {
    return await fromAny(parts, peers);
  } finally {
    peers.stop();
    await transport.stop();
  }
}

async function fromAny(parts: FetchParts, peers: Peers): Promise<Head | undefined> {
  const limits = { ...FETCH_LIMITS, ...parts.limits };
  const { db, genesis, crypto, logger, transport, behind_blocks = 0 } = parts;
  await peers.heard(limits);
  const faults = new Map<string, string>();
  for (let round = 0; round < limits.rounds; round++) {
    if (round > 0) await peers.turns.next(limits.pause_ms);
    const known = peers.heights();
    if (known.size > 0 && Math.max(...known.values()) <= behind_blocks) return undefined;
    for (const peer of shuffled([...known.keys()], parts.random)) {
      logger.info({ peer, height: known.get(peer) ?? 0 }, 'Asking for a snapshot');
      try {
        const pieces = peers.pieces(peer, limits);
        return await importSnapshot({ db, genesis, crypto, pieces, pause: peers.turns.next });
      } catch (error) {
        if (!isSnapshotFault(error) || isAppError(error, 'snapshot/not-empty')) throw error;
        const code = isAppError(error) ? error.code : 'snapshot/malformed';
        logger.warn({ err: error, peer }, 'The snapshot of a peer was not taken');
        faults.set(peer, code);
        // One that stopped answering may only have gone away.
        if (code !== 'snapshot/cut-off') transport.blame(peer, code);
      }
    }
  }
  const said = [...faults].map(([peer, code]) => `${peer}: ${code}`).join(', ');
  throw new AppError(
    'snapshot/no-peer',
    `No node gave a snapshot that verifies (${said === '' ? 'none could be reached' : said}). Check the addresses of the others and that the genesis is theirs, or start without a snapshot.`,
    { asked: faults.size },
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

function createPeers({ transport, clock }: FetchParts): Peers {
  const heights = new Map<string, number>();
  const turns = createTurns(clock);
  let onHeard = () => {};
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
    for (let tried = 0; tried < limits.tries; tried++) {
      let answer: Answer | undefined;
      await new Promise<void>((resolve) => {
        const cancel = clock.setTimer(resolve, limits.answer_ms);
        const got = (given: Answer): void => {
          answer = given;
          cancel();
          resolve();
        };
        asked = { peer, id, index, got };
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
      onConnected: () => {},
      onDisconnected: ({ id }) => void heights.delete(id),
      onMessage(peer, channel, message) {
        if (channel === 'blocks') onBlocks(peer, message);
      },
    },
    async heard(limits) {
      const first = new Promise<void>((resolve) => {
        onHeard = resolve;
      });
      await Promise.race([first, turns.next(limits.first_ms)]);
      if (heights.size > 0) await turns.next(limits.gather_ms);
    },
    heights: () => new Map(heights),
    async *pieces(peer, limits) {
      let id = 0;
      for (let index = 0; ; index++) {
        const answer = await ask(peer, id, index, limits);
        if (answer === undefined || answer.piece === null) {
          throw new AppError(
            'snapshot/cut-off',
            'The peer does not go on with its snapshot; another one is asked.',
            { index },
          );
        }
        id = answer.id;
        yield answer.piece;
      }
    },
    stop: turns.stop,
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = [...items];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(Math.floor(random() * left.length), 1));
  return order;
}
