// One epoch: a core, what it decides by, and the hands that carry out what it wants.

import {
  AppError,
  bytesToHex,
  decodeHeader,
  equalBytes,
  hexToBytes,
  quorum,
  type Validator,
} from '@suyuan/contracts';
import {
  type Core,
  type CoreEffect,
  type CoreEvent,
  type CoreView,
  createCore,
  type Ref,
} from '../core/index.ts';
import type { Journal } from '../journal/index.ts';
import {
  type ConsensusMessage,
  decodeMessage,
  encodeMessage,
  fromFinalCertificate,
  toFinalCertificate,
} from '../messages/index.ts';
import type { ConsensusHost, EpochView } from '../port.ts';
import type { Signer } from '../signer/index.ts';
import type { Peer } from '../transport/port.ts';
import { createCasting } from './casting.ts';
import { type ClockNotice, createClockWatch } from './clock-watch.ts';
import { createEvidence } from './evidence.ts';
import { type Allowance, createFetching } from './fetching.ts';
import { createIntake } from './intake.ts';
import { HELP_GRACE_MS, HELP_INTERVAL_MS, type SimplexOptions } from './options.ts';
import { createProposing, type Heartbeat } from './proposing.ts';
import { parentOf, statementOf, toCast } from './statements.ts';
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
  /** Commits in the order of the calls. */
  readonly commit: (block: Uint8Array, certificate: Uint8Array) => void;
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

/** Slots by which a peer's word may lag behind without the peer lagging. */
const HELP_SLOTS = 3;

export function createEpoch(parts: EpochParts): Epoch {
  const { host, signer, options, blame, send, fail } = parts;
  const { epoch, validators, root } = parts.epoch;
  const self = positionOf(validators, signer);
  const timers = createTimers(host.clock);
  const evidence = createEvidence(epoch, quorum(validators.length));
  const signed = self === null || signer === null ? [] : signer.signed(epoch);
  const start = finalOfHead(host, epoch);
  const queue: CoreEvent[] = [];
  const helped = new Map<string, number>();
  let closed = false;
  let draining = false;
  let certified_ms = Number.NEGATIVE_INFINITY;
  let certified_slot = start?.ref.slot ?? -1;

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
    send,
    blame,
    help,
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
        for (const peer of parts.peers()) tell(peer);
        parts.hurry();
        break;
      case 'diverged':
        fail(diverged(effect));
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
    parts.commit(hexToBytes(block), toFinalCertificate(certificate));
    prune(slot);
  }

  function prune(slot: number): void {
    evidence.prune(slot);
    fetching.prune(slot);
    validating.prune(slot);
  }

  /** Rule 8, to one peer. */
  function tell(peer: string): void {
    const final = evidence.final();
    if (final !== undefined) send(peer, encodeMessage(final));
    for (const slot of evidence.slots()) {
      if (slot <= (final?.slot ?? -1)) continue;
      if (self !== null && slot % validators.length === self) {
        for (const candidate of evidence.candidatesOf(slot)) {
          if (candidate.kept) send(peer, candidate.bytes);
        }
      }
      for (const certificate of evidence.certificatesOf(slot)) {
        send(peer, encodeMessage(certificate));
      }
      if (self === null) continue;
      for (const vote of evidence.votesOf(slot, self)) send(peer, encodeMessage(vote));
    }
  }

  /** The peer speaks of what is final: it may not know. */
  function help(peer: Peer, slot: number): void {
    const now_ms = host.clock.now_ms();
    const certified = evidence.final()?.slot ?? -1;
    if (certified !== certified_slot) {
      certified_slot = certified;
      certified_ms = now_ms;
    }
    const isOnTheWay = slot > certified - HELP_SLOTS && within(certified_ms, now_ms, HELP_GRACE_MS);
    const last_ms = helped.get(peer.id) ?? Number.NEGATIVE_INFINITY;
    if (isOnTheWay || within(last_ms, now_ms, HELP_INTERVAL_MS)) return;
    helped.set(peer.id, now_ms);
    tell(peer.id);
  }

  function diverged({ slot, block }: { slot: number; block: string }): AppError {
    const reason = validating.reason(block);
    const header = evidence.body(block)?.message.body?.header;
    const { height = null, stateRoot } = header === undefined ? {} : decodeHeader(header);
    const certifiedRoot = stateRoot === undefined ? 'unknown' : bytesToHex(stateRoot);
    const own = reason?.details.found ?? reason?.details.computed ?? reason?.code ?? 'unknown';
    return new AppError(
      'consensus/diverged',
      `A quorum of validators certified block ${height} in slot ${slot}, which this node finds wrong: their state root is ${certifiedRoot}, here it is ${own} (${reason?.message ?? 'no reason kept'}). Keep the data directory, compare program versions with the others, and rebuild with --reindex.`,
      { slot, height, certified: certifiedRoot, own, epoch },
      reason,
    );
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
    const kept: CoreEvent[] = [];
    for (const { message: bytes } of parts.journal.records(epoch)) {
      const message = decodeMessage(bytes);
      if (message.type === 'certificate') {
        evidence.addCertificate(message);
        kept.push({ type: 'certificate', statement: statementOf(message), kept: true });
      }
      if (message.type !== 'proposal' || message.slot <= (start?.ref.slot ?? -1)) continue;
      const header = message.body === null ? null : decodeHeader(message.body.header);
      const candidate = evidence.addCandidate(message, bytes, header?.time_ms ?? 0);
      candidate.kept = true;
      const { slot, block } = candidate;
      const endsEpoch = header !== null && !equalBytes(header.validators, header.nextValidators);
      kept.push({ type: 'candidate', slot, block, parent: parentOf(message), endsEpoch });
    }
    for (const event of kept) feed(event);
    // A vote whose candidate did not reach the disk did not leave either, and this node could not answer for it.
    const answered = cast.filter(
      (said) => said.kind !== 'notar' || evidence.candidate(said.slot, said.block)?.kept === true,
    );
    if (answered.length > 0) await casting.resume(answered);
    if (!closed) proposing.look();
  }

  return {
    epoch,
    self,
    resume,
    onMessage: intake,
    onConnected: (peer) => tell(peer.id),
    onDisconnected: (peer) => void helped.delete(peer.id),
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

function positionOf(validators: readonly Validator[], signer: Signer | null): number | null {
  if (signer === null) return null;
  const { suite, bytes } = signer.key;
  const found = validators.findIndex(
    ({ key }) => key.suite === suite && equalBytes(key.bytes, bytes),
  );
  return found < 0 ? null : found;
}

/** The newest certificate in the log, if it is of this epoch. Its block may be above the head while blocks of a peer's log come in. */
function finalOfHead(host: ConsensusHost, epoch: number) {
  const bytes = host.head().certificate;
  if (bytes === null) return null;
  const certificate = fromFinalCertificate(bytes);
  if (certificate.epoch !== epoch || certificate.block === null) return null;
  return { certificate, ref: { slot: certificate.slot, block: bytesToHex(certificate.block) } };
}

function within(since_ms: number, now_ms: number, span_ms: number): boolean {
  const passed_ms = now_ms - since_ms;
  return passed_ms >= 0 && passed_ms < span_ms;
}
