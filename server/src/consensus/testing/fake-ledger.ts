// An engine without rules: transactions are loose bytes, the state is a running hash, and a transaction `set a,b,c` makes those the
// validators. What was committed survives a restart, what was only executed does not.

import {
  AppError,
  type Block,
  blockHash,
  bytesToHex,
  type CryptoProvider,
  concatBytes,
  decodeCertificate,
  decodeHeader,
  encodeHeader,
  equalBytes,
  leafHash,
  logRoot,
  type Validator,
  validatorsHash,
  verifyCertificate,
} from '@suyuan/contracts';
import { type NodeLogger, silentLogger } from '../../engine/logger.ts';
import type { ConsensusHost, ProposedBlock } from '../port.ts';
import { secretOf, sha256 } from './fake-crypto.ts';
import type { MachineClock } from './time.ts';

export interface FakeLedger {
  readonly blocks: Block[];
  readonly waiting: Map<string, Uint8Array>;
}

export interface FakeHost extends ConsensusHost {
  readonly ledger: FakeLedger;
  readonly failures: unknown[];
  submit(text: string): void;
  /** The transactions of the chain, in order. */
  texts(): string[];
  /** Where this machine computes another state than the others. */
  bend: ((state: Uint8Array) => Uint8Array) | undefined;
  executions: number;
}

interface Executed extends ProposedBlock {
  readonly state: Uint8Array;
  readonly next: readonly Validator[];
}

export const CHAIN = sha256(new TextEncoder().encode('a chain for tests'));

export function validatorsOf(crypto: CryptoProvider, ids: readonly string[]): Validator[] {
  return ids.map((id) => ({ id, key: crypto.publicKeyOf(secretOf(id)) }));
}

export function createLedger(): FakeLedger {
  return { blocks: [], waiting: new Map() };
}

export function createFakeHost(parts: {
  readonly ledger: FakeLedger;
  readonly crypto: CryptoProvider;
  readonly clock: MachineClock;
  readonly genesis: readonly string[];
  readonly logger?: NodeLogger;
  readonly failures?: unknown[];
}): FakeHost {
  const { ledger, crypto, clock, genesis } = parts;
  const executed = new Map<string, Executed>();
  const pending = new Set<() => void>();
  const accepted = new Set<(tx: Uint8Array, from: string | null) => void>();
  const failures = parts.failures ?? [];
  let height = 0;
  let epoch = { epoch: 0, validators: validatorsOf(crypto, genesis), root: CHAIN, firstHeight: 1 };
  let head: { hash: Uint8Array; time_ms: number; state: Uint8Array } = {
    hash: CHAIN,
    time_ms: 0,
    state: CHAIN,
  };
  for (const block of ledger.blocks) enter(block.header);

  function enter(header: Uint8Array): void {
    const { time_ms, stateRoot, validators, nextValidators } = decodeHeader(header);
    const hash = blockHash(sha256, header);
    const block = ledger.blocks[height];
    height += 1;
    head = { hash, time_ms, state: stateRoot };
    if (equalBytes(validators, nextValidators)) return;
    epoch = {
      epoch: epoch.epoch + 1,
      validators: setOf(block?.txs ?? []) ?? epoch.validators,
      root: hash,
      firstHeight: height + 1,
    };
  }

  function setOf(txs: readonly Uint8Array[]): Validator[] | undefined {
    const texts = txs.map((tx) => new TextDecoder().decode(tx));
    const change = texts.find((text) => text.startsWith('set '));
    return change === undefined ? undefined : validatorsOf(crypto, change.slice(4).split(','));
  }

  function parentOf(hash: Uint8Array) {
    if (equalBytes(hash, head.hash)) return { ...head, height };
    const found = executed.get(bytesToHex(hash));
    if (found === undefined) throw new AppError('ledger/unknown-parent', 'too early');
    return { hash, time_ms: found.time_ms, state: found.state, height: found.height };
  }

  function build(
    previous: Uint8Array,
    proposer: string,
    time_ms: number,
    txs: readonly Uint8Array[],
  ): Executed {
    host.executions += 1;
    const parent = parentOf(previous);
    if (time_ms <= parent.time_ms) throw new AppError('ledger/bad-time', 'not after its parent');
    const plain = sha256(concatBytes(parent.state, ...txs));
    const state = host.bend?.(plain) ?? plain;
    const next = setOf(txs) ?? epoch.validators;
    const headerBytes = encodeHeader({
      chainId: CHAIN,
      height: parent.height + 1,
      previous,
      time_ms,
      proposer,
      txRoot: logRoot(
        sha256,
        txs.map((tx) => leafHash(sha256, tx)),
      ),
      receiptRoot: CHAIN,
      stateRoot: state,
      validators: validatorsHash(sha256, epoch.validators),
      nextValidators: validatorsHash(sha256, next),
      rules: 3,
    });
    const hash = blockHash(sha256, headerBytes);
    const endsEpoch = setOf(txs) !== undefined;
    const block: Executed = {
      height: parent.height + 1,
      headerBytes,
      blockHash: hash,
      previous,
      time_ms,
      txs,
      endsEpoch,
      state,
      next,
    };
    executed.set(bytesToHex(hash), block);
    return block;
  }

  function above(hash: Uint8Array): Executed[] {
    const found: Executed[] = [];
    for (let at = hash; !equalBytes(at, head.hash); ) {
      const block = executed.get(bytesToHex(at));
      if (block === undefined) return found.reverse();
      found.push(block);
      at = block.previous;
    }
    return found.reverse();
  }

  function waitingUpon(hash: Uint8Array): Uint8Array[] {
    const held = new Set(above(hash).flatMap(({ txs }) => txs.map(bytesToHex)));
    return [...ledger.waiting].flatMap(([key, tx]) => (held.has(key) ? [] : [tx]));
  }

  function store(block: Block): void {
    ledger.blocks.push(block);
    enter(block.header);
    for (const tx of block.txs) ledger.waiting.delete(bytesToHex(tx));
  }

  function drop(): void {
    for (const [key, block] of [...executed]) {
      if (block.height <= height || above(block.blockHash)[0]?.height !== height + 1) {
        executed.delete(key);
      }
    }
  }

  const host: FakeHost = {
    ledger,
    failures,
    executions: 0,
    bend: undefined,
    chainId: CHAIN,
    profile: 'international',
    hash: sha256,
    crypto,
    clock,
    logger: parts.logger ?? silentLogger,
    head: () => ({
      height,
      blockHash: head.hash,
      time_ms: head.time_ms,
      certificate: ledger.blocks.at(-1)?.certificate ?? null,
    }),
    epoch: () => epoch,
    pending: (upon) => (upon === undefined ? ledger.waiting.size : waitingUpon(upon).length),
    onPending(listener) {
      pending.add(listener);
      return () => void pending.delete(listener);
    },
    onAccepted(listener) {
      accepted.add(listener);
      return () => void accepted.delete(listener);
    },
    async receive(tx, from) {
      const key = bytesToHex(tx);
      if (ledger.waiting.has(key)) return;
      if (host.texts().includes(new TextDecoder().decode(tx))) return;
      ledger.waiting.set(key, tx);
      for (const listener of accepted) listener(tx, from);
      for (const listener of pending) listener();
    },
    waiting: () => ledger.waiting.values(),
    submit(text) {
      const tx = new TextEncoder().encode(text);
      ledger.waiting.set(bytesToHex(tx), tx);
      for (const listener of accepted) listener(tx, null);
      for (const listener of pending) listener();
    },
    texts: () => ledger.blocks.flatMap(({ txs }) => txs.map((tx) => new TextDecoder().decode(tx))),
    propose: ({ parent, proposer, time_ms }) =>
      build(parent, proposer, time_ms, waitingUpon(parent).slice(0, 100)),
    async validate(headerBytes, txs) {
      const { previous, proposer, time_ms } = decodeHeader(headerBytes);
      const known = executed.get(bytesToHex(blockHash(sha256, headerBytes)));
      if (known !== undefined) return known;
      await Promise.resolve();
      const block = build(previous, proposer, time_ms, txs);
      if (!equalBytes(block.headerBytes, headerBytes)) {
        throw new AppError('ledger/state-root', 'another state', {
          computed: bytesToHex(block.state),
        });
      }
      return block;
    },
    executed: (hash) => executed.get(bytesToHex(hash)),
    async commit(hash, certificate) {
      await Promise.resolve();
      const run = above(hash);
      for (const [i, block] of run.entries()) {
        check(run.at(-1)?.headerBytes ?? block.headerBytes, certificate);
        store({
          header: block.headerBytes,
          certificate,
          via: run.slice(i + 1).map(({ headerBytes }) => headerBytes),
          txs: block.txs,
          receipts: block.txs.map(() => new Uint8Array()),
        });
      }
      drop();
    },
    async take(block) {
      await Promise.resolve();
      const { previous, proposer, time_ms } = decodeHeader(block.header);
      if (!equalBytes(previous, head.hash)) {
        throw new AppError('ledger/bad-block', 'does not follow');
      }
      check(block.via.at(-1) ?? block.header, block.certificate);
      const built = build(previous, proposer, time_ms, block.txs);
      if (!equalBytes(built.headerBytes, block.header)) {
        throw new AppError('ledger/state-root', 'another state');
      }
      store(block);
      drop();
    },
    block: (at) => ledger.blocks[at - 1],
    fail: (error) => void failures.push(error),
  };

  function check(certified: Uint8Array, certificate: Uint8Array): void {
    verifyCertificate(crypto, sha256, {
      chainId: CHAIN,
      epoch: epoch.epoch,
      validators: epoch.validators,
      headerBytes: certified,
      certificate: decodeCertificate(certificate),
    });
  }

  return host;
}
