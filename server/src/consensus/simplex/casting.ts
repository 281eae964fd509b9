// What this validator says, and in what order: first the guard file and the journal, then the peers, last the core itself.

import { type AppError, hexToBytes, isAppError } from '@suyuan/contracts';
import type { CoreEffect, CoreEvent, Ref, Statement } from '../core/types.ts';
import type { Journal, JournalRecord } from '../journal/port.ts';
import {
  type CertificateMessage,
  encodeMessage,
  type ProposalMessage,
  type VoteMessage,
} from '../messages/index.ts';
import type { SignedStatement, Signer } from '../signer/port.ts';
import type { Candidate, Evidence } from './evidence.ts';
import { blockOf, candidateKey, toSigned } from './statements.ts';

export interface CastingParts {
  readonly epoch: number;
  /** Position in the set; null for a node that only follows. */
  readonly self: number | null;
  readonly signer: Signer | null;
  readonly journal: Journal;
  readonly evidence: Evidence;
  /** The epoch is over here, or the node has failed. */
  readonly isClosed: () => boolean;
  readonly sendAll: (message: Uint8Array) => void;
  readonly feed: (event: CoreEvent) => void;
  /** Header and transactions of a block that this node made. */
  readonly made: (block: Ref['block']) => MadeBody;
  /** The guard file takes nothing more: this node does not vote. Null: it votes again. */
  readonly mute: (error: AppError | null) => void;
  readonly fail: (error: unknown) => void;
}

interface Proposing {
  readonly slot: number;
  readonly block: string;
  readonly parent: Ref;
  /** As it was made: later the engine may have dropped it. Null for a repeat. */
  readonly made: MadeBody | null;
}

interface MadeBody {
  readonly header: Uint8Array;
  readonly txs: readonly Uint8Array[];
  readonly time_ms: number;
}

interface Batch {
  readonly records: readonly JournalRecord[];
  readonly announced: readonly CertificateMessage[];
  readonly casts: readonly Statement[];
  readonly proposals: readonly Proposing[];
  readonly awaited: readonly Promise<void>[];
}

export interface Casting {
  /** Carries out what a step of the core wants said or kept. */
  settle(effects: readonly CoreEffect[]): void;
  /**
   * Signs again, after a restart, what the guard file says was signed, and counts it. Gives the candidates that did not reach the journal:
   * what was signed about them is said when they have come in.
   */
  resume(statements: readonly Statement[]): Promise<readonly Ref[]>;
  /** A candidate came in, and its block is here. */
  arrived(slot: number, block: Ref['block']): void;
  /** Resolves when nothing is being signed or written. */
  idle(): Promise<void>;
  readonly inFlight: number;
}

export function createCasting(parts: CastingParts): Casting {
  const { epoch, self, signer, journal, evidence, isClosed, sendAll, feed } = parts;
  const running = new Set<Promise<void>>();
  /** Own candidates whose records are not durable yet: votes for them wait. */
  const preparing = new Map<string, Promise<void>>();
  /** What the guard file binds this validator to, of candidates that it could not answer for yet. */
  const unanswered = new Map<string, { readonly ref: Ref; readonly said: Statement[] }>();
  /** Slots of Notar votes that a full guard file refused. */
  const refusedSlots = new Set<number>();
  let wasFull = false;
  let isMute = signer === null || self === null;
  let written: Promise<void> = Promise.resolve();

  function settle(effects: readonly CoreEffect[]): void {
    const records: JournalRecord[] = [];
    const announced: CertificateMessage[] = [];
    const casts: Statement[] = [];
    const proposals: Proposing[] = [];
    for (const effect of effects) {
      if (effect.type === 'keep') records.push(certificateRecord(effect.statement));
      if (effect.type === 'announce') announced.push(evidence.certify(effect.statement));
      if (effect.type === 'propose' && !isReleased(effect.slot)) proposals.push(withBody(effect));
      if (effect.type === 'cast' && maySay(effect.statement)) {
        casts.push(effect.statement);
      }
    }
    if (isMute) {
      casts.length = 0;
      proposals.length = 0;
    }
    const own = new Set(proposals.map(({ slot, block }) => candidateKey(slot, block)));
    const awaited: Promise<void>[] = [];
    for (const cast of casts) {
      if (cast.kind !== 'notar') continue;
      const key = candidateKey(cast.slot, cast.block);
      const candidate = evidence.candidate(cast.slot, cast.block);
      if (candidate !== undefined) records.push(...candidateRecord(candidate));
      else if (!own.has(key)) awaited.push(preparing.get(key) ?? missing(cast));
    }
    if (records.length + announced.length + casts.length + proposals.length === 0) return;
    start({ records, announced, casts, proposals, awaited }, own);
  }

  function start(batch: Batch, own: ReadonlySet<string>): void {
    const work = carryOut(batch);
    for (const key of own) preparing.set(key, work);
    const tracked = work.catch(refused).finally(() => {
      running.delete(tracked);
      for (const key of own) preparing.delete(key);
    });
    running.add(tracked);
  }

  function withBody({ slot, block, parent }: Ref & { readonly parent: Ref }): Proposing {
    return { slot, block, parent, made: block === parent.block ? null : parts.made(block) };
  }

  /** Without its Notar vote, which the guard file refused, the signer would call a Final vote a fault of the node. */
  function maySay({ kind, slot }: Statement | SignedStatement): boolean {
    return !isReleased(slot) && !(kind === 'final' && refusedSlots.has(slot));
  }

  /** The data directory is older than the guard file: what it takes for open was final, and is not voted on twice. */
  function isReleased(slot: number): boolean {
    const to = signer?.released() ?? null;
    return to !== null && (epoch < to.epoch || (epoch === to.epoch && slot <= to.slot));
  }

  async function carryOut(batch: Batch): Promise<void> {
    const { records, announced, casts, proposals, awaited } = batch;
    const statements = [
      ...proposals.map((proposal) => toPropose(epoch, proposal)),
      ...casts.map((cast) => toSigned(epoch, cast)),
    ];
    const [signatures] = await Promise.all([sign(statements), keep(records), ...awaited]);
    if (isClosed()) return;
    const messages = proposals.map((proposal, i) => toProposal(proposal, signatures?.[i]));
    const candidates = messages.flatMap((message, i) => {
      if (message === null) return [];
      const time_ms = proposals[i]?.made?.time_ms ?? 0;
      return [evidence.addCandidate(message, encodeMessage(message), time_ms)];
    });
    await keep(candidates.flatMap(candidateRecord));
    if (isClosed()) return;
    for (const candidate of candidates) sendAll(candidate.bytes);
    const votes = casts.flatMap((cast, i) => toVote(cast, signatures?.[proposals.length + i]));
    for (const vote of votes) {
      evidence.addVote(vote);
      sendAll(encodeMessage(vote));
    }
    for (const certificate of announced) sendAll(encodeMessage(certificate));
    count(casts, votes);
  }

  function count(casts: readonly Statement[], votes: readonly VoteMessage[]): void {
    if (self === null || votes.length === 0) return;
    for (const statement of casts) feed({ type: 'vote', from: self, statement });
  }

  /** Guard file and journal are written side by side: of a vote in the one the candidate may be missing in the other, and nobody heard it. */
  function isAnswered(said: Statement): boolean {
    if (said.kind === 'skip') return true;
    const { slot, block } = said;
    if (evidence.candidate(slot, block)?.kept === true) return true;
    const key = candidateKey(slot, block);
    const entry = unanswered.get(key) ?? { ref: { slot, block }, said: [] };
    entry.said.push(said);
    unanswered.set(key, entry);
    return false;
  }

  /** Undefined when the guard file refuses: nothing is said, and the node goes on without a voice. */
  async function sign(
    statements: readonly SignedStatement[],
  ): Promise<readonly Uint8Array[] | undefined> {
    if (statements.length === 0 || signer === null || isMute) return undefined;
    try {
      const signatures = await signer.sign(statements);
      if (wasFull) parts.mute(null);
      wasFull = false;
      return signatures;
    } catch (error) {
      if (!isAppError(error, 'signer')) throw error;
      const isConflict = error.code === 'signer/conflict';
      if (isConflict && statements.every((statement) => maySay(statement))) throw error;
      for (const slot of refusedSlots) if (isReleased(slot)) refusedSlots.delete(slot);
      for (const { slot } of statements) refusedSlots.add(slot);
      if (isConflict) return undefined;
      // A full guard file empties itself when a block is final; of any other nothing is to be hoped.
      wasFull = error.code === 'signer/guard-full';
      isMute = !wasFull;
      parts.mute(error);
      return undefined;
    }
  }

  /** Durable when it resolves, with all that was kept before: a final vote may only leave after its Notar certificate is there. */
  function keep(records: readonly JournalRecord[]): Promise<void> {
    // Without a value: the values of all before would hang on to the newest for as long as the epoch lasts.
    if (records.length > 0) {
      written = Promise.all([written, journal.append(records)]).then(() => undefined);
    }
    return written;
  }

  function refused(error: unknown): void {
    if (!isClosed()) parts.fail(error);
  }

  function certificateRecord(statement: Statement): JournalRecord {
    const message = encodeMessage(evidence.certify(statement));
    return { type: 'certificate', epoch, slot: statement.slot, message };
  }

  function candidateRecord(candidate: Candidate): JournalRecord[] {
    if (candidate.kept) return [];
    candidate.kept = true;
    return [{ type: 'candidate', epoch, slot: candidate.slot, message: candidate.bytes }];
  }

  function toVote(statement: Statement, signature: Uint8Array | undefined): VoteMessage[] {
    if (signature === undefined || self === null) return [];
    const { kind, slot } = statement;
    const block = blockOf(statement);
    return [{ type: 'vote', kind, epoch, slot, block, validator: self, signature }];
  }

  function toProposal(
    { slot, block, parent, made }: Proposing,
    signature: Uint8Array | undefined,
  ): ProposalMessage | null {
    if (signature === undefined) return null;
    return {
      type: 'proposal',
      epoch,
      slot,
      block: hexToBytes(block),
      parentSlot: parent.slot,
      parentBlock: hexToBytes(parent.block),
      body: made === null ? null : { header: made.header, txs: made.txs },
      signature,
    };
  }

  return {
    settle,
    async resume(statements) {
      const answered = statements.filter(isAnswered);
      const signatures = await sign(answered.map((cast) => toSigned(epoch, cast)));
      const votes = answered.flatMap((cast, i) => toVote(cast, signatures?.[i]));
      for (const vote of votes) evidence.addVote(vote);
      count(answered, votes);
      return [...unanswered.values()].map(({ ref }) => ref);
    },
    arrived(slot, block) {
      const key = candidateKey(slot, block);
      const candidate = evidence.candidate(slot, block);
      const casts = unanswered.get(key)?.said;
      if (casts === undefined || candidate === undefined) return;
      unanswered.delete(key);
      if (isReleased(slot) || isMute) return;
      const records = candidateRecord(candidate);
      start({ records, casts, announced: [], proposals: [], awaited: [] }, new Set());
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
    get inFlight() {
      return running.size;
    },
  };
}

function toPropose(epoch: number, { slot, block, parent }: Proposing): SignedStatement {
  return { kind: 'propose', epoch, slot, block: hexToBytes(block), parentSlot: parent.slot };
}

function missing({ slot }: Statement): Promise<void> {
  return Promise.reject(new Error(`simplex: a vote in slot ${slot} for a candidate not held`));
}
