// A snapshot into an empty database. Everything is checked against one certified header before any of it is used: the header by
// walking the epochs from the genesis, the state by its root, scopes and anchors by the roots that the state holds.

import {
  AppError,
  advanceEpoch,
  BLOCK_SIZE_BYTES_MAX,
  blockHash,
  type CertifiedHeader,
  type CryptoProvider,
  decodeHeader,
  type EpochEnd,
  equalBytes,
  getValidators,
  type Hash,
  type Header,
  isAppError,
  openGenesis,
  type TrustedSet,
  trustGenesis,
  verifyHeader,
} from '@suyuan/contracts';
import type { StateDatabase } from '../storage/database.ts';
import { epochEndWrite } from '../storage/epoch-ends.ts';
import { baseWrite, clearDatabase, importingWrite, isImporting } from '../storage/founding.ts';
import { chainIdWrite, type Head, headWrite, readChainId } from '../storage/head.ts';
import { stateReader, stateUpdate } from '../storage/state.ts';
import { createBeside } from './beside.ts';
import { decodePiece, type Piece } from './pieces.ts';
import { rebuildTraceIndex } from './rebuild.ts';

export interface ImportParts {
  /** Empty, or with what is left of an import that did not end. */
  readonly db: StateDatabase;
  /** The encoded genesis: all that is trusted. */
  readonly genesis: Uint8Array;
  readonly crypto: CryptoProvider;
  readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** More than this is refused: the state's root can only be told at its end. */
  readonly size_bytes_max?: number;
  /** What a state can hold after that many blocks. */
  readonly mostOf?: (height: number) => number;
  /** Between two parts of the work: lets other work through. */
  readonly pause?: () => Promise<void>;
}

const SIZE_BYTES_MAX = 64 * 1024 * 1024 * 1024;
/** What a state can hold at most before the first block, and more with each: several times what a full block writes. */
const GENESIS_BYTES = 64 * 1024 * 1024;
const BLOCK_STATE_BYTES = 4 * BLOCK_SIZE_BYTES_MAX;
const mostOf = (height: number): number => GENESIS_BYTES + height * BLOCK_STATE_BYTES;

/**
 * Founds the state on the snapshot; durable when the database is closed. Rejects with `snapshot/*`, or with `ledger/*` or `certificate/*`
 * where the header is not of this chain; then the database is empty. `snapshot/not-empty`: nothing was touched.
 */
export async function importSnapshot(parts: ImportParts): Promise<Head> {
  const { db } = parts;
  if (readChainId(db) !== undefined && !isImporting(db)) {
    throw new AppError(
      'snapshot/not-empty',
      'This node has a ledger already: it goes on with the blocks of the others. To begin with a snapshot give it an empty directory.',
    );
  }
  await clearDatabase(db);
  await db.write([importingWrite(true)]);
  try {
    return await bringIn(parts);
  } catch (error) {
    await clearDatabase(db);
    throw error;
  }
}

async function bringIn(parts: ImportParts): Promise<Head> {
  const { db, crypto, genesis: genesisBytes } = parts;
  const pause = parts.pause ?? (async () => {});
  const { hash, chainId } = openGenesis(crypto, genesisBytes);
  const reader = createReader(parts);
  const certified = await readHeadPiece(reader);
  const ends = await readEnds(reader);
  const header = verifyWalk(crypto, genesisBytes, chainId, ends, certified);
  reader.atMost((parts.mostOf ?? mostOf)(header.height));
  const transactions = await readState(reader, db, hash, header);
  // The walk may have been left short where the header itself ends an epoch.
  if (getValidators(stateReader(db)).epoch !== ends.length) {
    throw new AppError(
      'snapshot/epochs',
      'The snapshot does not show every change of validators; get it from another node.',
      { shown: ends.length },
    );
  }
  const beside = createBeside(db, hash);
  for (let piece = await reader.next(); ; piece = await reader.next()) {
    if (piece.type === 'end') break;
    await beside.add(piece);
    await pause();
  }
  await beside.assertComplete(pause);
  await rebuildTraceIndex(db, pause);
  const head: Head = {
    height: header.height,
    blockHash: blockHash(hash, certified.header),
    time_ms: header.time_ms,
    stateRoot: header.stateRoot,
    transactions,
    certified,
  };
  await db.write([
    ...ends.map((end, epoch) => epochEndWrite(epoch, end)),
    chainIdWrite(chainId),
    baseWrite(header.height),
    headWrite(head),
    importingWrite(false),
  ]);
  return head;
}

interface PieceReader {
  /** Throws `snapshot/cut-off` after the last one. */
  next(): Promise<Piece>;
  /** The next one again. */
  peek(): Promise<Piece>;
  /** No more than this from here on. */
  atMost(size_bytes: number): void;
}

function createReader({ pieces, size_bytes_max = SIZE_BYTES_MAX }: ImportParts): PieceReader {
  const iterator = (async function* () {
    yield* pieces;
  })();
  let left_bytes = size_bytes_max;
  let waiting: Piece | undefined;

  async function peek(): Promise<Piece> {
    if (waiting !== undefined) return waiting;
    const step = await iterator.next();
    if (step.done === true) {
      throw new AppError('snapshot/cut-off', 'The snapshot ends too early; get it again.');
    }
    left_bytes -= step.value.length;
    if (left_bytes < 0) {
      throw new AppError('snapshot/too-large', 'The snapshot is larger than this node takes.', {
        size_bytes_max,
      });
    }
    waiting = decodePiece(step.value);
    return waiting;
  }

  return {
    peek,
    atMost(size_bytes) {
      left_bytes = Math.min(left_bytes, size_bytes);
    },
    async next() {
      const piece = await peek();
      waiting = undefined;
      return piece;
    },
  };
}

async function readHeadPiece(reader: PieceReader): Promise<CertifiedHeader> {
  const piece = await reader.next();
  if (piece.type !== 'head') throw outOfOrder(piece);
  return piece.head;
}

async function readEnds(reader: PieceReader): Promise<EpochEnd[]> {
  const ends: EpochEnd[] = [];
  for (let piece = await reader.peek(); piece.type === 'epochs'; piece = await reader.peek()) {
    ends.push(...piece.ends);
    await reader.next();
  }
  return ends;
}

/** Throws `ledger/*` or `certificate/*`. */
function verifyWalk(
  crypto: CryptoProvider,
  genesisBytes: Uint8Array,
  chainId: Uint8Array,
  ends: readonly EpochEnd[],
  head: CertifiedHeader,
): Header {
  let { trusted }: { trusted: TrustedSet } = trustGenesis(crypto, genesisBytes, chainId);
  for (const end of ends) trusted = advanceEpoch(crypto, trusted, end);
  const last = ends.at(-1);
  const endsEpoch = last !== undefined && equalBytes(last.header, head.header);
  return endsEpoch ? decodeHeader(last.header) : verifyHeader(crypto, trusted, head);
}

/** Builds the state's tree as its entries come; gives the number of transactions that it remembers. */
async function readState(
  reader: PieceReader,
  db: StateDatabase,
  hash: Hash,
  header: Header,
): Promise<number> {
  let root: Uint8Array | undefined;
  let last = '';
  let transactions = 0;
  for (let piece = await reader.peek(); piece.type === 'state'; piece = await reader.peek()) {
    const changes = new Map<string, Uint8Array>();
    for (const [key, value] of piece.entries) {
      if (key <= last) throw new AppError('snapshot/out-of-order', 'State keys must ascend.');
      last = key;
      changes.set(key, value);
      // Every transaction of a block spends one.
      if (key.startsWith('tx-keys/')) transactions += 1;
    }
    const update = stateUpdate(hash, db, changes);
    root = update.root;
    await db.write(update.writes);
    await reader.next();
  }
  if (root === undefined || !equalBytes(root, header.stateRoot)) {
    throw new AppError(
      'snapshot/state-root',
      `The state of the snapshot is not that of block ${header.height}; get it from another node.`,
      { height: header.height },
    );
  }
  return transactions;
}

function outOfOrder(piece: Piece): AppError {
  return new AppError('snapshot/out-of-order', 'A piece of the snapshot is not in its place.', {
    type: piece.type,
  });
}

/** True where the fault is the snapshot's, not this machine's. */
export function isSnapshotFault(error: unknown): error is AppError {
  return ['snapshot', 'ledger', 'certificate', 'cbor', 'format', 'key'].some((subject) =>
    isAppError(error, subject),
  );
}
