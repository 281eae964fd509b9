// A run of blocks that a peer sent, into this node's chain: one after the other, each verified whole by the engine.

import {
  AppError,
  type Block,
  blockHash,
  decodeBlock,
  decodeHeader,
  equalBytes,
  type Hash,
  isAppError,
  leafHash,
  logRoot,
  verifyBlockCertificate,
} from '@suyuan/contracts';
import type { ConsensusHost } from '../port.ts';
import type { SyncLimits } from './limits.ts';
import { createTurns } from './turn.ts';

export interface TakenBlock {
  readonly height: number;
  /** 32 bytes. */
  readonly blockHash: Uint8Array;
  /** The encoded certificate beside it: its own, or of a later block that stands upon it. */
  readonly certificate: Uint8Array;
  readonly endsEpoch: boolean;
}

export type Outcome =
  | { readonly type: 'taken' }
  /** The peer's fault. */
  | { readonly type: 'wrong'; readonly code: string }
  /** Nobody's: it cannot be taken now. */
  | { readonly type: 'later' }
  /** This node's own: it has failed. */
  | { readonly type: 'failed' };

export interface BlockTaker {
  take(from: number, blocks: readonly Uint8Array[]): Promise<Outcome>;
  stop(): void;
}

/** Errors that say nothing about the block: the disk, the database, or a program too old. */
const OWN_FAULTS = ['durable', 'state', 'state-tree', 'node', 'consensus'] as const;

export function createBlockTaker(parts: {
  readonly host: ConsensusHost;
  readonly limits: SyncLimits;
  readonly onTaken: (block: TakenBlock) => void;
}): BlockTaker {
  const { host, limits, onTaken } = parts;
  const turns = createTurns(host.clock);
  let stopped = false;

  /** Undefined where the block is in the chain, by this call or another way. */
  async function takeOne(bytes: Uint8Array, height: number): Promise<Outcome | undefined> {
    let block: Block;
    let taken: TakenBlock;
    try {
      block = decodeBlock(bytes);
      taken = describe(host, block);
      if (taken.height !== height) throw outOfOrder(height, taken.height);
    } catch (error) {
      return wrong(error);
    }
    if (height <= host.head().height) return undefined;
    try {
      await host.take(block);
    } catch (error) {
      // The votes may have brought the same block meanwhile.
      if (height <= host.head().height) return undefined;
      return judge(height, block, error);
    }
    onTaken(taken);
    return undefined;
  }

  /** Only what no peer can bring about stops the node: its own machine, or a quorum that vouches for what is wrong here. */
  function judge(height: number, block: Block, error: unknown): Outcome {
    const { logger } = host;
    if (isAppError(error, 'engine')) {
      logger.warn({ err: error, height }, 'A block of a peer cannot be taken now');
      return { type: 'later' };
    }
    const ownFault = OWN_FAULTS.some((subject) => isAppError(error, subject));
    const unforeseen = !(error instanceof AppError);
    if (!ownFault && !isCertified(host, block)) {
      if (unforeseen) logger.error({ err: error, height }, 'A block of a peer could not be judged');
      return wrong(error);
    }
    if (!stopped) host.fail(ownFault || unforeseen ? error : diverged(height, error));
    return { type: 'failed' };
  }

  return {
    async take(from, blocks) {
      let turn_bytes = 0;
      let height = from;
      for (const bytes of blocks) {
        if (stopped) break;
        const outcome = await takeOne(bytes, height);
        if (outcome !== undefined) return outcome;
        height += 1;
        turn_bytes += bytes.length;
        if (turn_bytes < limits.turn_bytes) continue;
        turn_bytes = 0;
        await turns.next();
      }
      return { type: 'taken' };
    },
    stop() {
      stopped = true;
      turns.stop();
    },
  };
}

function describe({ hash }: ConsensusHost, { header, certificate }: Block): TakenBlock {
  const { height, validators, nextValidators } = decodeHeader(header);
  return {
    height,
    blockHash: blockHash(hash, header),
    certificate,
    endsEpoch: !equalBytes(validators, nextValidators),
  };
}

/** Whether a quorum vouches for exactly this block, its transactions and its receipts. */
function isCertified(host: ConsensusHost, block: Block): boolean {
  const { chainId, crypto, hash } = host;
  const { epoch, validators } = host.epoch();
  try {
    const header = verifyBlockCertificate(crypto, hash, { chainId, epoch, validators, block });
    return (
      equalBytes(header.txRoot, rootOf(hash, block.txs)) &&
      equalBytes(header.receiptRoot, rootOf(hash, block.receipts))
    );
  } catch {
    return false;
  }
}

function rootOf(hash: Hash, items: readonly Uint8Array[]): Uint8Array {
  return logRoot(
    hash,
    items.map((item) => leafHash(hash, item)),
  );
}

function diverged(height: number, cause: AppError): AppError {
  return new AppError(
    'consensus/diverged',
    `The other validators certified block ${height}, and this node finds it wrong: ${cause.message} Stop it, and compare its program and its data with another node's.`,
    { ...cause.details, height },
    cause,
  );
}

function wrong(error: unknown): Outcome {
  return { type: 'wrong', code: isAppError(error) ? error.code : 'ledger/bad-block' };
}

function outOfOrder(expected: number, found: number): AppError {
  return new AppError(
    'ledger/out-of-order',
    `Block ${found} came where ${expected} was asked for.`,
    {
      expected,
      found,
    },
  );
}
