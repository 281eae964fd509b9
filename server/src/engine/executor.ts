// Executing blocks: one of what waits here, or one that another node made, upon any block that this node has executed.

import {
  AppError,
  BLOCK_READS_MAX,
  BLOCK_SIZE_BYTES_MAX,
  BLOCK_TXS_MAX,
  BLOCK_WRITES_MAX,
  type Block,
  blockHash,
  bytesToHex,
  decodeHeader,
  equalBytes,
  type Header,
} from '@suyuan/contracts';
import { keyText } from '../storage/overlay.ts';
import { type Candidate, sealBlock } from './candidate.ts';
import type { ChainParts } from './chain.ts';
import { type BlockBudget, type BlockTx, executeBlock } from './execute-block.ts';
import { openTxs, verifyTxs } from './incoming.ts';
import { blockRules } from './law.ts';
import { createLayer, type Ground, type Layer, layerId } from './layer.ts';
import type { Tree } from './tree.ts';

/** Room in a block for header, certificate, via and frames. */
const FRAME_BYTES = 32 * 1024;
/** A block is executed in one go, on one thread, by every node: at most about half a second. The rest is for the next. */
const BLOCK_BUDGET: BlockBudget = {
  size_bytes: BLOCK_SIZE_BYTES_MAX - FRAME_BYTES,
  txs: BLOCK_TXS_MAX,
  writes: BLOCK_WRITES_MAX,
  reads: BLOCK_READS_MAX,
};

/** A block's transactions, verified as far as could be; undefined where the block is found wrong, which `replay` then says. */
export type Prepared = Promise<readonly BlockTx[] | undefined>;

export interface ProposeArgs {
  readonly parent: Uint8Array;
  readonly proposer: string;
  readonly time_ms: number;
}

export interface ExecutorParts extends ChainParts {
  readonly tree: Tree;
  readonly tip: () => Ground;
  /** Throws `ledger/unknown-parent`. */
  readonly groundOf: (blockHash: Uint8Array) => Ground;
  /** Layers that must stay whatever else is executed. */
  readonly held: () => readonly Layer[];
}

export interface Executor {
  /** As many of `entries`, in order, as a block holds. Throws `ledger/unknown-parent`, `ledger/bad-block`, `engine/too-deep` or `node/missing-rules`. */
  propose<T extends BlockTx>(
    entries: Iterable<T>,
    args: ProposeArgs,
  ): { readonly layer: Layer; readonly refused: readonly { entry: T; error: AppError }[] };
  /** Rejects as `propose` throws; with `ledger/bad-block` when the header is not what comes out. Throws where it is no header. */
  validate(
    headerBytes: Uint8Array,
    txs: readonly Uint8Array[],
    prepared?: Prepared,
  ): Promise<Layer>;
  prepare(block: Block): Prepared;
}

export function createExecutor(parts: ExecutorParts): Executor {
  const { db, hash, crypto, chainId, tree, groundOf, tip } = parts;
  const validating = new Map<string, Promise<Layer>>();

  function assertUpon(on: Ground, time_ms: number): void {
    if (time_ms <= on.time_ms) {
      throw new AppError('ledger/bad-block', 'A block must be later than the one before it.', {
        time_ms,
        parent_ms: on.time_ms,
      });
    }
    if (on.layer?.candidate.endsEpoch === true) {
      throw new AppError(
        'ledger/bad-block',
        'Nothing stands upon a block that ends its epoch before that is committed.',
      );
    }
    tree.assertRoom(on);
  }

  function execute<T extends BlockTx>(on: Ground, entries: Iterable<T>, args: ProposeArgs) {
    const { proposer, time_ms } = args;
    assertUpon(on, time_ms);
    const { state } = on;
    const height = on.height + 1;
    const { active, writes } = blockRules(parts.rules, state, height);
    const ctx = { hash, crypto, chainId, height, time_ms, rules: active };
    const executed = executeBlock(state, ctx, entries, BLOCK_BUDGET, writes);
    const seal = { previous: on.blockHash, proposer, set: on.set };
    return { candidate: sealBlock(on.view, ctx, executed, seal), executed };
  }

  function keep(on: Ground, candidate: Candidate): Layer {
    const known = tree.get(layerId(candidate.blockHash));
    if (known !== undefined) return known;
    const layer = createLayer(on, candidate, db);
    tree.add(layer, new Set(parts.held()));
    return layer;
  }

  async function prepare({ header, txs }: Block): Prepared {
    try {
      const opened = openTxs(parts, txs, decodeHeader(header).txRoot);
      return await verifyTxs(parts, tip().state, opened);
    } catch {
      return undefined;
    }
  }

  async function run(
    headerBytes: Uint8Array,
    header: Header,
    txs: readonly Uint8Array[],
    prepared?: Prepared,
  ) {
    const { previous, proposer, time_ms } = header;
    const early = groundOf(previous);
    if (!early.set.members.some(({ id }) => id === proposer)) {
      throw new AppError('ledger/bad-block', 'The proposer of the block is not a validator.');
    }
    const entries =
      (await prepared) ?? (await verifyTxs(parts, early.state, openTxs(parts, txs, header.txRoot)));
    // Blocks may have been committed meanwhile.
    const on = groundOf(previous);
    const { candidate, executed } = execute(on, entries, { parent: previous, proposer, time_ms });
    const refused = executed.refused[0];
    if (refused !== undefined || executed.included.length !== txs.length) {
      throw new AppError(
        'ledger/bad-block',
        'The block holds a transaction that may not stand in it.',
        { height: header.height, code: refused?.error.code ?? 'ledger/block-too-large' },
      );
    }
    if (!equalBytes(candidate.headerBytes, headerBytes)) throw notWhatFollows(header, candidate);
    return keep(on, candidate);
  }

  function validate(
    headerBytes: Uint8Array,
    txs: readonly Uint8Array[],
    prepared?: Prepared,
  ): Promise<Layer> {
    const header = decodeHeader(headerBytes);
    const id = layerId(blockHash(hash, headerBytes));
    const known = tree.get(id);
    if (known !== undefined) return Promise.resolve(known);
    let running = validating.get(id);
    if (running === undefined) {
      running = run(headerBytes, header, txs, prepared).finally(() => validating.delete(id));
      validating.set(id, running);
    }
    return running;
  }

  return {
    propose(entries, args) {
      const on = groundOf(args.parent);
      const { candidate, executed } = execute(on, withoutThoseOf(tree.pathTo, on, entries), args);
      return { layer: keep(on, candidate), refused: executed.refused };
    },
    validate,
    prepare,
  };
}

function* withoutThoseOf<T extends BlockTx>(
  pathTo: (layer: Layer) => Layer[],
  { layer }: Ground,
  entries: Iterable<T>,
): Generator<T> {
  const path = layer === undefined ? [] : pathTo(layer);
  for (const entry of entries) {
    const id = path.length === 0 ? '' : keyText(entry.txId);
    if (!path.some(({ txIds }) => txIds.has(id))) yield entry;
  }
}

function notWhatFollows(header: Header, candidate: Candidate): AppError {
  const stateRoot = bytesToHex(header.stateRoot);
  const computed = bytesToHex(candidate.header.stateRoot);
  return new AppError(
    'ledger/bad-block',
    `Block ${header.height} does not follow: its state root is ${stateRoot}, executing it gives ${computed}.`,
    { height: header.height, stateRoot, computed },
  );
}
