import { describe, expect, test } from 'vitest';
import { bare, disputed, HEAD_MS, partly, proven, recalled } from '../fixtures/verdicts.ts';
import { DAY_MS, YEAR_MS } from '../format/duration.ts';
import { en } from '../i18n/en.ts';
import { zh } from '../i18n/zh.ts';
import type { Claim, ClaimKind, Verdict } from '../verify/types.ts';
import { summarise } from './summary.ts';

const plain = (parts: readonly string[]) => parts.join(' ').replaceAll('\u00a0', ' ');
const said = (verdict: Verdict) => {
  const summary = summarise(verdict);
  return {
    zh: plain(zh.verdict.sentence(summary)),
    en: plain(en.verdict.sentence(summary)),
    second: zh.verdict.second(summary).replaceAll('\u00a0', ' '),
    seal: zh.seal(summary.seal).join(''),
    summary,
  };
};
function withClaim<Kind extends ClaimKind>(
  verdict: Verdict,
  kind: Kind,
  change: (claim: Extract<Claim, { kind: Kind }>) => Claim | null,
): Verdict {
  const claims = verdict.claims.flatMap((claim) => {
    const next = claim.kind === kind ? change(claim as Extract<Claim, { kind: Kind }>) : claim;
    return next === null ? [] : [next];
  });
  return { ...verdict, claims };
}

describe('the sentence', () => {
  test('says what is shown and what is not', () => {
    const { zh, en, seal, summary } = said(partly);
    expect(zh).toBe('批次属实，产地有人担保； 陈化有读数 3 年 38 天，标签所称 5 年未全证');
    expect(en).toContain('readings cover 3 years 38 days, not all of the 5 years claimed');
    expect(summary.level).toBe('partly');
    expect(seal).toBe('此包在册');
  });

  test('silences are said, though readings add up to more than the label claims', () => {
    const { zh, en, summary } = said(proven);
    expect(zh).toContain('所称 3 年陈化，读数只缺 2 天 4 小时');
    expect(en).not.toContain('all');
    expect(summary.level).toBe('partly');
  });

  test('a label that claims what readings cover is complete, and still not called proven', () => {
    const { zh, summary } = said({
      ...proven,
      age: proven.age.map((span) => (span.state === 'gap' ? { ...span, state: 'proven' } : span)),
    });
    expect(zh).toContain('所称 3 年陈化全程有读数');
    expect(zh).not.toContain('证实');
    expect(summary.level).toBe('complete');
  });

  test('nothing recorded is said so', () => {
    const { zh, summary, seal } = said(bare);
    expect(zh).toContain('存放过程没有读数');
    expect(summary.level).toBe('partly');
    expect(seal).toBe('批次在册');
  });

  test('a product code alone shows the registration and no more', () => {
    const product: Verdict = {
      ...bare,
      subject: { ...bare.subject, lot: null },
      claims: bare.claims.filter((claim) => claim.kind === 'freshness'),
      age: [],
    };
    const { zh, summary, seal } = said(product);
    expect(zh).toContain('产品已在账本登记');
    expect(summary.level).toBe('partly');
    expect(seal).toBe('未证');
  });
});

describe('never more than the claims', () => {
  test('a contradicted gateway counts for nothing', () => {
    const spoiled = withClaim(
      withClaim(proven, 'spot-check', (claim) => ({ ...claim, grade: 'unknown', contradicted: 2 })),
      'ageing',
      (claim) => ({ ...claim, grade: 'unknown' }),
    );
    const { zh, second, summary } = said(spoiled);
    expect(summary.level).toBe('partly');
    expect(summary.age.covered_ms).toBe(summary.age.proven_ms);
    expect(zh).toContain('未全证');
    expect(second).toContain('2 处');
    expect(second).toContain('一概不算');
  });

  test.each([
    ['one pack never came', { matched: 15, missing: 1 }],
    ['nothing could be picked', { picked: 0, matched: 0 }],
  ])('incomplete when %s', (_name, change) => {
    const verdict = withClaim(proven, 'spot-check', (claim) => ({ ...claim, ...change }));
    expect(summarise(verdict).level).toBe('partly');
  });

  test('incomplete without a spot check, an accountable origin or the label', () => {
    expect(summarise(withClaim(proven, 'spot-check', () => null)).level).toBe('partly');
    expect(summarise(withClaim(proven, 'label', () => null)).level).toBe('partly');
    const own = withClaim(proven, 'origin', (claim) => ({ ...claim, grade: 'self-declared' }));
    expect(summarise(own).level).toBe('partly');
    expect(said(own).zh).toContain('产地只是自称');
  });

  test('a fresh lot whose every pack was checked needs no spot check', () => {
    const fresh = withClaim(
      withClaim(proven, 'spot-check', () => null),
      'ageing',
      (claim) => ({ ...claim, grade: 'proven', claimed_months: null }),
    );
    const age: Verdict['age'] = [
      { from_ms: HEAD_MS - DAY_MS, to_ms: HEAD_MS - 2_000, state: 'proven' },
      { from_ms: HEAD_MS - 2_000, to_ms: HEAD_MS, state: 'gap' },
    ];
    const { zh, summary } = said({ ...fresh, age });
    expect(summary.level).toBe('complete');
    expect(zh).toContain('存放 1 天，读数只缺 2 秒');
  });

  test('several origins are as good as the worst', () => {
    const [origin] = proven.claims.filter((claim) => claim.kind === 'origin');
    if (origin === undefined) throw new Error('fixture without origin');
    const worse: Claim = { ...origin, grade: 'self-declared' };
    const verdict = { ...proven, claims: [worse, ...proven.claims] };
    expect(summarise(verdict).origin.grade).toBe('self-declared');
  });

  test('the seal speaks of years only when packs of whole years were checked here', () => {
    const age = (state: 'proven' | 'attested', years: number): Verdict => ({
      ...proven,
      age: [{ from_ms: HEAD_MS - years * YEAR_MS, to_ms: HEAD_MS, state }],
    });
    expect(said(age('attested', 3)).seal).toBe('此包在册');
    expect(said(age('proven', 3)).seal).toBe('三年可证');
    expect(summarise(age('proven', 0.999)).seal).toEqual({ kind: 'unit' });
  });

  test('ages are rounded down, and just short of the label is said to be short', () => {
    const age: Verdict['age'] = [
      { from_ms: HEAD_MS - 3 * YEAR_MS, to_ms: HEAD_MS - DAY_MS, state: 'attested' },
      { from_ms: HEAD_MS - DAY_MS, to_ms: HEAD_MS, state: 'gap' },
    ];
    const { zh, summary } = said({ ...proven, age });
    expect(summary.age.reach).toBe('nearly');
    expect(summary.level).toBe('partly');
    expect(zh).toContain('读数只缺 1 天');
  });
});

describe('warnings', () => {
  test('a recall comes before everything that speaks for the pack', () => {
    const { zh, en, seal, second, summary } = said(recalled);
    expect(zh).toContain('已被召回');
    expect(en).toContain('recalled');
    expect(seal).toBe('已召回');
    expect(summary.level).toBe('warned');
    expect(second).not.toContain('担保；');
    expect(summary.alerts).toMatchObject([{ kind: 'recalled', level: 2 }]);
  });

  test('recall evidence that is not shown is unknown, never none', () => {
    const hidden = withClaim(proven, 'recall', (claim) => ({ ...claim, grade: 'unknown' }));
    expect(said(hidden).summary).toMatchObject({
      level: 'warned',
      alerts: [{ kind: 'recall-unknown' }],
    });
    expect(said(withClaim(proven, 'recall', () => null)).summary.level).toBe('warned');
  });

  test('a dispute warns; once it is upheld it is the headline', () => {
    const open = said(disputed);
    expect(open.summary.alerts).toMatchObject([{ kind: 'disputed' }]);
    expect(open.zh).toContain('产地有争议');
    const upheld = said(withClaim(disputed, 'dispute', (c) => ({ ...c, status: 'upheld' })));
    expect(upheld.zh).toContain('产地已被查实不属实');
    expect(upheld.seal).toBe('未证');
  });

  test('a void label is no genuine pack, a spare one is a warning', () => {
    const voided = withClaim(proven, 'label', (claim) => ({
      ...claim,
      standing: 'void',
      voided: { at_ms: 1, reason: '破损', by: { id: 'p', name: { zh: '厂', en: 'P' }, roles: [] } },
    }));
    expect(said(voided)).toMatchObject({ seal: '未证', summary: { level: 'warned' } });
    expect(said(voided).zh).toContain('标签已作废');
    const spare = withClaim(proven, 'label', (claim) => ({ ...claim, standing: 'spare' }));
    expect(said(spare).summary.alerts).toEqual([{ kind: 'spare' }]);
  });

  test('a recall stands above a void label', () => {
    const both = withClaim(recalled, 'label', (claim) => ({ ...claim, standing: 'spare' }));
    expect(said(both).summary.alerts.map(({ kind }) => kind)).toEqual(['recalled', 'spare']);
  });

  test('proven excursions are said before what speaks for the pack', () => {
    const hot = withClaim(proven, 'limit', (claim) =>
      claim.quantity === null ? claim : { ...claim, excursions: 1 },
    );
    const alerts = said(hot).summary.alerts.filter(({ kind }) => kind === 'excursion');
    expect(alerts).toEqual([{ kind: 'excursion', times: 1 }]);
    expect(said(hot).summary.level).toBe('warned');
    expect(said(proven).summary.alerts).toEqual([]);
  });

  test('a step beyond its policy is found', () => {
    const beyond = withClaim(proven, 'policy', (claim) => ({
      ...claim,
      steps: claim.steps.map((step) => ({ ...step, within: 'no' as const })),
    }));
    expect(said(beyond).summary.alerts).toEqual([{ kind: 'beyond-policy' }]);
  });
});
