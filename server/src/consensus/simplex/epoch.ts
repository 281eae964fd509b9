// One epoch: a core, what it decides by, and the hands that carry out what it wants.

import { bytesToHex, hexToBytes, quorum } from '@suyuan/contracts';
import {
  type Core,
  type CoreEffect,
  type CoreEvent,
  type CoreView,
  createCore,
  type Ref,
} from '../core/index.ts';
import type { Journal } from '../journal/index.ts';
import { type ConsensusMessage, toFinalCertificate } from '../messages/index.ts';
import type { ConsensusHost, EpochView } from '../port.ts';
import type { Signer } from '../signer/index.ts';
import type { Peer } from '../transport/port.ts';
import { createCasting } from './casting.ts';
import { type ClockNotice, createClockWatch } from './clock-watch.ts';
import { diverged } from './diverged.ts';
import { createEvidence } from './evidence.ts';
import { type Body, unexecuted } from './executing.ts';
import { type Allowance, createFetching } from './fetching.ts';
import { createIntake } from './intake.ts';
import type { SimplexOptions } from './options.ts';
import { createProposing, type Heartbeat } from './proposing.ts';
import { finalOfHead, positionOf, recall } from './restart.ts';
import { toCast } from './statements.ts';
import { createTelling } from './telling.ts';
import { createTimers } from './timers.ts';
import { createValidating } from './validating.ts';

export interface EpochParts {
  readonly host: ConsensusHost;
  readonly epoch: EpochView;
  readonly signer: Signer | null;
  readonly journal: Journal;
  readonly options: SimplexOptions;
  readonly random: () => number;
  readonly allowance: Allowance;
  readonly heartbeat: Heartbeat;
  /** Connected validators. */
  readonly peers: () => readonly string[];
  readonly send: (peer: string, message: Uint8Array) => boolean;
  readonly blame: (peer: string, code: string) => void;
  /** Commits in the order of the calls; `held` is what the engine may have to execute again. */
  readonly commit: (block: Uint8Array, certificate: Uint8Array, held: readonly Body[]) => void;
  readonly mute: (error: unknown) => void;
  readonly fail: (error: unknown) => void;
  readonly hurry: () => void;
  /** The node has failed: nothing more leaves it. */
  readonly isFailed: () => boolean;
}

export interface Epoch {
  readonly epoch: number;
  /** Position in the set; null for a node that only follows. */
  readonly self: number | null;
  /** Goes on where a restart left it. Rejects with `signer/*`, `consensus/*`. */
  resume(): Promise<void>;
  onMessage(peer: Peer, message: ConsensusMessage, bytes: Uint8Array): void;
  onConnected(peer: Peer): void;
  onDisconnected(peer: Peer): void;
  /** Transactions came in. */
  onPending(): void;
  /** The head has moved. */
  onHead(): void;
  view(): CoreView;
  clock(): ClockNotice | null;
  sizes(): Readonly<Record<string, number>>;
  close(): void;
  idle(): Promise<void>;
}

export function createEpoch(parts: EpochParts): Epoch {
  const { host, signer, options, blame, send, fail } = parts;
  const { epoch, validators, root } = parts.epoch;
  const self = positionOf(validators, signer);
  const timers = createTimers(host.clock);
  const evidence = createEvidence(epoch, quorum(validators.length));
  const signed = self === null || signer === null ? [] : signer.signed(epoch);
  const start = finalOfHead(host, epoch);
  const queue: CoreEvent[] = [];
  let closed = false;
  let draining = false;

  const isClosed = () => closed;
  const sendAll = (message: Uint8Array) => {
    for (const peer of parts.peers()) send(peer, message);
  };
  const proposed = signed.flatMap((entry) => (entry.kind === 'propose' ? [entry.slot] : []));
  const core: Core = createCore({
    validators: validators.length,
    self,
    root: bytesToHex(root),
    skip_ms: options.skip_ms,
    growth_ppt: options.growth_ppt,
    skipMax_ms: options.skipMax_ms,
    standstill_ms: options.standstill_ms,
    standstillMax_ms: options.standstillMax_ms,
    slotsAhead_max: options.slotsAhead_max,
    cast: toCast(signed),
    proposed,
    ...(start === null ? {} : { final: start.ref }),
  });
  const fetching = createFetching({ ...parts, epoch, timers });
  const proposing = createProposing(
    {
      host,
      options,
      timers,
      proposer: self === null ? null : (validators[self]?.id ?? null),
      feed,
      fail,
    },
    parts.heartbeat,
  );
  const validating = createValidating({
    host,
    options,
    timers,
    evidence,
    isClosed,
    feed,
    executed: proposing.executed,
    fail,
    hurry: parts.hurry,
  });
  const casting = createCasting({
    epoch,
    self,
    signer,
    journal: parts.journal,
    evidence,
    // What was decided before the epoch's last block was committed is still said: others may need it.
    isClosed: parts.isFailed,
    sendAll,
    feed,
    made: proposing.made,
    mute: parts.mute,
    fail: (error) => {
      if (!closed) fail(error);
    },
  });
  const telling = createTelling({
    self,
    validators: validators.length,
    evidence,
    clock: host.clock,
    send,
  });
  const clockWatch = createClockWatch({
    validators,
    self,
    timeAhead_ms: options.timeAhead_ms,
    logger: host.logger,
  });
  const intake = createIntake({
    host,
    validators,
    self,
    core,
    slotsAhead_max: options.slotsAhead_max,
    evidence,
    fetching,
    allowance: parts.allowance,
    clockWatch,
    feed,
    arrived: casting.arrived,
    send,
    blame,
    help: telling.help,
    hurry: parts.hurry,
  });

  function feed(event: CoreEvent): void {
    if (closed) return;
    queue.push(event);
    if (draining) return;
    draining = true;
    try {
      for (let next = queue.shift(); next !== undefined && !closed; next = queue.shift()) {
        handle(core.step(next));
      }
    } catch (error) {
      fail(error);
    } finally {
      draining = false;
    }
  }

  function handle(effects: readonly CoreEffect[]): void {
    if (effects.length === 0) return;
    casting.settle(effects);
    for (const effect of effects) carryOut(effect);
  }

  function carryOut(effect: CoreEffect): void {
    switch (effect.type) {
      case 'validate':
        validating.validate(effect);
        break;
      case 'build':
        proposing.build(effect);
        break;
      case 'fetch':
        fetching.fetch(effect.slot, effect.block);
        break;
      case 'behind':
        parts.hurry();
        break;
      case 'finalize':
        finalize(effect.final);
        break;
      case 'timer':
        setTimer(effect);
        break;
      case 'rebroadcast':
        for (const peer of parts.peers()) telling.tell(peer);
        parts.hurry();
        break;
      case 'diverged':
        fail(diverged({ ...effect, epoch, evidence, reason: validating.reason(effect.block) }));
        break;
    }
  }

  function setTimer({ name, slot, delay_ms }: Extract<CoreEffect, { type: 'timer' }>): void {
    if (delay_ms === null) {
      timers.clear(name);
      return;
    }
    timers.set(name, delay_ms, () =>
      feed(name === 'timeout' ? { type: 'timeout', slot } : { type: 'standstill' }),
    );
  }

  function finalize({ slot, block }: Ref): void {
    const certificate = evidence.certify({ kind: 'final', slot, block });
    const held = unexecuted(host, evidence, block);
    parts.commit(hexToBytes(block), toFinalCertificate(certificate), held);
    prune(slot);
  }

  function prune(slot: number): void {
    evidence.prune(slot);
    fetching.prune(slot);
    validating.prune(slot);
  }

  /** Blocks were committed, by votes or out of a peer's log. */
  function onHead(): void {
    const head = finalOfHead(host, epoch);
    // In the middle of a run out of a log the certificate is of a block that is still to come.
    const isWhole = head?.ref.block === bytesToHex(host.head().blockHash);
    if (head !== null && isWhole && head.ref.slot > core.view().final.slot) {
      evidence.addCertificate(head.certificate);
      feed({ type: 'synced', final: head.ref });
      prune(head.ref.slot);
    }
    validating.retry();
    proposing.prune();
    proposing.look();
  }

  async function resume(): Promise<void> {
    const { cast } = core.view();
    if (start !== null) {
      evidence.addCertificate(start.certificate);
      prune(start.ref.slot);
    }
    const from = start?.ref.slot ?? -1;
    const kept = recall(parts.journal.records(epoch), evidence, from, host.logger);
    for (const event of kept) feed(event);
    const unanswered = cast.length > 0 ? await casting.resume(cast) : [];
    if (closed) return;
    // Bound by its votes it can say nothing else there, and the others may need them: their candidates are asked for.
    for (const { slot, block } of unanswered) {
      if (core.needsCandidate(slot, block)) fetching.fetch(slot, block);
    }
    proposing.look();
  }

  return {
    epoch,
    self,
    resume,
    onMessage: intake,
    onConnected: (peer) => telling.tell(peer.id),
    onDisconnected: telling.forget,
    onPending: proposing.look,
    onHead,
    view: () => core.view(),
    clock: clockWatch.notice,
    sizes() {
      const { slots, candidates } = evidence.sizes();
      return {
        slots,
        candidates,
        fetches: fetching.size,
        judged: validating.size,
        inFlight: casting.inFlight,
        timers: timers.count,
      };
    },
    close() {
      closed = true;
      queue.length = 0;
      timers.clearAll();
    },
    async idle() {
      await Promise.all([casting.idle(), validating.idle()]);
    },
  };
}
