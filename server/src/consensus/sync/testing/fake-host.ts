// A chain of empty blocks and a mempool of loose bytes, as gossip and sync see them: certificates are the block's hash.

import { createHash } from 'node:crypto';
import {
  AppError,
  type Block,
  blockHash,
  decodeHeader,
  encodeHeader,
  equalBytes,
  type Hash,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { silentLogger } from '../../../engine/logger.ts';
import type { ConsensusHost } from '../../port.ts';
import type { VirtualClock } from './virtual-clock.ts';

const sha256: Hash = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());
const CHAIN = new Uint8Array(32).fill(7);
const ZERO = new Uint8Array(32);

export interface FakeHost extends ConsensusHost {
  readonly blocks: Block[];
  /** A transaction at this node's own door. */
  submit(tx: Uint8Array): void;
  readonly mempool: Map<string, Uint8Array>;
  /** What was received from whom, whether taken or not. */
  readonly received: { readonly tx: Uint8Array; readonly from: string }[];
  readonly failures: unknown[];
  /** Throws in the place of taking, when set. */
  refuse: ((tx: Uint8Array) => AppError | undefined) | undefined;
  /** Thrown by the next `take`. */
  takeError: unknown;
}

/** The block upon `previous`; another `seed` gives another block. */
export function fakeBlock(height: number, previous: Uint8Array, seed = 0): Block {
  const header = encodeHeader({
    chainId: CHAIN,
    height,
    previous,
    time_ms: height,
    proposer: 'v0',
    txRoot: sha256(Uint8Array.of()),
    receiptRoot: sha256(Uint8Array.of()),
    stateRoot: new Uint8Array(32).fill(seed),
    validators: ZERO,
    nextValidators: height % 100 === 0 ? CHAIN : ZERO,
    rules: 3,
  });
  return { header, certificate: blockHash(sha256, header), via: [], txs: [], receipts: [] };
}

/** The chain of the fake host, or with a `seed` one from another genesis. */
export function fakeChain(length: number, seed = 0): Block[] {
  const blocks: Block[] = [];
  const root = seed === 0 ? CHAIN : new Uint8Array(32).fill(seed);
  for (let height = 1; height <= length; height++) {
    blocks.push(fakeBlock(height, blocks.at(-1)?.certificate ?? root, seed));
  }
  return blocks;
}

export function createFakeHost(clock: VirtualClock, blocks: Block[] = []): FakeHost {
  const accepted = new Set<(tx: Uint8Array, from: string | null) => void>();
  const failures: unknown[] = [];
  const mempool = new Map<string, Uint8Array>();
  const received: { tx: Uint8Array; from: string }[] = [];
  const unused = (): never => {
    throw new Error('the fake host does not do that');
  };
  const add = (tx: Uint8Array, from: string | null): void => {
    mempool.set(Buffer.from(tx).toString('hex'), tx);
    for (const listener of accepted) listener(tx, from);
  };
  const host: FakeHost = {
    chainId: CHAIN,
    profile: 'international',
    hash: sha256,
    crypto: nodeCrypto,
    clock,
    logger: silentLogger,
    blocks,
    mempool,
    received,
    failures,
    refuse: undefined,
    takeError: undefined,
    head: () => ({
      height: blocks.length,
      blockHash: blocks.at(-1)?.certificate ?? CHAIN,
      time_ms: blocks.length,
      certificate: blocks.at(-1)?.certificate ?? null,
    }),
    epoch: () => ({ epoch: 0, validators: [], root: CHAIN, firstHeight: 1 }),
    pending: () => mempool.size,
    onPending: () => () => {},
    onAccepted(listener) {
      accepted.add(listener);
      return () => void accepted.delete(listener);
    },
    async receive(tx, from) {
      received.push({ tx, from });
      await Promise.resolve();
      const refusal = host.refuse?.(tx);
      if (refusal !== undefined) throw refusal;
      if (!mempool.has(Buffer.from(tx).toString('hex'))) add(tx, from);
    },
    waiting: () => mempool.values(),
    submit: (tx) => add(tx, null),
    propose: unused,
    validate: unused,
    executed: unused,
    commit: unused,
    async take(block) {
      await Promise.resolve();
      if (host.takeError !== undefined) {
        const error = host.takeError;
        host.takeError = undefined;
        throw error;
      }
      const { height, previous } = decodeHeader(block.header);
      if (!equalBytes(block.certificate, blockHash(sha256, block.header))) {
        throw new AppError('certificate/no-quorum', 'not certified');
      }
      if (height !== blocks.length + 1 || !equalBytes(previous, host.head().blockHash)) {
        throw new AppError('ledger/bad-block', 'does not follow');
      }
      blocks.push(block);
    },
    block: (height) => blocks[height - 1],
    fail: (error) => void failures.push(error),
  };
  return host;
}
