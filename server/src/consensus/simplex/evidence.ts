// What this node holds of one epoch: verified votes, certificates and candidates, by slot. The core decides by them; here are their
// bytes and signatures.

import { bytesToHex, type CertificateSignature } from '@suyuan/contracts';
import type { BlockId, Ref, Statement } from '../core/types.ts';
import type {
  CertificateMessage,
  ProposalMessage,
  VoteKind,
  VoteMessage,
} from '../messages/index.ts';
import { SLOTS_KEPT } from './options.ts';
import { blockOf, candidateKey, parentOf, statementKey, statementOf } from './statements.ts';

export interface Candidate {
  readonly slot: number;
  readonly block: BlockId;
  readonly parent: Ref;
  readonly message: ProposalMessage;
  readonly bytes: Uint8Array;
  /** Of its block; 0 where it is not known, as of a repeat. */
  readonly time_ms: number;
  /** It stands in the journal, or is on the way there. */
  kept: boolean;
}

const KINDS = ['notar', 'skip', 'final'] as const;

interface SlotEvidence {
  readonly votes: Record<VoteKind, Map<number, VoteMessage>>;
  readonly certificates: Map<string, CertificateMessage>;
}

export interface Evidence {
  /** The vote of this kind that a validator gave in a slot: the first one that came. */
  vote(kind: VoteKind, slot: number, validator: number): VoteMessage | undefined;
  addVote(vote: VoteMessage): void;
  certificate(statement: Statement): CertificateMessage | undefined;
  addCertificate(certificate: CertificateMessage): void;
  /** The certificate that was received, or one made of the votes. */
  certify(statement: Statement): CertificateMessage;
  candidate(slot: number, block: BlockId): Candidate | undefined;
  candidatesOf(slot: number): readonly Candidate[];
  /** A candidate that carries this block's header and transactions. */
  body(block: BlockId): Candidate | undefined;
  /** What is held of it: a candidate with its body stays, and takes the place of one without. */
  addCandidate(message: ProposalMessage, bytes: Uint8Array, time_ms: number): Candidate;
  /** Of the candidates in the slots for which it holds. */
  size_bytes(of: (slot: number) => boolean): number;
  /** Slots above the final one of which anything is held, ascending. */
  slots(): number[];
  certificatesOf(slot: number): readonly CertificateMessage[];
  votesOf(slot: number, validator: number): readonly VoteMessage[];
  /** Everything up to the slot is final: only the certificate that says so stays, and the newest candidates for those behind. */
  prune(final: number): void;
  /** The newest Final certificate. */
  final(): CertificateMessage | undefined;
  sizes(): { readonly slots: number; readonly candidates: number };
}

export function createEvidence(epoch: number, quorum: number): Evidence {
  const bySlot = new Map<number, SlotEvidence>();
  const candidates = new Map<string, Candidate>();
  let newest: CertificateMessage | undefined;
  let final_slot = -1;

  function at(slot: number): SlotEvidence {
    const known = bySlot.get(slot);
    if (known !== undefined) return known;
    const fresh: SlotEvidence = {
      votes: { notar: new Map(), skip: new Map(), final: new Map() },
      certificates: new Map(),
    };
    bySlot.set(slot, fresh);
    return fresh;
  }

  function certificate(statement: Statement): CertificateMessage | undefined {
    const known = bySlot.get(statement.slot)?.certificates.get(statementKey(statement));
    if (known !== undefined || newest === undefined) return known;
    const same =
      newest.slot === statement.slot &&
      statementKey(statementOf(newest)) === statementKey(statement);
    return same ? newest : undefined;
  }

  function addCertificate(message: CertificateMessage): void {
    if (message.kind === 'final' && message.slot > (newest?.slot ?? -1)) newest = message;
    if (message.slot <= final_slot) return;
    at(message.slot).certificates.set(statementKey(statementOf(message)), message);
  }

  return {
    vote: (kind, slot, validator) => bySlot.get(slot)?.votes[kind].get(validator),
    addVote(vote) {
      if (vote.slot <= final_slot) return;
      const votes = at(vote.slot).votes[vote.kind];
      if (!votes.has(vote.validator)) votes.set(vote.validator, vote);
    },
    certificate,
    addCertificate,
    certify(statement) {
      const known = certificate(statement);
      if (known !== undefined) return known;
      const key = statementKey(statement);
      const votes = [...at(statement.slot).votes[statement.kind].values()]
        .filter((vote) => statementKey(statementOf(vote)) === key)
        .slice(0, quorum)
        .sort((a, b) => a.validator - b.validator);
      if (votes.length < quorum) throw new Error(`evidence: ${key} has no quorum`);
      const message: CertificateMessage = {
        type: 'certificate',
        kind: statement.kind,
        epoch,
        slot: statement.slot,
        block: blockOf(statement),
        signatures: votes.map(
          ({ validator, signature }): CertificateSignature => ({ validator, signature }),
        ),
      };
      addCertificate(message);
      return message;
    },
    candidate: (slot, block) => candidates.get(candidateKey(slot, block)),
    candidatesOf: (slot) => [...candidates.values()].filter((entry) => entry.slot === slot),
    body(block) {
      for (const entry of candidates.values()) {
        if (entry.block === block && entry.message.body !== null) return entry;
      }
      return undefined;
    },
    addCandidate(message, bytes, time_ms) {
      const block = bytesToHex(message.block);
      const { slot } = message;
      const known = candidates.get(candidateKey(slot, block));
      if (known !== undefined && known.message.body !== null && message.body === null) return known;
      const parent = parentOf(message);
      const entry = { slot, block, parent, message, bytes, time_ms, kept: false };
      candidates.set(candidateKey(slot, block), entry);
      return entry;
    },
    size_bytes(of) {
      let sum = 0;
      for (const { slot, bytes } of candidates.values()) if (of(slot)) sum += bytes.length;
      return sum;
    },
    slots: () => [...bySlot.keys()].filter((slot) => slot > final_slot).sort((a, b) => a - b),
    certificatesOf: (slot) => [...(bySlot.get(slot)?.certificates.values() ?? [])],
    votesOf: (slot, validator) => {
      const votes = bySlot.get(slot)?.votes;
      if (votes === undefined) return [];
      return KINDS.flatMap((kind) => votes[kind].get(validator) ?? []);
    },
    prune(slot) {
      if (slot <= final_slot) return;
      final_slot = slot;
      for (const old of [...bySlot.keys()]) if (old <= slot) bySlot.delete(old);
      for (const [key, entry] of [...candidates]) {
        if (entry.slot <= slot - SLOTS_KEPT) candidates.delete(key);
      }
    },
    final: () => newest,
    sizes: () => ({ slots: bySlot.size, candidates: candidates.size }),
  };
}
