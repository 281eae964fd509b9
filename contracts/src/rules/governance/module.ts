// governance: what the organisations with a validator decide together: who votes, and under which rules (docs/formats.md §4, §5).

import Type from 'typebox';
import type { CborObject } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import { quorum } from '../../ledger/validators.ts';
import {
  PROPOSAL_BLOCKS_MAX,
  PROPOSALS_OPEN_MAX,
  ROTATION_PAUSE_MS,
  VALIDATORS_LEFT_MIN,
} from '../../limits.ts';
import { AccountId, Bytes, Closed, PublicKeyValue, Slug } from '../schema.ts';
import {
  defineAction,
  type Effects,
  type LedgerState,
  type RuleContext,
  type RuleModule,
  type StateWrite,
} from '../types.ts';
import {
  type Change,
  getProposal,
  OPEN_PROPOSALS_KEY,
  openProposals,
  type Proposal,
  proposalKey,
  proposalToValue,
  requireOpen,
} from './proposal.ts';
import { getRules } from './rules-record.ts';
import {
  assertProof,
  joined,
  moveTo,
  requireMember,
  rotated,
  toNewcomer,
  without,
} from './set-change.ts';
import { cancelled, scheduled } from './upgrade.ts';
import { getValidators, rotationKey, type ValidatorSet } from './validator-set.ts';

const ModuleName = Type.String({ pattern: '^[a-z][a-z-]{1,31}$', maxLength: 32 });
const Uint = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const ChangeValue = Type.Union([
  Closed({
    kind: Type.Literal('join'),
    validator: Closed({ id: AccountId, key: PublicKeyValue }),
    proof: Bytes(64),
  }),
  Closed({ kind: Type.Literal('remove'), id: AccountId }),
  Closed({
    kind: Type.Literal('upgrade'),
    module: ModuleName,
    version: Uint,
    artifact: Bytes(32),
    height: Uint,
  }),
  Closed({ kind: Type.Literal('cancel'), upgrade: Slug }),
]);

const propose = defineAction(Closed({ id: Slug, change: ChangeValue }), (state, p, ctx) => {
  const set = getValidators(state);
  requireMember(set, ctx.signer.id);
  if (getProposal(state, p.id) !== undefined) {
    throw new AppError('governance/exists', 'A proposal has this id already; choose another.', {
      id: p.id,
    });
  }
  const change = p.change as unknown as Change;
  if (change.kind === 'join') assertProof(ctx, toNewcomer(change.validator), change.proof);
  const { open, writes } = expire(state, ctx);
  assertRoom(open, set, ctx);
  const proposal: Proposal = {
    id: p.id,
    change,
    proposer: ctx.signer.id,
    height: ctx.height,
    expires: ctx.height + PROPOSAL_BLOCKS_MAX,
    approvals: [],
    status: 'open',
    tx: ctx.txId,
  };
  const ids = [...open.map(({ id }) => id), p.id];
  const approved = approve(state, set, proposal, ids, ctx);
  const data = { id: p.id, kind: change.kind, by: ctx.signer.id, expires: proposal.expires };
  return {
    writes: [...writes, ...approved.writes],
    events: [{ type: 'governance.proposed', data }, ...approved.events],
  };
});

const approveAction = defineAction(Closed({ id: Slug }), (state, p, ctx) => {
  const set = getValidators(state);
  requireMember(set, ctx.signer.id);
  const proposal = requireOpen(state, p.id, ctx.height);
  return approve(state, set, proposal, openProposals(state), ctx);
});

const withdraw = defineAction(Closed({ id: Slug }), (state, p, ctx) => {
  const proposal = requireOpen(state, p.id, ctx.height);
  if (proposal.proposer !== ctx.signer.id) {
    throw new AppError('governance/not-the-proposer', 'Only who proposed it withdraws it.', {
      proposer: proposal.proposer,
    });
  }
  return {
    writes: [
      ended(proposal, 'withdrawn', ctx),
      writeOpen(openProposals(state).filter((id) => id !== p.id)),
    ],
    events: [{ type: 'governance.withdrawn', data: { id: p.id, by: ctx.signer.id } }],
  };
});

const rotate = defineAction(Closed({ key: PublicKeyValue, proof: Bytes(64) }), (state, p, ctx) => {
  const set = getValidators(state);
  const { id } = requireMember(set, ctx.signer.id);
  const last = state.get(rotationKey(id)) as { at: number } | undefined;
  if (last !== undefined && ctx.time_ms < last.at + ROTATION_PAUSE_MS) {
    throw new AppError(
      'governance/rotated-lately',
      'The key was changed in the last 30 days; if this one is lost too, the others remove you and let you join again.',
      { again_ms: last.at + ROTATION_PAUSE_MS },
    );
  }
  const changed = toNewcomer({ id, key: p.key as unknown as CborObject });
  assertProof(ctx, changed, p.proof);
  const { writes, events } = moveTo(set, rotated(state, set, changed), ctx);
  return { writes: [...writes, { key: rotationKey(id), value: { at: ctx.time_ms } }], events };
});

const leave = defineAction(Closed({}), (state, _p, ctx) => {
  const set = getValidators(state);
  const { id } = requireMember(set, ctx.signer.id);
  if (set.members.length - 1 < VALIDATORS_LEFT_MIN) {
    throw new AppError(
      'governance/too-few-left',
      `Fewer than ${VALIDATORS_LEFT_MIN} validators would remain; the others decide it together: propose your removal.`,
    );
  }
  return moveTo(set, without(set, id, 'leave'), ctx);
});

/** The proposal with the signer's approval, and what it changes if that makes a quorum of the members of now. */
function approve(
  state: LedgerState,
  set: ValidatorSet,
  proposal: Proposal,
  open: readonly string[],
  ctx: RuleContext,
): Effects {
  const { id } = proposal;
  const by = ctx.signer.id;
  const others = proposal.approvals.filter(
    (account) => account !== by && set.members.some((member) => member.id === account),
  );
  const approvals = [...others, by];
  const needed = quorum(set.members.length);
  const decided = approvals.length >= needed;
  // Again is in order where the set has shrunk since: the approvals that there are may be enough now.
  if (!decided && proposal.approvals.includes(by)) {
    throw new AppError('governance/already-approved', 'Your organisation has approved it.', { id });
  }
  const effects = effectOf(state, proposal, decided, ctx);
  const data = { id, by, approvals: approvals.length, needed };
  const approved = { type: 'governance.approved', data };
  if (!decided) {
    return {
      writes: [write({ ...proposal, approvals }), writeOpen(open)],
      events: [approved],
    };
  }
  const accepted = { type: 'governance.accepted', data: { id, kind: proposal.change.kind } };
  return {
    writes: [
      ended({ ...proposal, approvals }, 'accepted', ctx),
      writeOpen(open.filter((other) => other !== id)),
      ...effects.writes,
    ],
    events: [approved, accepted, ...effects.events],
  };
}

const NONE: Effects = { writes: [], events: [] };

/** What the change does; undecided, only whether it could be done. */
function effectOf(
  state: LedgerState,
  { id, change }: Proposal,
  decided: boolean,
  ctx: RuleContext,
): Effects {
  if (change.kind === 'upgrade') return scheduled(getRules(state), id, change, ctx);
  if (change.kind === 'cancel') return cancelled(getRules(state), change.upgrade);
  const set = getValidators(state);
  const moved =
    change.kind === 'join'
      ? joined(state, set, toNewcomer(change.validator))
      : without(set, change.id, 'remove');
  return decided ? moveTo(set, moved, ctx) : NONE;
}

/** The open proposals that have not expired, and the records of those that have. */
function expire(state: LedgerState, ctx: RuleContext): { open: Proposal[]; writes: StateWrite[] } {
  const all = openProposals(state).flatMap((id) => getProposal(state, id) ?? []);
  const open = all.filter(({ expires }) => expires >= ctx.height);
  const expired = all.filter(({ expires }) => expires < ctx.height);
  return { open, writes: expired.map((proposal) => ended(proposal, 'expired', ctx)) };
}

/** No member takes the room of the others. Throws `governance/too-many-open`. */
function assertRoom(open: readonly Proposal[], set: ValidatorSet, ctx: RuleContext): void {
  const own = open.filter(({ proposer }) => proposer === ctx.signer.id).length;
  const own_max = Math.max(1, Math.floor(PROPOSALS_OPEN_MAX / set.members.length));
  if (own < own_max && open.length < PROPOSALS_OPEN_MAX) return;
  throw new AppError(
    'governance/too-many-open',
    `At most ${PROPOSALS_OPEN_MAX} proposals are open, ${own_max} of one organisation; withdraw one or wait until one expires.`,
    { open: open.length, own },
  );
}

function write(proposal: Proposal): StateWrite {
  return { key: proposalKey(proposal.id), value: proposalToValue(proposal) };
}

function ended(proposal: Proposal, status: Proposal['status'], ctx: RuleContext): StateWrite {
  return write({ ...proposal, status, decided: ctx.height });
}

function writeOpen(ids: readonly string[]): StateWrite {
  return { key: OPEN_PROPOSALS_KEY, value: ids.length === 0 ? null : [...ids] };
}

export const governance: RuleModule = {
  name: 'governance',
  version: 1,
  actions: { propose, approve: approveAction, withdraw, rotate, leave },
};
