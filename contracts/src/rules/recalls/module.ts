// recalls: opened over a scope that everyone can recompute, acknowledged and accounted for by every holder, closed when the
// amounts add up or the shortfall is said (docs/formats.md §5).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { hasRole } from '../permissions.ts';
import { Closed, Reason, Text20 } from '../schema.ts';
import { defineAction, type RuleContext, type RuleModule, type StateReader } from '../types.ts';
import { addAmounts, subtractAmounts } from './holdings.ts';
import { open } from './open.ts';
import {
  getRecallHolder,
  OPEN_DRILLS_KEY,
  OPEN_RECALLS_KEY,
  openDrills,
  openRecalls,
  type Recall,
  type RecallHolder,
  recallHolderWrite,
  recallWrite,
  reportedBy,
  requireRecall,
} from './recall.ts';

const Sum = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const AmountsValue = Closed({ g: Sum, count: Sum });

/** The open recall and the signer's part in it. Throws `recalls/unknown`, `recalls/closed` or `recalls/not-a-holder`. */
function requirePart(
  state: StateReader,
  id: string,
  ctx: RuleContext,
): { recall: Recall; holder: RecallHolder } {
  const recall = requireOpen(requireRecall(state, id));
  const holder = getRecallHolder(state, id, ctx.signer.id);
  if (holder === undefined) {
    throw new AppError('recalls/not-a-holder', 'You held nothing of this recall’s scope.', {
      recall: id,
    });
  }
  return { recall, holder };
}

function requireOpen(recall: Recall): Recall {
  if (recall.status !== 'open') {
    throw new AppError('recalls/closed', 'The recall is closed.', { recall: recall.id });
  }
  return recall;
}

const acknowledge = defineAction(Closed({ recall: Text20 }), (state, p, ctx) => {
  const { recall, holder } = requirePart(state, p.recall, ctx);
  if (holder.acknowledgedAt !== undefined) {
    throw new AppError('recalls/acknowledged', 'You have acknowledged this recall already.', {
      recall: p.recall,
    });
  }
  return {
    writes: [
      recallHolderWrite(p.recall, { ...holder, acknowledgedAt: ctx.time_ms }),
      recallWrite({ ...recall, acknowledged: recall.acknowledged + 1 }),
    ],
    events: [{ type: 'recalls.acknowledged', data: { recall: p.recall, account: ctx.signer.id } }],
  };
});

const report = defineAction(
  Closed({
    recall: Text20,
    recovered: AmountsValue,
    destroyed: AmountsValue,
    sold: AmountsValue,
  }),
  (state, p, ctx) => {
    const { recall, holder } = requirePart(state, p.recall, ctx);
    const sum = reportedBy(p);
    if (sum.g > holder.due.g || sum.count > holder.due.count) {
      throw new AppError(
        'recalls/beyond-due',
        `You held ${holder.due.g} g and ${holder.due.count} pieces; the report adds up to ${sum.g} g and ${sum.count}.`,
        { due_g: holder.due.g, due_count: holder.due.count, sum_g: sum.g, sum_count: sum.count },
      );
    }
    // Who reports has read it.
    const fresh = holder.acknowledgedAt === undefined;
    const { recovered, destroyed, sold } = p;
    const next: RecallHolder = {
      ...holder,
      acknowledgedAt: holder.acknowledgedAt ?? ctx.time_ms,
      recovered,
      destroyed,
      sold,
      reportedAt: ctx.time_ms,
    };
    return {
      writes: [
        recallHolderWrite(p.recall, next),
        recallWrite({
          ...recall,
          acknowledged: recall.acknowledged + (fresh ? 1 : 0),
          reported: addAmounts(subtractAmounts(recall.reported, reportedBy(holder)), sum),
        }),
      ],
      events: [
        {
          type: 'recalls.reported',
          data: { recall: p.recall, account: ctx.signer.id, g: sum.g, count: sum.count },
        },
      ],
    };
  },
);

const close = defineAction(
  Closed({
    recall: Text20,
    shortfall: Type.Optional(Closed({ g: Sum, count: Sum, reason: Reason })),
  }),
  (state, p, ctx) => {
    const recall = requireOpen(requireRecall(state, p.recall));
    const mayClose =
      hasRole(ctx.signer, ['regulator']) || (recall.mock && recall.opener === ctx.signer.id);
    if (!mayClose) {
      throw new AppError(
        'recalls/not-closer',
        'A recall is closed by a regulator, a drill by who opened it; ask the regulator.',
      );
    }
    const missing = subtractAmounts(recall.due, recall.reported);
    const { g, count } = p.shortfall ?? { g: 0, count: 0 };
    const stated = p.shortfall !== undefined;
    if (g !== missing.g || count !== missing.count || stated !== missing.g + missing.count > 0) {
      throw new AppError(
        'recalls/not-reconciled',
        `The reports leave ${missing.g} g and ${missing.count} pieces open: wait for them, or close with exactly this shortfall and its reason.`,
        { g: missing.g, count: missing.count },
      );
    }
    const { shortfall } = p;
    const closed: Recall = {
      ...recall,
      status: 'closed',
      closedAt: ctx.time_ms,
      ...(shortfall === undefined ? {} : { shortfall }),
    };
    const isOther = (id: string) => id !== p.recall;
    return {
      writes: [
        recallWrite(closed),
        recall.mock
          ? { key: OPEN_DRILLS_KEY, value: openDrills(state).filter(isOther) }
          : { key: OPEN_RECALLS_KEY, value: openRecalls(state).filter(isOther) },
      ],
      events: [{ type: 'recalls.closed', data: { recall: p.recall, g, count } }],
      // A recall's scope stays as history; a drill's is only in the way.
      ...(recall.mock
        ? { scopes: [{ recall: p.recall, lots: null, rows: recall.scope.count }] }
        : {}),
    };
  },
);

export const recalls: RuleModule = {
  name: 'recalls',
  version: 1,
  actions: { open, acknowledge, report, close },
};
