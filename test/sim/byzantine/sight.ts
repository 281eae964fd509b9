// What the attackers know: every message that anyone sent, decoded. They see all and can change nothing that is not theirs.

import {
  type ConsensusMessage,
  decodeMessage,
  type ProposalMessage,
  type VoteKind,
  type VoteMessage,
} from '../../../server/src/consensus/messages/index.ts';
import { quorumOf } from '../invariants/votes.ts';
import type { Sent } from '../ports/network.ts';

interface SlotSight {
  readonly proposals: Map<string, ProposalMessage>;
  /** By kind and block. */
  readonly votes: Map<string, Map<number, VoteMessage>>;
}

export interface Sight {
  /** Returns the message if it is seen for the first time. */
  see(sent: Sent): ConsensusMessage | undefined;
  votes(
    epoch: number,
    slot: number,
    kind: VoteKind,
    block: string,
  ): ReadonlyMap<number, VoteMessage>;
  proposals(epoch: number, slot: number): readonly ProposalMessage[];
  /** The smallest slot that is neither notarized nor skipped, and the notarized block that a leader would build on. */
  frontier(epoch: number, members: number): { slot: number; base: Base | undefined };
  /** Votes of epochs before. */
  old(epoch: number): readonly VoteMessage[];
  /** Some of the bytes that went over the other channels, to be bent and sent again. */
  samples(): readonly Sent[];
}

export interface Base {
  readonly slot: number;
  readonly block: Uint8Array;
}

const SAMPLES = 24;
const OLD_VOTES = 200;
const NOBODY: ReadonlyMap<number, VoteMessage> = new Map();

export function createSight(): Sight {
  const seen = new WeakSet<Uint8Array>();
  const epochs = new Map<number, Map<number, SlotSight>>();
  const samples: Sent[] = [];
  const old: VoteMessage[] = [];
  let sampled = 0;

  function at(epoch: number, slot: number): SlotSight {
    let slots = epochs.get(epoch);
    if (slots === undefined) {
      slots = new Map();
      epochs.set(epoch, slots);
    }
    let found = slots.get(slot);
    if (found === undefined) {
      found = { proposals: new Map(), votes: new Map() };
      slots.set(slot, found);
    }
    return found;
  }

  function addVote(vote: VoteMessage): void {
    const { votes } = at(vote.epoch, vote.slot);
    const key = `${vote.kind} ${hex(vote.block)}`;
    const found = votes.get(key);
    if (found === undefined) votes.set(key, new Map([[vote.validator, vote]]));
    else found.set(vote.validator, vote);
    old.push(vote);
    if (old.length > 2 * OLD_VOTES) old.splice(0, OLD_VOTES);
  }

  return {
    see(sent) {
      if (seen.has(sent.message)) return undefined;
      seen.add(sent.message);
      if (sent.channel !== 'consensus') {
        sampled += 1;
        samples[sampled % SAMPLES] = sent;
        return undefined;
      }
      let message: ConsensusMessage;
      try {
        message = decodeMessage(sent.message);
      } catch {
        return undefined;
      }
      if (message.type === 'vote') addVote(message);
      if (message.type === 'proposal') {
        at(message.epoch, message.slot).proposals.set(hex(message.block), message);
      }
      return message;
    },
    votes: (epoch, slot, kind, block) =>
      epochs.get(epoch)?.get(slot)?.votes.get(`${kind} ${block}`) ?? NOBODY,
    proposals: (epoch, slot) => [...(epochs.get(epoch)?.get(slot)?.proposals.values() ?? [])],
    frontier(epoch, members) {
      const needed = quorumOf(members);
      let base: Base | undefined;
      for (let slot = 0; ; slot++) {
        const votes = epochs.get(epoch)?.get(slot)?.votes;
        let notarized = false;
        for (const [key, by] of votes ?? []) {
          const first = by.values().next().value;
          if (!key.startsWith('notar') || by.size < needed || first === undefined) continue;
          notarized = true;
          base = { slot, block: first.block! };
        }
        const skipped = (votes?.get('skip ')?.size ?? 0) >= needed;
        if (!notarized && !skipped) return { slot, base };
      }
    },
    old: (epoch) => old.filter((vote) => vote.epoch < epoch),
    samples: () => samples,
  };
}

function hex(block: Uint8Array | null): string {
  return block === null ? '' : Buffer.from(block).toString('hex');
}
