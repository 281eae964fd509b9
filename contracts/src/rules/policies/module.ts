// policies: limits in signed versions, each active from a height on, and the calendars of working days (docs/formats.md §5).

import Type from 'typebox';
import type { CborObject } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import { AMOUNT_MAX, POLICY_VERSIONS_MAX, POLICY_YIELDS_MAX } from '../../limits.ts';
import { PROCESSES } from '../lots/module.ts';
import { ADMITTING_ROLES, hasRole, requireRole } from '../permissions.ts';
import { Closed, Gtin, Names, Season, Slug } from '../schema.ts';
import { defineAction, type RuleModule } from '../types.ts';
import { type Calendar, calendarKey } from './calendar.ts';
import { getPolicyHead, type Policy, policyHeadKey, policyKey } from './policy.ts';

/** A thousandfold: pieces out of grams. */
const PPM_MAX = 1_000_000_000;
const Text100 = Type.String({ minLength: 1, maxLength: 100 });
const ThreeLevels = Type.Array(Type.Integer({ minimum: 1, maximum: 10_000 }), {
  minItems: 3,
  maxItems: 3,
});

const adopt = defineAction(
  Closed({
    policy: Slug,
    version: Type.Integer({ minimum: 1, maximum: POLICY_VERSIONS_MAX }),
    title: Names,
    from: Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'height of the first block that it applies to',
    }),
    yields: Type.Optional(
      Type.Array(
        Closed({
          process: Type.Union(PROCESSES.map((process) => Type.Literal(process))),
          from: Gtin,
          to: Gtin,
          min_ppm: Type.Integer({ minimum: 0, maximum: PPM_MAX }),
          max_ppm: Type.Integer({ minimum: 0, maximum: PPM_MAX }),
          season: Type.Optional(Season),
        }),
        { minItems: 1, maxItems: POLICY_YIELDS_MAX },
      ),
    ),
    loss_ppm_per_year: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    climate: Type.Optional(
      Type.Array(
        Closed({
          quantity: Type.Union([Type.Literal('temperature'), Type.Literal('humidity')]),
          above: Type.Boolean(),
          limit: Type.Integer({ minimum: -90_000, maximum: 150_000 }),
          duration_ms: Type.Integer({ minimum: 0, maximum: 366 * 86_400_000 }),
          cumulative: Type.Boolean(),
          error: Type.Integer({ minimum: 0, maximum: 100_000 }),
        }),
        { minItems: 1, maxItems: 16 },
      ),
    ),
    ageing_months_min: Type.Optional(Type.Integer({ minimum: 1, maximum: 1200 })),
    quota_g_per_mu: Type.Optional(Type.Integer({ minimum: 1, maximum: AMOUNT_MAX })),
    recall: Type.Optional(Closed({ start_h: ThreeLevels, finish_workdays: ThreeLevels })),
    sources: Type.Array(
      Closed({ topic: Text100, source: Type.String({ minLength: 1, maxLength: 300 }) }),
      {
        minItems: 1,
        maxItems: 32,
      },
    ),
  }),
  (state, p, ctx) => {
    requireRole(ctx, ADMITTING_ROLES);
    const head = getPolicyHead(state, p.policy);
    if (
      head !== undefined &&
      head.steward !== ctx.signer.id &&
      !hasRole(ctx.signer, ['regulator'])
    ) {
      throw new AppError(
        'policies/not-steward',
        `Only ${head.steward} or a regulator changes it.`,
        {
          policy: p.policy,
        },
      );
    }
    const last = head?.versions.at(-1);
    const next = (last?.version ?? 0) + 1;
    if (p.version !== next) {
      throw new AppError('policies/wrong-version', `The next version is ${next}.`, { next });
    }
    // What was judged stays judged: a version never applies to a block that exists.
    const earliest = Math.max(ctx.height + 1, (last?.from ?? 0) + 1);
    if (p.from < earliest) {
      throw new AppError('policies/too-early', `It can apply from height ${earliest} on.`, {
        earliest,
      });
    }
    if (p.yields?.some(({ min_ppm, max_ppm }) => min_ppm > max_ppm)) {
      throw new AppError('policies/bad-yield', 'The least yield is above the greatest.');
    }
    const steps = p.yields?.map((y) => [y.process, y.from, y.to, y.season ?? ''].join(' ')) ?? [];
    if (new Set(steps).size !== steps.length) {
      throw new AppError('policies/twice', 'Give each step one yield.');
    }
    const { policy: id, ...limits } = p;
    const policy: Policy = { id, ...limits, by: ctx.signer.id, tx: ctx.txId };
    const { version, from } = p;
    return {
      writes: [
        { key: policyKey(id, version), value: policy as unknown as CborObject },
        {
          key: policyHeadKey(id),
          value: {
            id,
            steward: head?.steward ?? ctx.signer.id,
            versions: [...(head?.versions ?? []), { version, from }],
          },
        },
      ],
      events: [
        { type: 'policies.adopted', data: { policy: id, version, from, by: ctx.signer.id } },
      ],
    };
  },
);

const DayOfYear = Type.Array(Type.Integer({ minimum: 1, maximum: 366 }), {
  maxItems: 60,
  uniqueItems: true,
});

const setCalendar = defineAction(
  Closed({
    year: Type.Integer({ minimum: 2000, maximum: 2200 }),
    off: DayOfYear,
    on: DayOfYear,
  }),
  (_state, p, ctx) => {
    requireRole(ctx, ['regulator']);
    const calendar: Calendar = { ...p, by: ctx.signer.id };
    return {
      writes: [{ key: calendarKey(p.year), value: { ...calendar } as unknown as CborObject }],
      events: [{ type: 'policies.calendar-set', data: { year: p.year, by: ctx.signer.id } }],
    };
  },
);

export const policies: RuleModule = {
  name: 'policies',
  version: 1,
  actions: { adopt, 'set-calendar': setCalendar },
};
