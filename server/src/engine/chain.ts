// The chain as this node holds it: what the next block would be, whether another's block is right, and the one way in which a
// block becomes part of it.

import {
  AppError,
  BLOCK_READS_MAX,
  BLOCK_SIZE_BYTES_MAX,
  BLOCK_TXS_MAX,
  BLOCK_WRITES_MAX,
  type Block,
  bytesToHex,
  type CryptoProvider,
  decodeCertificate,
  decodeHeader,
  decodeTx,
  encodeCbor,
  equalBytes,
  type Genesis,
  genesisState,
  type Hash,
  txId,
  validatorsHash,
  verifyCertificate,
} from '@suyuan/contracts';

import { anchorWrites } from '../storage/anchor-index.ts';
import type { BlockLog } from '../storage/block-log.ts';
import type { StateDatabase, TableWrite } from '../storage/database.ts';
import { chainIdWrite, type Head, headWrite } from '../storage/head.ts';
import { stateReader, stateUpdate } from '../storage/state.ts';
import { lotCountWrite, traceWrites } from '../storage/trace-index.ts';
import { txWrite } from '../storage/tx-index.ts';
import { type Candidate, sealBlock } from './candidate.ts';
import {
  type BlockBudget,
  type BlockContext,
  type BlockTx,
  executeBlock,
} from './execute-block.ts';

/** Room in a block for header, certificate and frames. */
const FRAME_BYTES = 16 * 1024;
/** A block is executed in one go, on one thread, by every node: at most about half a second. The rest is for the next. */
const BLOCK_BUDGET: BlockBudget = {
  size_bytes: BLOCK_SIZE_BYTES_MAX - FRAME_BYTES,
  txs: BLOCK_TXS_MAX,
  writes: BLOCK_WRITES_MAX,
  reads: BLOCK_READS_MAX,
};
const EPOCH = 0;

export interface ChainParts {
  readonly db: StateDatabase;
  readonly log: BlockLog;
  readonly genesis: Genesis;
  readonly chainId: Uint8Array;
  readonly hash: Hash;
  readonly crypto: CryptoProvider;
}

export interface Chain {
  head(): Head;
  readonly epoch: number;
  /** Executes as many of `entries`, in order, as a block holds. */
  propose<T extends BlockTx>(
    entries: Iterable<T>,
    args: { readonly proposer: string; readonly time_ms: number },
  ): Candidate<T>;
  /** Executes another's block. Throws `ledger/bad-block` when its header is not what comes out. */
  validate(headerBytes: Uint8Array, txs: readonly Uint8Array[]): Candidate;
  /** Stores a candidate on top of the head. Throws `certificate/*`, `durable/*` or `state/*`. */
  commit(candidate: Candidate, certificate: Uint8Array): Promise<void>;
  /** Brings a block of the log into the state. Throws `ledger/*`, `certificate/*` or `node/state-diverged`. */
  replay(block: Block): Promise<void>;
}

/** Writes the state that the genesis begins with. */
export async function beginState(parts: Omit<ChainParts, 'log'>): Promise<Head> {
  const changes = new Map(
    genesisState(parts.genesis).map(({ key, value }) => [
      key,
      value === null ? null : encodeCbor(value),
    ]),
  );
  const { root, writes } = stateUpdate(parts.hash, parts.db, changes);
  const head: Head = {
    height: 0,
    blockHash: parts.chainId,
    time_ms: parts.genesis.time_ms,
    stateRoot: root,
    transactions: 0,
    certified: null,
  };
  await parts.db.write([...writes, chainIdWrite(parts.chainId), lotCountWrite(0), headWrite(head)]);
  return head;
}

export function createChain(parts: ChainParts, begin: Head): Chain {
  const { db, log, genesis, chainId, hash, crypto } = parts;
  const validators = validatorsHash(hash, genesis.validators);
  let head = begin;
  let committing = false;

  function contextAt(time_ms: number): BlockContext {
    if (committing) throw new Error('chain: a block is asked for while another is being stored');
    if (time_ms <= head.time_ms) {
      throw new AppError('ledger/bad-block', 'A block must be later than the one before it.', {
        time_ms,
        head_ms: head.time_ms,
      });
    }
    return { hash, crypto, chainId, height: head.height + 1, time_ms };
  }

  function execute<T extends BlockTx>(entries: Iterable<T>, time_ms: number, proposer: string) {
    const ctx = contextAt(time_ms);
    const executed = executeBlock(stateReader(db), ctx, entries, BLOCK_BUDGET);
    return sealBlock(db, ctx, executed, { previous: head.blockHash, proposer, validators });
  }

  function validate(headerBytes: Uint8Array, txs: readonly Uint8Array[]): Candidate {
    const header = decodeHeader(headerBytes);
    if (!genesis.validators.some(({ id }) => id === header.proposer)) {
      throw new AppError('ledger/bad-block', 'The proposer of the block is not a validator.');
    }
    const entries = txs.map((bytes) => {
      const tx = decodeTx(bytes);
      return { tx, txId: txId(hash, tx) };
    });
    const candidate = execute(entries, header.time_ms, header.proposer);
    const refused = candidate.executed.refused[0];
    if (refused !== undefined || candidate.executed.included.length !== txs.length) {
      throw new AppError(
        'ledger/bad-block',
        'The block holds a transaction that may not stand in it.',
        { height: header.height, code: refused?.error.code ?? 'ledger/block-too-large' },
      );
    }
    if (!equalBytes(candidate.headerBytes, headerBytes)) {
      throw new AppError(
        'ledger/bad-block',
        `Block ${header.height} does not follow: its state root is ${bytesToHex(header.stateRoot)}, executing it gives ${bytesToHex(candidate.header.stateRoot)}.`,
        {
          height: header.height,
          stateRoot: bytesToHex(header.stateRoot),
          computed: bytesToHex(candidate.header.stateRoot),
        },
      );
    }
    return candidate;
  }

  function assertCertified(candidate: Candidate, certificate: Uint8Array): void {
    verifyCertificate(crypto, hash, {
      chainId,
      epoch: EPOCH,
      validators: genesis.validators,
      headerBytes: candidate.headerBytes,
      certificate: decodeCertificate(certificate),
    });
  }

  function writesOf(candidate: Candidate, next: Head): TableWrite[] {
    const { header, executed } = candidate;
    const { height, time_ms } = header;
    const txs = executed.receipts.map(({ txId: id, ok, code }, index) =>
      txWrite({ txId: id, height, index, time_ms, ok, code }),
    );
    return [
      ...candidate.stateWrites,
      ...txs,
      ...anchorWrites(hash, db, executed.receipts),
      ...traceWrites(db, executed.changes),
      headWrite(next),
    ];
  }

  async function store(candidate: Candidate, certificate: Uint8Array, keep: boolean) {
    const { header, headerBytes, executed } = candidate;
    if (!equalBytes(header.previous, head.blockHash)) {
      throw new AppError('ledger/bad-block', 'The block does not follow the head of this node.', {
        height: header.height,
      });
    }
    const next: Head = {
      height: header.height,
      blockHash: candidate.blockHash,
      time_ms: header.time_ms,
      stateRoot: header.stateRoot,
      transactions: head.transactions + executed.included.length,
      certified: { header: headerBytes, certificate },
    };
    const writes = writesOf(candidate, next);
    if (keep) {
      const txs = executed.included.map(({ tx }) => tx.bytes);
      await log.append({ header: headerBytes, certificate, txs, receipts: executed.receiptBytes });
    }
    await db.write(writes);
    head = next;
  }

  async function exclusively(act: () => Promise<void>): Promise<void> {
    if (committing) throw new Error('chain: two blocks are stored at once');
    committing = true;
    try {
      await act();
    } finally {
      committing = false;
    }
  }

  return {
    head: () => head,
    epoch: EPOCH,
    propose: (entries, { proposer, time_ms }) => execute(entries, time_ms, proposer),
    validate,
    async commit(candidate, certificate) {
      assertCertified(candidate, certificate);
      await exclusively(() => store(candidate, certificate, true));
    },
    async replay(block) {
      const candidate = validate(block.header, block.txs);
      if (!candidate.executed.receiptBytes.every((r, i) => equalBytes(r, block.receipts[i]!))) {
        throw new AppError('ledger/bad-block', 'The receipts of the block are not its own.', {
          height: candidate.header.height,
        });
      }
      assertCertified(candidate, block.certificate);
      await exclusively(() => store(candidate, block.certificate, false));
    },
  };
}
