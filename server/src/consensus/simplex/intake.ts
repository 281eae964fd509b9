// What peers say about this epoch: cheap questions first, then signatures, then the core. Nothing is verified twice.

import {
  bytesToHex,
  type CryptoProvider,
  equalBytes,
  isAppError,
  type Validator,
} from '@suyuan/contracts';
import type { BlockId, Core, CoreEvent } from '../core/types.ts';
import {
  type CertificateMessage,
  type ConsensusMessage,
  type FetchMessage,
  type ProposalMessage,
  type VoteMessage,
  verifyCertificateMessage,
  verifyProposal,
  verifyVote,
} from '../messages/index.ts';
import type { ConsensusHost } from '../port.ts';
import type { Peer } from '../transport/port.ts';
import type { ClockWatch } from './clock-watch.ts';
import type { Evidence } from './evidence.ts';
import type { Allowance, Fetching } from './fetching.ts';
import { CANDIDATES_PER_SLOT_MAX, LEADER_BYTES_MAX, PROPOSALS_AHEAD_MAX } from './options.ts';
import { parentTime_ms } from './parent-time.ts';
import { endsEpoch, parentOf, statementOf } from './statements.ts';

export interface IntakeParts {
  readonly host: ConsensusHost;
  readonly validators: readonly Validator[];
  readonly self: number | null;
  readonly core: Core;
  readonly slotsAhead_max: number;
  readonly evidence: Evidence;
  readonly fetching: Fetching;
  readonly allowance: Allowance;
  readonly clockWatch: ClockWatch;
  readonly feed: (event: CoreEvent) => void;
  /** A candidate is held, and its block. */
  readonly arrived: (slot: number, block: BlockId) => void;
  readonly send: (peer: string, message: Uint8Array) => boolean;
  readonly blame: (peer: string, code: string) => void;
  /** The peer speaks of what is final here. */
  readonly help: (peer: Peer, slot: number) => void;
  /** The peer speaks of what lies far ahead. */
  readonly hurry: () => void;
}

export function createIntake(
  parts: IntakeParts,
): (peer: Peer, message: ConsensusMessage, bytes: Uint8Array) => void {
  const { host, validators, self, core, evidence, fetching, feed } = parts;
  const { chainId } = host;
  const crypto = withKnownVotes(host.crypto, evidence, validators);
  const doubted = new Set<number>();

  function onVote(peer: Peer, vote: VoteMessage): void {
    const statement = statementOf(vote);
    if (!core.needs(statement, vote.validator)) {
      passOver(peer, vote);
      return;
    }
    verifyVote(host.crypto, chainId, validators, vote);
    if (vote.validator === self) {
      doubt(self, 'This validator’s key is in use elsewhere');
      return;
    }
    evidence.addVote(vote);
    feed({ type: 'vote', from: vote.validator, statement });
  }

  function onCertificate(peer: Peer, certificate: CertificateMessage): void {
    const statement = statementOf(certificate);
    if (!core.needs(statement, null)) {
      passOver(peer, certificate);
      return;
    }
    verifyCertificateMessage(crypto.of(certificate), chainId, validators, certificate);
    evidence.addCertificate(certificate);
    feed({ type: 'certificate', statement, kept: false });
  }

  function passOver(peer: Peer, message: VoteMessage | CertificateMessage): void {
    const { slot, kind } = message;
    const { certified, frontier } = core.view();
    if (slot <= certified.slot) {
      // Who says the same Final certificate knows as much.
      if (slot < certified.slot || message.type === 'vote' || kind !== 'final')
        parts.help(peer, slot);
      return;
    }
    if (slot > frontier + parts.slotsAhead_max) parts.hurry();
    if (message.type !== 'vote') return;
    const { validator } = message;
    const before = evidence.vote(kind, slot, validator);
    if (before?.block == null || message.block === null) return;
    if (!equalBytes(before.block, message.block) && !doubted.has(validator)) {
      // Anybody can name another: only a signature accuses.
      verifyVote(host.crypto, chainId, validators, message);
      doubt(validator, `Validator ${validators[validator]?.id} votes for two blocks of a slot`);
    }
  }

  /** Once a validator and epoch: whoever did it can do it without end. */
  function doubt(validator: number, what: string): void {
    if (doubted.has(validator)) return;
    doubted.add(validator);
    host.logger.warn({ validator, code: 'consensus/two-voices' }, `${what}: ask its keeper.`);
  }

  function onProposal(peer: Peer, message: ProposalMessage, bytes: Uint8Array): void {
    const { slot } = message;
    const block = bytesToHex(message.block);
    const held = evidence.candidate(slot, block);
    if (!core.needsCandidate(slot, block)) {
      complete(slot, block);
      return;
    }
    if (!fetching.isWanted(slot, block)) {
      // Only what brings the body says more than what is here: that it is a repeat is but the leader's word.
      if (held !== undefined && (held.message.body !== null || message.body === null)) return;
      if (slot > core.view().frontier + PROPOSALS_AHEAD_MAX) return;
      const isFull = evidence.candidatesOf(slot).length >= CANDIDATES_PER_SLOT_MAX;
      if (isFull && held === undefined) return;
      const leads = (other: number) => (other - slot) % validators.length === 0;
      if (evidence.size_bytes(leads) + bytes.length > LEADER_BYTES_MAX) return;
    }
    const header = verifyProposal(host.crypto, host.hash, chainId, validators, message);
    const leader = slot % validators.length;
    if (header !== null && header.proposer !== validators[leader]?.id) {
      parts.blame(peer.id, 'consensus/bad-proposal');
      return;
    }
    const isFresh = peer.id === validators[leader]?.id && slot === core.view().frontier;
    // The least time above its parent's says nothing of the leader's clock.
    if (header !== null && isFresh && header.time_ms - 1 !== parentTime_ms(host, header.previous)) {
      parts.clockWatch.saw(leader, header.time_ms - host.clock.now_ms());
    }
    evidence.addCandidate(message, bytes, header?.time_ms ?? 0);
    const parent = parentOf(message);
    feed({ type: 'candidate', slot, block, parent, endsEpoch: endsEpoch(header) });
    // What came without its body is asked of the next one while that is missing.
    if (!core.needsCandidate(slot, block)) complete(slot, block);
  }

  function complete(slot: number, block: BlockId): void {
    fetching.got(slot, block);
    parts.arrived(slot, block);
  }

  function onFetch(peer: Peer, { slot, block }: FetchMessage): void {
    const candidate = evidence.candidate(slot, bytesToHex(block));
    if (candidate === undefined || !parts.allowance.take(peer.id)) return;
    parts.send(peer.id, candidate.bytes);
  }

  return (peer, message, bytes) => {
    try {
      if (message.type === 'vote') onVote(peer, message);
      else if (message.type === 'certificate') onCertificate(peer, message);
      else if (message.type === 'proposal') onProposal(peer, message, bytes);
      else onFetch(peer, message);
    } catch (error) {
      if (!isAppError(error)) throw error;
      parts.blame(peer.id, error.code);
    }
  };
}

/** Signatures of votes that came by themselves are not verified again within a certificate. */
function withKnownVotes(
  crypto: CryptoProvider,
  evidence: Evidence,
  validators: readonly Validator[],
): { of(certificate: CertificateMessage): CryptoProvider } {
  return {
    of({ kind, slot, block, signatures }) {
      const known = new Set<Uint8Array>();
      for (const { validator, signature } of signatures) {
        const vote = evidence.vote(kind, slot, validator);
        if (vote === undefined || validators[validator] === undefined) continue;
        const isSame = block === null || (vote.block !== null && equalBytes(vote.block, block));
        if (isSame && equalBytes(vote.signature, signature)) known.add(signature);
      }
      return {
        hash: (name) => crypto.hash(name),
        publicKeyOf: (secret) => crypto.publicKeyOf(secret),
        sign: (secret, message) => crypto.sign(secret, message),
        verify: (key, message, signature) =>
          known.has(signature) || crypto.verify(key, message, signature),
      };
    },
  };
}
