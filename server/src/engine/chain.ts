// The chain as this node holds it: what a block upon any executed one would be, whether another's block is right, and the one way in
// which blocks become part of it. First the block log, then the database; a block in the log whose certificate is that of a later one
// stays above the database until that one comes, for what the database holds must be certified by itself.

import {
  AppError,
  type AsyncCryptoProvider,
  type Block,
  bytesToHex,
  type CryptoProvider,
  decodeCertificate,
  decodeHeader,
  type EpochEnd,
  equalBytes,
  type Hash,
  type RuleRegistry,
  VIA_MAX,
  verifyCertificate,
} from '@suyuan/contracts';
import type { BlockLog } from '../storage/block-log.ts';
import type { StateDatabase } from '../storage/database.ts';
import { epochEndWrite, readEpochEnds } from '../storage/epoch-ends.ts';
import { type Head, headWrite } from '../storage/head.ts';
import { stateReader } from '../storage/state.ts';
import type { Candidate } from './candidate.ts';
import { createCertifier } from './certifier.ts';
import type { BlockTx } from './execute-block.ts';
import { createExecutor, type Prepared, type ProposeArgs } from './executor.ts';
import { blockRules, votingSet } from './law.ts';
import { type Ground, type Layer, layerId, storedGround } from './layer.ts';
import { createSerial } from './serial.ts';
import { createTree } from './tree.ts';

export interface ChainParts {
  readonly db: StateDatabase;
  readonly log: BlockLog;
  readonly chainId: Uint8Array;
  readonly hash: Hash;
  readonly crypto: CryptoProvider | AsyncCryptoProvider;
  readonly rules: RuleRegistry;
  /** What waits in the mempool under this leaf. */
  readonly waiting: (leaf: Uint8Array) => BlockTx | undefined;
  /** Blocks are in the database, lowest first. */
  readonly onStored: (blocks: readonly Candidate[]) => void;
}

export interface Chain {
  /** The newest committed block. */
  tip(): Ground;
  /** Its certificate, which may be that of a later block; null before the first block. */
  certificate(): Uint8Array | null;
  /** The newest block in the database. */
  stored(): Ground;
  epochEnds(): readonly EpochEnd[];
  /** An executed block that is not committed. */
  executed(blockHash: Uint8Array): Layer | undefined;
  /** An executed block that is not in the database. */
  layer(blockHash: Uint8Array): Layer | undefined;
  /** Blocks from above the database to this one that are executed only. */
  pathTo(layer: Layer): Layer[];
  /** Executes as many of `entries`, in order, as a block holds. Throws `ledger/unknown-parent`, `ledger/bad-block` or `node/missing-rules`. */
  propose<T extends BlockTx>(
    entries: Iterable<T>,
    args: ProposeArgs,
  ): { readonly layer: Layer; readonly refused: readonly { entry: T; error: AppError }[] };
  /** Executes another's block. Rejects with `ledger/bad-block` when its header is not what comes out. */
  validate(headerBytes: Uint8Array, txs: readonly Uint8Array[]): Promise<Layer>;
  /** Stores the executed blocks up to this one. Rejects with `certificate/*`, `ledger/*`, `engine/too-deep`, `durable/*` or `state/*`. */
  commit(blockHash: Uint8Array, certificate: Uint8Array): Promise<void>;
  /** Verifies and stores the next block out of another node's log. Rejects as `validate` and `commit`. */
  take(block: Block): Promise<void>;
  /** Begins to verify the signatures of a later block of the log, while the ones before it are executed. */
  prepare(block: Block): Prepared;
  /** Brings the next block of this node's own log into the state. */
  replay(block: Block, prepared?: Prepared): Promise<void>;
  /** Resolves when nothing is being stored any more. */
  idle(): Promise<void>;
  /** The rules of the next block are not in this program: what `propose` would throw. */
  missingRules(): AppError | undefined;
}

export function createChain(parts: ChainParts, begin: Head): Chain {
  const { db, log, chainId, hash, crypto } = parts;
  const tree = createTree();
  const serial = createSerial();
  const certifier = createCertifier(parts);
  let stored = storedGround(begin, db, votingSet(hash, stateReader(db)));
  /** In the log and not in the database, lowest first. */
  let logged: Layer[] = [];
  /** What the certificate of the last one in the log stands for above it; undefined where that is its own. */
  let due: Pick<Block, 'certificate' | 'via'> | undefined;
  let certificate = begin.certified?.certificate ?? null;
  const ends = readEpochEnds(db);
  /** The database is between two blocks: what stands upon `stored` cannot be executed. */
  let storing = false;
  certifier.committed(begin.blockHash);
  let broken: { readonly error: unknown } | undefined;

  const tip = (): Ground => logged.at(-1) ?? stored;
  const executor = createExecutor({ ...parts, tree, tip, groundOf, held: () => logged });

  function groundOf(blockHash: Uint8Array): Ground {
    const layer = tree.get(layerId(blockHash));
    if (layer !== undefined) return layer;
    if (!storing && equalBytes(blockHash, stored.blockHash)) return stored;
    throw new AppError(
      'ledger/unknown-parent',
      'The block stands upon one that this node has not executed, or has passed already.',
      { parent: bytesToHex(blockHash) },
    );
  }

  /** The blocks are certified: they become part of the chain. `kept`: they are in the log already. */
  async function extend(layers: readonly Layer[], blocks: readonly Block[], kept: boolean) {
    const last = layers.at(-1)!;
    const final = blocks.at(-1)!;
    try {
      if (!kept) await log.append(blocks);
      logged = [...logged, ...layers];
      certificate = final.certificate;
      due = final.via.length > 0 ? final : undefined;
      tree.keepOnly(last);
      if (last.candidate.endsEpoch) {
        const { members: next } = last.set;
        ends.push({ header: final.header, certificate: final.certificate, next });
      }
      if (final.via.length === 0) await settle(last, final);
    } catch (error) {
      broken = { error };
      throw error;
    }
  }

  async function settle(last: Layer, final: Block): Promise<void> {
    const run = logged;
    const { height, blockHash, time_ms, stateRoot, transactions } = last;
    const certified = { header: final.header, certificate: final.certificate };
    const head: Head = { height, blockHash, time_ms, stateRoot, transactions, certified };
    const writes = run.flatMap(({ candidate }) => candidate.writes);
    const end = last.candidate.endsEpoch ? ends.at(-1) : undefined;
    const ended = end === undefined ? [] : [epochEndWrite(ends.length - 1, end)];
    storing = true;
    try {
      await db.write([...writes, ...ended, headWrite(head)]);
    } finally {
      storing = false;
    }
    stored = storedGround(head, db, last.set);
    logged = [];
    tree.land(run);
    parts.onStored(run.map(({ candidate }) => candidate));
  }

  function assertWhole(): void {
    if (broken !== undefined) throw broken.error;
  }

  async function commit(blockHash: Uint8Array, certificateBytes: Uint8Array): Promise<void> {
    assertWhole();
    if (certifier.isCommitted(blockHash)) return;
    const layer = tree.get(layerId(blockHash));
    if (layer === undefined) {
      throw new AppError('ledger/unknown-block', 'This node has not executed that block.', {
        block: bytesToHex(blockHash),
      });
    }
    const layers = tree.pathTo(layer).slice(logged.length);
    if (layers.length > VIA_MAX + 1) {
      throw new AppError(
        'engine/too-deep',
        `One certificate stands for at most ${VIA_MAX + 1} blocks; get these from another node's log.`,
        { blocks: layers.length },
      );
    }
    // None of them but the last can end the epoch.
    const { set } = tip();
    verifyCertificate(crypto, hash, {
      chainId,
      epoch: set.epoch,
      validators: set.members,
      headerBytes: layer.candidate.headerBytes,
      certificate: decodeCertificate(certificateBytes),
    });
    const headers = layers.map(({ candidate }) => candidate.headerBytes);
    const blocks = layers.map(({ candidate }, i) => ({
      header: candidate.headerBytes,
      certificate: certificateBytes,
      via: headers.slice(i + 1),
      txs: candidate.txs,
      receipts: candidate.receiptBytes,
    }));
    await extend(layers, blocks, false);
    for (const done of layers) certifier.committed(done.blockHash);
  }

  /**
   * Where the certificate of the block before stands for this one too, it is this one's, unless the block has one of its own. So at most
   * VIA_MAX blocks ever wait above the database, whatever runs the logs of others are made of.
   */
  function underDue(block: Block): Block {
    if (due === undefined) return block;
    const { certificate: bytes, via } = due;
    if (!equalBytes(via[0]!, block.header)) {
      // Another certificate for this height would be a second chain; without one the peer made it up.
      certifier.verify(block, tip().set);
      throw new AppError(
        'ledger/bad-block',
        'The certificate of the block before stands for another block than this.',
        { height: tip().height + 1 },
      );
    }
    return block.via.length === 0 ? block : { ...block, certificate: bytes, via: via.slice(1) };
  }

  async function bring(given: Block, kept: boolean, prepared?: Prepared): Promise<void> {
    assertWhole();
    const on = tip();
    const { height, previous } = decodeHeader(given.header);
    const own = kept ? undefined : log.read(height);
    if (own !== undefined && equalBytes(own.header, given.header)) return;
    const block = underDue(given);
    certifier.verify(block, on.set);
    if (height !== on.height + 1 || !equalBytes(previous, on.blockHash)) {
      throw new AppError('ledger/bad-block', 'The block does not follow the head of this node.', {
        height,
        head: on.height,
      });
    }
    const layer = await executor.validate(block.header, block.txs, prepared);
    const { receiptBytes, endsEpoch } = layer.candidate;
    const same =
      receiptBytes.length === block.receipts.length &&
      receiptBytes.every((bytes, i) => equalBytes(bytes, block.receipts[i]!));
    if (!same) {
      throw new AppError('ledger/bad-block', 'The receipts of the block are not its own.', {
        height,
      });
    }
    if (endsEpoch && block.via.length > 0) {
      throw new AppError(
        'ledger/bad-block',
        'The block ends its epoch and has no certificate of its own.',
        { height },
      );
    }
    await extend([layer], [block], kept);
    certifier.committed(layer.blockHash);
  }

  return {
    tip,
    certificate: () => certificate,
    stored: () => stored,
    epochEnds: () => ends,
    executed: (blockHash) => {
      const layer = tree.get(layerId(blockHash));
      return layer === undefined || logged.includes(layer) ? undefined : layer;
    },
    layer: (blockHash) => tree.get(layerId(blockHash)),
    pathTo: tree.pathTo,
    propose: executor.propose,
    validate: async (headerBytes, txs) => executor.validate(headerBytes, txs),
    commit: (blockHash, bytes) => serial(() => commit(blockHash, bytes)),
    take: (block) => serial(() => bring(block, false)),
    prepare: executor.prepare,
    replay: (block, prepared) => serial(() => bring(block, true, prepared)),
    idle: () => serial(async () => {}),
    missingRules() {
      const { state, height } = tip();
      try {
        blockRules(parts.rules, state, height + 1);
        return undefined;
      } catch (error) {
        if (error instanceof AppError && error.code === 'node/missing-rules') return error;
        throw error;
      }
    },
  };
}
