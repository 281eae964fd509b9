// Up to f validators in one hand. They see everything, act together, keep real nodes running to make real blocks with, and have no
// key but their own.

import { blockHash, type SecretKey, type Validator } from '@suyuan/contracts';
import {
  type CertificateMessage,
  encodeMessage,
  type ProposalMessage,
  proposalBytes,
  type VoteKind,
  voteBytes,
} from '../../../server/src/consensus/messages/index.ts';
import type { ConsensusHost, ProposedBlock } from '../../../server/src/consensus/port.ts';
import { quorumOf } from '../invariants/votes.ts';
import type { Prng } from '../kernel/prng.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import type { SimCrypto } from '../ports/crypto.ts';
import type { Sent, SimNetwork } from '../ports/network.ts';
import { bendHeader } from './bend.ts';
import { createSight } from './sight.ts';

export type Trick =
  | 'equivocate'
  | 'vote-for-all'
  | 'withhold'
  | 'skip-and-final'
  | 'invalid-block'
  | 'wrong-parent'
  | 'false-repeat'
  | 'garbage'
  | 'flood'
  | 'forge'
  | 'replay-epoch'
  | 'replay-chain'
  | 'lie-in-sync';

export const TRICKS: readonly Trick[] = [
  'equivocate',
  'vote-for-all',
  'withhold',
  'skip-and-final',
  'invalid-block',
  'wrong-parent',
  'false-repeat',
  'garbage',
  'flood',
  'forge',
  'replay-epoch',
  'replay-chain',
  'lie-in-sync',
];

export interface CabalMember {
  readonly instance: number;
  readonly id: string;
  readonly secret: SecretKey;
  /** The engine of the node that this attacker runs; undefined while it is down. */
  readonly host: () => ConsensusHost | undefined;
}

export interface CabalOptions {
  readonly scheduler: Scheduler;
  readonly random: Prng;
  readonly network: SimNetwork;
  readonly crypto: SimCrypto;
  readonly chainId: Uint8Array;
  readonly members: readonly CabalMember[];
  readonly tricks: ReadonlySet<Trick>;
  readonly honest: () => readonly number[];
  readonly now_ms: () => number;
  /** Who votes in the newest epoch. */
  readonly epoch: () => { readonly epoch: number; readonly validators: readonly Validator[] };
  /** What honest validators signed on another chain under the same keys. */
  readonly elsewhere: (validator: number, message: Uint8Array) => Uint8Array | undefined;
}

export interface Cabal {
  sees(sent: Sent): void;
  stop(): void;
}

interface Member {
  readonly instance: number;
  readonly index: number;
  readonly secret: SecretKey;
  readonly host: () => ConsensusHost | undefined;
  readonly id: string;
}

const TICK_MS = [15, 120] as const;
const FLOOD = 60;

export function createCabal(options: CabalOptions): Cabal {
  const { scheduler, random, network, crypto, chainId, tricks } = options;
  const sight = createSight();
  const led = new Set<string>();
  const answered = new Set<string>();
  let stopped = false;

  const has = (trick: Trick) => tricks.has(trick);

  function present(): { epoch: number; validators: readonly Validator[]; members: Member[] } {
    const { epoch, validators } = options.epoch();
    const members = options.members.flatMap(({ instance, id, secret, host }) => {
      const index = validators.findIndex((validator) => validator.id === id);
      return index < 0 ? [] : [{ instance, id, index, secret, host }];
    });
    return { epoch, validators, members };
  }

  /** To one honest node, after a while or at once. */
  function tell(member: { readonly instance: number }, to: number, bytes: Uint8Array): void {
    scheduler.after(random.chance(0.7) ? 0 : random.int(0, 1500), () => {
      if (!stopped) network.inject(member.instance, to, 'consensus', bytes);
    });
  }

  function some(most = 1): number[] {
    const honest = random.shuffle(options.honest());
    return honest.slice(0, random.int(1, Math.max(1, Math.ceil(honest.length * most))));
  }

  function vote(
    member: Member,
    epoch: number,
    kind: VoteKind,
    slot: number,
    block: Uint8Array | null,
  ): Uint8Array {
    const signature = crypto.sign(
      member.secret,
      voteBytes({ kind, chainId, epoch, slot, block: kind === 'skip' ? null : block }),
    );
    return encodeMessage({
      type: 'vote',
      kind,
      epoch,
      slot,
      block: kind === 'skip' ? null : block,
      validator: member.index,
      signature,
    });
  }

  function propose(
    member: Member,
    epoch: number,
    slot: number,
    parent: { slot: number; block: Uint8Array },
    block: { hash: Uint8Array; body: ProposalMessage['body'] },
  ): Uint8Array {
    const content = { chainId, epoch, slot, block: block.hash, parentSlot: parent.slot };
    return encodeMessage({
      type: 'proposal',
      epoch,
      slot,
      block: block.hash,
      parentSlot: parent.slot,
      parentBlock: parent.block,
      body: block.body,
      signature: crypto.sign(member.secret, proposalBytes(content)),
    });
  }

  function make(
    host: ConsensusHost,
    parent: Uint8Array,
    proposer: string,
  ): ProposedBlock | undefined {
    try {
      const head = host.head();
      const on = Buffer.from(head.blockHash).equals(parent) ? head : host.executed(parent);
      if (on === undefined) return undefined;
      const time_ms = Math.max(options.now_ms() + random.int(0, 400), on.time_ms + 1);
      return host.propose({ parent, proposer, time_ms });
    } catch {
      return undefined;
    }
  }

  function onProposal(message: ProposalMessage): void {
    const { epoch, members } = present();
    if (message.epoch !== epoch) return;
    for (const member of members) {
      const { slot, block } = message;
      if (has('vote-for-all')) {
        for (const to of some()) tell(member, to, vote(member, epoch, 'notar', slot, block));
        if (random.chance(0.5))
          for (const to of some()) tell(member, to, vote(member, epoch, 'final', slot, block));
      }
      if (has('skip-and-final') && random.chance(0.7)) {
        for (const to of some()) tell(member, to, vote(member, epoch, 'skip', slot, null));
        for (const to of some()) tell(member, to, vote(member, epoch, 'final', slot, block));
        for (const to of some()) tell(member, to, vote(member, epoch, 'notar', slot, block));
      }
    }
  }

  /** Completes a quorum for one honest node alone, when without the attackers one vote is missing to all. */
  function onVote(epoch: number, slot: number, kind: VoteKind, block: Uint8Array | null): void {
    if (!has('withhold')) return;
    const now = present();
    if (epoch !== now.epoch) return;
    const key = `${epoch}/${slot}/${kind}/${block === null ? '' : Buffer.from(block).toString('hex')}`;
    if (answered.has(key)) return;
    const hex = block === null ? '' : Buffer.from(block).toString('hex');
    const have = sight.votes(epoch, slot, kind, hex).size;
    if (have < quorumOf(now.validators.length) - now.members.length) return;
    answered.add(key);
    if (random.chance(0.2)) return;
    const to = random.pick(options.honest());
    for (const member of now.members) tell(member, to, vote(member, epoch, kind, slot, block));
  }

  function lead(
    member: Member,
    epoch: number,
    slot: number,
    validators: readonly Validator[],
  ): void {
    const host = member.host();
    if (host === undefined || led.has(`${epoch}/${slot}`)) return;
    const { base } = sight.frontier(epoch, validators.length);
    const view = host.epoch();
    if (view.epoch !== epoch) return;
    led.add(`${epoch}/${slot}`);
    const parent = base ?? { slot: -1, block: view.root };
    const halves = random.shuffle(options.honest());
    const middle = random.int(1, Math.max(1, halves.length - 1));
    const sides = [halves.slice(0, middle), halves.slice(middle)];
    const kinds: Trick[] = (
      ['equivocate', 'invalid-block', 'wrong-parent', 'false-repeat'] as const
    ).filter(has);
    const kind = random.chance(0.25) ? undefined : random.pick([...kinds, undefined]);
    if (kind === 'invalid-block') {
      const block = make(host, parent.block, member.id);
      if (block === undefined) return;
      const header = bendHeader(random, block.headerBytes, options.now_ms());
      const bent = { hash: hashOf(host, header), body: { header, txs: block.txs } };
      const bytes = propose(member, epoch, slot, parent, bent);
      for (const to of options.honest()) tell(member, to, bytes);
      return;
    }
    if (kind === 'wrong-parent') {
      for (const bytes of wrongParents(member, host, epoch, slot, parent))
        for (const to of some()) tell(member, to, bytes);
      return;
    }
    if (kind === 'false-repeat') {
      const block = make(host, parent.block, member.id);
      if (block === undefined || slot === 0) return;
      const body = { header: block.headerBytes, txs: block.txs };
      const { blockHash: hash } = block;
      const whole = propose(member, epoch, slot, parent, { hash, body });
      // The same block, said to stand a slot before already: whoever believes it never asks for the body.
      const before = { slot: slot - 1, block: hash };
      const empty = propose(member, epoch, slot, before, { hash, body: null });
      for (const to of sides[0]!) tell(member, to, empty);
      for (const to of sides[1]!) tell(member, to, whole);
      return;
    }
    const blocks = [make(host, parent.block, member.id)];
    if (kind === 'equivocate') blocks.push(make(host, parent.block, member.id));
    for (const [i, block] of blocks.entries()) {
      if (block === undefined) continue;
      const body = { header: block.headerBytes, txs: block.txs };
      const bytes = propose(member, epoch, slot, parent, { hash: block.blockHash, body });
      const targets = kind === 'equivocate' ? sides[i]! : options.honest();
      for (const to of targets) tell(member, to, bytes);
    }
  }

  function wrongParents(
    member: Member,
    host: ConsensusHost,
    epoch: number,
    slot: number,
    parent: { slot: number; block: Uint8Array },
  ): Uint8Array[] {
    const out: Uint8Array[] = [];
    // Upon a notarized block of before, though what came after it was not skipped.
    for (let back = slot - 1; back >= Math.max(-1, slot - 4); back--) {
      const at =
        back < 0
          ? host.epoch().root
          : random.pick([...sight.proposals(epoch, back), undefined])?.block;
      if (at === undefined) continue;
      const block = make(host, at, member.id);
      if (block === undefined) continue;
      const body = { header: block.headerBytes, txs: block.txs };
      out.push(
        propose(member, epoch, slot, { slot: back, block: at }, { hash: block.blockHash, body }),
      );
    }
    // A repeat of what stands elsewhere, and a block whose header names another parent than the proposal.
    out.push(propose(member, epoch, slot, parent, { hash: host.epoch().root, body: null }));
    const block = make(host, parent.block, member.id);
    if (block !== undefined) {
      const body = { header: block.headerBytes, txs: block.txs };
      const other = { slot: parent.slot, block: host.epoch().root };
      out.push(propose(member, epoch, slot, other, { hash: block.blockHash, body }));
    }
    return out;
  }

  function forge(member: Member, epoch: number, slot: number, members: number): Uint8Array {
    const kind = random.pick<VoteKind>(['notar', 'skip', 'final']);
    const known = sight.proposals(epoch, slot)[0]?.block ?? random.bytes(32);
    const block = kind === 'skip' ? null : random.chance(0.7) ? known : random.bytes(32);
    const needed = quorumOf(members);
    const signature = crypto.sign(member.secret, voteBytes({ kind, chainId, epoch, slot, block }));
    const own = { validator: member.index, signature };
    const hex = block === null ? '' : Buffer.from(block).toString('hex');
    const real = [...sight.votes(epoch, slot, kind, hex).values()].map((found) => ({
      validator: found.validator,
      signature: found.signature,
    }));
    const sorted = [...real.filter(({ validator }) => validator !== member.index), own].sort(
      (a, b) => a.validator - b.validator,
    );
    const forms: CertificateMessage['signatures'][] = [
      Array.from({ length: needed }, () => own),
      Array.from({ length: needed }, (_, validator) => ({ validator, signature })),
      sorted.slice(0, needed - 1),
      [...sorted.slice(0, needed - 1), sorted[0] ?? own],
      [...sorted.slice(0, needed - 1), { validator: members, signature }],
    ];
    const signatures = random.pick(forms);
    return encodeMessage({ type: 'certificate', kind, epoch, slot, block, signatures });
  }

  function tick(): void {
    if (stopped) return;
    scheduler.after(random.int(...TICK_MS), tick);
    const { epoch, validators, members } = present();
    if (members.length === 0) return;
    const member = random.pick(members);
    const { slot } = sight.frontier(epoch, validators.length);
    const leader = members.find(({ index }) => index === slot % validators.length);
    if (leader !== undefined) lead(leader, epoch, slot, validators);
    if (has('forge') && random.chance(0.3)) {
      for (const to of some(0.5))
        tell(
          member,
          to,
          forge(member, epoch, Math.max(0, slot - random.int(0, 2)), validators.length),
        );
    }
    if (has('garbage') && random.chance(0.3)) {
      const channel = random.pick(['consensus', 'transactions', 'blocks'] as const);
      network.inject(
        member.instance,
        random.pick(options.honest()),
        channel,
        random.bytes(random.int(0, 80)),
      );
    }
    if (has('flood') && random.chance(0.02)) {
      const to = random.pick(options.honest());
      for (let i = 0; i < FLOOD; i++) {
        const far = slot + random.int(0, 100_000);
        network.inject(member.instance, to, 'consensus', vote(member, epoch, 'skip', far, null));
      }
    }
    if (has('replay-epoch') && random.chance(0.5)) {
      const past = sight.old(epoch);
      if (past.length > 0) {
        const { kind, slot: at, block, validator, signature } = random.pick(past);
        const bytes = encodeMessage({
          type: 'vote',
          kind,
          epoch,
          slot: at,
          block,
          validator,
          signature,
        });
        for (const to of some(0.5)) tell(member, to, bytes);
      }
    }
    if (has('replay-chain') && random.chance(0.3))
      replayChain(member, epoch, slot, validators.length);
    if (has('lie-in-sync') && random.chance(0.3)) lie(member);
  }

  /** Votes that honest validators gave on another chain, as if they were for this one. */
  function replayChain(member: Member, epoch: number, slot: number, count: number): void {
    const kind = random.pick<VoteKind>(['notar', 'skip', 'final']);
    const block =
      kind === 'skip' ? null : (sight.proposals(epoch, slot)[0]?.block ?? random.bytes(32));
    const other = new Uint8Array(32).fill(7);
    const message = voteBytes({ kind, chainId: other, epoch, slot, block });
    for (let validator = 0; validator < count; validator++) {
      const signature = options.elsewhere(validator, message);
      if (signature === undefined) continue;
      const bytes = encodeMessage({ type: 'vote', kind, epoch, slot, block, validator, signature });
      for (const to of some(0.5)) tell(member, to, bytes);
    }
  }

  function lie(member: Member): void {
    const known = sight.samples().filter((sample) => sample !== undefined);
    if (known.length === 0) return;
    const { channel, message } = random.pick(known);
    const copy = message.slice();
    if (copy.length > 0 && random.chance(0.8))
      copy[random.int(0, copy.length - 1)] = random.int(0, 255);
    network.inject(member.instance, random.pick(options.honest()), channel, copy);
  }

  scheduler.after(random.int(...TICK_MS), tick);
  return {
    sees(sent) {
      if (stopped) return;
      const message = sight.see(sent);
      if (message?.type === 'proposal') onProposal(message);
      if (message?.type === 'vote')
        onVote(message.epoch, message.slot, message.kind, message.block);
    },
    stop() {
      stopped = true;
    },
  };
}

function hashOf(host: ConsensusHost, header: Uint8Array): Uint8Array {
  return blockHash(host.hash, header);
}
