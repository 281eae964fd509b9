// recalls.open: names the seeds and commits to the scope; every validator computes the scope anew and refuses another one
// (docs/formats.md §5).

import Type from 'typebox';
import { equalBytes } from '../../encoding/bytes.ts';
import { AppError } from '../../errors.ts';
import { RECALL_SCOPE_HOLDER_MAX, RECALL_SCOPE_MAX } from '../../limits.ts';
import { getLot, lotKey } from '../lots/lot.ts';
import { hasRole } from '../permissions.ts';
import { addWorkdays } from '../policies/calendar.ts';
import { type Policy, policyAt, policyRef } from '../policies/policy.ts';
import { requireProduct } from '../products/product.ts';
import { Bytes, Closed, Gtin, Reason, Text20 } from '../schema.ts';
import { defineAction, type RuleContext, type StateReader } from '../types.ts';
import { addAmounts, gatherHoldings, NO_AMOUNTS } from './holdings.ts';
import {
  getRecall,
  OPEN_DRILLS_KEY,
  OPEN_RECALLS_KEY,
  openDrills,
  openRecalls,
  type Recall,
  recallHolderWrite,
  recallWrite,
} from './recall.ts';
import { countedReader, type LotRef, recallScope } from './scope.ts';
import { scopeRoot } from './scope-tree.ts';
import { requireDrillSlot, requireSlot } from './slots.ts';

const HOUR_MS = 3_600_000;
export const RECALL_SEEDS_MAX = 64;
const DRILL_PREFIX = 'D-';
const HOLDERS_PREFIX = 'H-';

const Nth = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Made = Closed({ from: Nth, to: Nth });

export const open = defineAction(
  Closed({
    recall: Text20,
    level: Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3)]),
    mock: Type.Boolean({ description: 'a drill: recorded and timed, trade goes on' }),
    reason: Reason,
    seeds: Type.Array(Closed({ gtin: Gtin, lot: Text20, made: Type.Optional(Made) }), {
      minItems: 1,
      maxItems: RECALL_SEEDS_MAX,
    }),
    siblings: Type.Boolean({ description: 'also what shares a direct input with a seed' }),
    ancestors: Type.Boolean({ description: 'also all that the seeds were made from' }),
    scope: Closed({
      root: Bytes(32),
      count: Type.Integer({ minimum: 1, maximum: RECALL_SCOPE_MAX }),
    }),
  }),
  (state, p, ctx) => {
    requireOwnIds(p, ctx);
    if (getRecall(state, p.recall) !== undefined) {
      throw new AppError('recalls/exists', 'A recall of this id exists; choose another id.', {
        recall: p.recall,
      });
    }
    if (p.seeds.some(({ made }) => made !== undefined && made.to <= made.from)) {
      throw new AppError('rules/bad-payload', 'What was made of a seed ends after it begins.', {
        field: '/seeds',
      });
    }
    if ((p.siblings || p.ancestors) && !hasRole(ctx.signer, ['regulator'])) {
      throw new AppError(
        'recalls/regulator-only',
        'Siblings and ancestors are the goods of others: only a regulator recalls them; open it without, and tell him.',
      );
    }
    requireSeeds(state, p.seeds, ctx);
    const others = openRecalls(state);
    const drills = openDrills(state);
    if (p.mock) requireDrillSlot(state, drills, ctx);
    else requireSlot(state, others, p, ctx);

    const reader = countedReader(state);
    const holdings = gatherHoldings(reader);
    const lots_max = hasRole(ctx.signer, ['regulator'])
      ? RECALL_SCOPE_MAX
      : RECALL_SCOPE_HOLDER_MAX;
    const lots = recallScope(reader, p, { lots_max, visit: holdings.add });
    const root = lots.length === p.scope.count ? scopeRoot(ctx.hash, lots) : undefined;
    if (root === undefined || !equalBytes(root, p.scope.root)) {
      throw new AppError(
        'recalls/wrong-scope',
        `The scope is of ${lots.length} lots, and not what the recall commits to; compute it anew and sign again.`,
        { count: lots.length, committed: p.scope.count },
      );
    }
    const byHolder = [...holdings.byHolder()].map(([account, held]) => ({ account, ...held }));
    const recall: Recall = {
      id: p.recall,
      level: p.level,
      mock: p.mock,
      reason: p.reason,
      opener: ctx.signer.id,
      openedAt: ctx.time_ms,
      height: ctx.height,
      seeds: p.seeds,
      siblings: p.siblings,
      ancestors: p.ancestors,
      scope: p.scope,
      due: byHolder.reduce((sum, { due }) => addAmounts(sum, due), NO_AMOUNTS),
      holders: byHolder.length,
      acknowledged: 0,
      reported: NO_AMOUNTS,
      ...deadlines(state, p, ctx),
      status: 'open',
      tx: ctx.txId,
    };
    const none = { recovered: NO_AMOUNTS, destroyed: NO_AMOUNTS, sold: NO_AMOUNTS };
    return {
      writes: [
        recallWrite(recall),
        ...byHolder.map((holder) => recallHolderWrite(p.recall, { ...holder, ...none })),
        p.mock
          ? { key: OPEN_DRILLS_KEY, value: [...drills, p.recall] }
          : { key: OPEN_RECALLS_KEY, value: [...others, p.recall] },
      ],
      events: [
        {
          type: 'recalls.opened',
          data: {
            recall: p.recall,
            level: p.level,
            mock: p.mock,
            count: lots.length,
            root: p.scope.root,
            holders: byHolder.length,
          },
        },
      ],
      scopes: [{ recall: p.recall, lots, rows: lots.length }],
    };
  },
);

/** A regulator's number is never taken: what others open begins with letters of its own. */
function requireOwnIds(
  { recall, mock }: { readonly recall: string; readonly mock: boolean },
  { signer }: RuleContext,
): void {
  const prefix = mock ? DRILL_PREFIX : HOLDERS_PREFIX;
  if (hasRole(signer, ['regulator']) || recall.startsWith(prefix)) return;
  throw new AppError(
    'recalls/reserved-id',
    `The number of a drill begins with ${DRILL_PREFIX}, that of a holder’s recall with ${HOLDERS_PREFIX}; others are the regulator’s.`,
    { recall, prefix },
  );
}

function requireSeeds(state: StateReader, seeds: readonly LotRef[], ctx: RuleContext): void {
  if (new Set(seeds.map(({ gtin, lot }) => lotKey(gtin, lot))).size !== seeds.length) {
    throw new AppError('recalls/named-twice', 'Name each seed lot once.');
  }
  const regulator = hasRole(ctx.signer, ['regulator']);
  for (const { gtin, lot } of seeds) {
    const seed = getLot(state, gtin, lot);
    if (seed === undefined) {
      throw new AppError('lots/unknown', 'There is no such lot.', { gtin, lot });
    }
    if (!regulator && seed.holder !== ctx.signer.id && seed.maker !== ctx.signer.id) {
      throw new AppError(
        'recalls/not-yours',
        'A recall is opened by a regulator, or by who made or holds each of its seed lots.',
        { gtin, lot },
      );
    }
  }
}

/** By the policy of the first seed's product, where it has one that speaks of recalls. */
function deadlines(
  state: StateReader,
  { level, seeds }: Pick<Recall, 'level' | 'seeds'>,
  { height, time_ms }: RuleContext,
): Pick<Recall, 'policy' | 'startDue' | 'finishDue' | 'uncalendared'> {
  const policy = policyOf(state, seeds, height);
  const start_h = policy?.recall?.start_h[level - 1];
  const workdays = policy?.recall?.finish_workdays[level - 1];
  if (policy === undefined || start_h === undefined || workdays === undefined) return {};
  const { due_ms, uncalendared } = addWorkdays(state, time_ms, workdays);
  return {
    policy: policyRef(policy),
    startDue: time_ms + start_h * HOUR_MS,
    finishDue: due_ms,
    ...(uncalendared ? { uncalendared: true } : {}),
  };
}

function policyOf(
  state: StateReader,
  seeds: readonly LotRef[],
  height: number,
): Policy | undefined {
  const first = seeds[0];
  if (first === undefined) return undefined;
  const { policy } = requireProduct(state, first.gtin);
  return policy === undefined ? undefined : policyAt(state, policy, height);
}
