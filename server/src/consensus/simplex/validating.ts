// Whether a block is right, and whether its time is: the engine executes it, this file decides what its answer means.

import { type AppError, hexToBytes, isAppError } from '@suyuan/contracts';
import type { BlockId, CoreEvent } from '../core/types.ts';
import type { ConsensusHost, ProposedBlock } from '../port.ts';
import type { Evidence } from './evidence.ts';
import { type Body, executeAgain, unexecuted } from './executing.ts';
import { type SimplexOptions, TIMELY_RETRY_MS } from './options.ts';
import { parentTime_ms } from './parent-time.ts';
import type { Timers } from './timers.ts';

export interface ValidatingParts {
  readonly host: ConsensusHost;
  readonly options: SimplexOptions;
  readonly timers: Timers;
  readonly evidence: Evidence;
  readonly isClosed: () => boolean;
  readonly feed: (event: CoreEvent) => void;
  readonly executed: (block: BlockId) => void;
  readonly fail: (error: unknown) => void;
  /** Blocks are missing here that only a peer's log has. */
  readonly hurry: () => void;
}

export interface Validating {
  validate(order: { readonly slot: number; readonly block: BlockId }): void;
  /** The engine has moved: what was too early may be right now. */
  retry(): void;
  /** Why a block was found wrong. */
  reason(block: BlockId): AppError | undefined;
  /** Slots up to this one are final. */
  prune(final: number): void;
  idle(): Promise<void>;
  readonly size: number;
}

interface Order {
  readonly slot: number;
  readonly block: BlockId;
}

/** Errors that say something about this machine and nothing about the block. */
const OWN_FAULTS = ['node', 'state', 'state-tree', 'rules/missing-version', 'merkle/missing-node'];
/** Errors that pass when the engine has moved on. Without the rules of a block the engine stops by itself once the chain comes there. */
const TOO_EARLY = ['node/missing-rules', 'ledger/unknown-parent', 'engine/too-deep', 'crypto/busy'];
const RETRY_MS = 500;

export function createValidating(parts: ValidatingParts): Validating {
  const { host, options, timers, evidence, isClosed, feed } = parts;
  const running = new Set<Promise<void>>();
  const early = new Map<BlockId, Order>();
  const untimely = new Map<BlockId, { readonly slot: number; readonly time_ms: number }>();
  const reasons = new Map<BlockId, { readonly slot: number; readonly error: AppError }>();

  function validate(order: Order): void {
    const work = ask(order).finally(() => running.delete(work));
    running.add(work);
  }

  async function ask({ slot, block }: Order): Promise<void> {
    try {
      const known = host.executed(hexToBytes(block));
      const body = evidence.body(block)?.message.body;
      if (known === undefined && !body) throw new Error(`simplex: block ${block} is not held`);
      const executed = known ?? (await execute(block, body!));
      if (!isClosed()) right(slot, block, executed);
    } catch (error) {
      if (!isClosed()) judge({ slot, block }, error);
    }
  }

  async function execute(block: BlockId, { header, txs }: Body): Promise<ProposedBlock> {
    try {
      return await host.validate(header, txs);
    } catch (error) {
      const below = unexecuted(host, evidence, block).slice(0, -1);
      if (!isAppError(error, 'ledger/unknown-parent') || below.length === 0) throw error;
      await executeAgain(host, below);
      return host.validate(header, txs);
    }
  }

  function right(slot: number, block: BlockId, { time_ms, previous }: ProposedBlock): void {
    parts.executed(block);
    // The least time that a leader can choose is never too late: else a chain whose clocks were ahead would stand until they are again.
    const timely = isTimely(time_ms) || time_ms - 1 === parentTime_ms(host, previous);
    if (!timely) {
      untimely.set(block, { slot, time_ms });
      watch();
    }
    feed({ type: 'validated', block, valid: true, timely });
  }

  function judge(order: Order, error: unknown): void {
    if (TOO_EARLY.some((code) => isAppError(error, code))) {
      early.set(order.block, order);
      if (isAppError(error, 'ledger/unknown-parent')) parts.hurry();
      timers.set('early', RETRY_MS, retry);
      return;
    }
    if (!isAppError(error) || OWN_FAULTS.some((code) => isAppError(error, code))) {
      parts.fail(error);
      return;
    }
    const { slot, block } = order;
    host.logger.warn({ slot, block, code: error.code, err: error }, 'a proposed block is wrong');
    reasons.set(block, { slot, error });
    feed({ type: 'validated', block, valid: false, timely: false });
  }

  function retry(): void {
    timers.clear('early');
    for (const order of [...early.values()]) {
      early.delete(order.block);
      validate(order);
    }
  }

  function isTimely(time_ms: number): boolean {
    return time_ms <= host.clock.now_ms() + options.timeAhead_ms;
  }

  function watch(): void {
    let soonest_ms = TIMELY_RETRY_MS;
    for (const { time_ms } of untimely.values()) {
      const left_ms = time_ms - options.timeAhead_ms - host.clock.now_ms();
      soonest_ms = Math.min(soonest_ms, Math.max(left_ms, 1));
    }
    if (untimely.size > 0) timers.set('timely', soonest_ms, lookAgain);
    else timers.clear('timely');
  }

  function lookAgain(): void {
    for (const [block, { time_ms }] of [...untimely]) {
      if (!isTimely(time_ms)) continue;
      untimely.delete(block);
      feed({ type: 'validated', block, valid: true, timely: true });
    }
    watch();
  }

  return {
    validate,
    retry,
    reason: (block) => reasons.get(block)?.error,
    prune(final) {
      for (const map of [early, untimely, reasons]) {
        for (const [block, { slot }] of [...map]) if (slot <= final) map.delete(block);
      }
      if (early.size === 0) timers.clear('early');
      watch();
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
    get size() {
      return early.size + untimely.size + reasons.size;
    },
  };
}
