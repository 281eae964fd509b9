// The registers that trade is judged by: marks, memberships, policies, calendars, quotas, documents.
import { describe, expect, it } from 'vitest';
import type { CborObject } from '../encoding/types.ts';
import { createTestChain } from '../testing/test-chain.ts';
import { getDocumentList, requireDocument } from './documents/document.ts';
import { getPlace } from './places/place.ts';
import { positionCommitment, verifyPosition } from './places/position.ts';
import { policyAt } from './policies/policy.ts';
import { drawQuota, getQuota, getQuotaSeasons } from './quotas/quota.ts';

const GTIN = '06901234500004';
const PLOT = '6901234500103';
const STORE = '6901234500202';
const YEAR_MS = 366 * 86_400_000;
const names = (en: string) => ({ zh: en, en });

/** A mark whose steward is the association, a product under it, a plot of 10 mu. */
function world() {
  const chain = createTestChain();
  chain.addAccount('grower', ['grower']);
  chain.addAccount('lab', ['laboratory']);
  chain.addAccount('auditor', ['auditor']);
  chain.addAccount('other', ['association']);
  const mark = { mark: 'xinhui', name: names('Xinhui'), steward: 'association' };
  chain.must('regulator', 'products', 'register-mark', mark);
  const policy = adoption(chain.height + 2);
  chain.must('association', 'policies', 'adopt', policy);
  chain.must('association', 'products', 'register', product({ mark: 'xinhui', regime: 'gi' }));
  for (const [gln, kind] of [
    [PLOT, 'plot'],
    [STORE, 'warehouse'],
  ] as const) {
    const area = kind === 'plot' ? { area_mmu: 10_000 } : {};
    chain.must('grower', 'places', 'register', {
      gln,
      kind,
      name: names('p'),
      township: names('t'),
      holder: 'grower',
      ...area,
    });
  }
  return chain;
}

function product(change: CborObject): CborObject {
  return {
    gtin: GTIN,
    name: names('fruit'),
    category: 'farm-product',
    unit: 'g',
    policy: 'chenpi',
    ...change,
  };
}

function adoption(from: number, change: CborObject = {}): CborObject {
  return {
    policy: 'chenpi',
    version: 1,
    title: names('Chenpi'),
    from,
    quota_g_per_mu: 1_050_000,
    sources: [{ topic: 'quota', source: 'a statute' }],
    ...change,
  };
}

describe('marks', () => {
  it('are registered by a regulator and let products in through their steward alone', () => {
    const chain = world();
    const mark = { mark: 'x2', name: names('x'), steward: 'other' };
    expect(chain.run('association', 'products', 'register-mark', mark).code).toBe(
      'rules/role-needed',
    );
    expect(
      chain.run('regulator', 'products', 'register-mark', { ...mark, mark: 'xinhui' }).code,
    ).toBe('products/mark-exists');
    const second = { gtin: '06901234500011', regime: 'gi' };
    const register = (by: string, change: CborObject) =>
      chain.run(by, 'products', 'register', product({ ...second, ...change })).code;
    expect(register('association', {})).toBe('products/mark-needed');
    expect(register('association', { mark: 'xinhui', regime: 'none' })).toBe(
      'products/mark-needed',
    );
    expect(register('association', { mark: 'nowhere' })).toBe('products/unknown-mark');
    expect(register('other', { mark: 'xinhui' })).toBe('products/not-steward');
    expect(register('association', { mark: 'xinhui', policy: 'none' })).toBe('policies/unknown');
    expect(register('association', { mark: 'xinhui' })).toBe('');
    const set = { gtin: GTIN, policy: 'chenpi' };
    expect(chain.run('other', 'products', 'set-policy', set).code).toBe('products/not-in-charge');
    expect(chain.run('association', 'products', 'set-policy', set).code).toBe('');
  });

  it('are granted to plots by the steward, anew or for a time', () => {
    const chain = world();
    const grant = { gln: PLOT, mark: 'xinhui', from: 5 };
    const run = (by: string, change: CborObject) =>
      chain.run(by, 'places', 'set-membership', { ...grant, ...change }).code;
    expect(run('grower', {})).toBe('places/not-steward');
    expect(run('association', { gln: STORE })).toBe('places/not-a-plot');
    expect(run('association', { to: 5 })).toBe('places/bad-period');
    expect(run('association', {})).toBe('');
    expect(run('regulator', { to: 9 })).toBe('');
    expect(getPlace(chain.state, PLOT)?.memberships).toEqual([
      { mark: 'xinhui', by: 'regulator', from: 5, to: 9 },
    ]);
  });

  it('keep their earlier periods when they are granted again', () => {
    const chain = world();
    const run = (by: string, from: number, to?: number) => {
      const period = { from, ...(to === undefined ? {} : { to }) };
      const grant = { gln: PLOT, mark: 'xinhui', ...period };
      expect(chain.run(by, 'places', 'set-membership', grant).code).toBe('');
      const memberships = getPlace(chain.state, PLOT)?.memberships ?? [];
      return memberships.map((m) => [m.by, m.from, m.to ?? null]);
    };
    const first = ['association', 5, 9];
    expect(run('association', 5, 9)).toEqual([first]);
    expect(run('association', 20)).toEqual([first, ['association', 20, null]]);
    expect(run('association', 20, 30)).toEqual([first, ['association', 20, 30]]);
    expect(run('association', 25, 40)).toEqual([first, ['association', 20, 40]]);
    expect(run('association', 22, 23)).toEqual([first, ['association', 20, 40]]);
    const regulators = ['regulator', 6, null];
    expect(run('regulator', 6)).toEqual([first, ['association', 20, 40], regulators]);
    expect(run('association', 9, 20)).toEqual([regulators, ['association', 5, 40]]);
    for (let n = 1; n <= 30; n += 1) run('association', n * 100, n * 100 + 1);
    const more = { gln: PLOT, mark: 'xinhui', from: 9000, to: 9001 };
    expect(chain.run('association', 'places', 'set-membership', more).code).toBe(
      'places/too-many-marks',
    );
  });
});

it('a position is shown to one reader, who checks it against the ledger', () => {
  const { hash } = createTestChain();
  const position = {
    gln: PLOT,
    lat_e7: 224_500_000,
    lon_e7: 1_130_300_000,
    salt: new Uint8Array(16),
  };
  const place = { gln: PLOT, exact: positionCommitment(hash, position) };
  expect(() => verifyPosition(hash, place, position)).not.toThrow();
  const code = (c: string) => expect.objectContaining({ code: c });
  for (const change of [{ lat_e7: 1 }, { gln: STORE }, { salt: new Uint8Array(16).fill(1) }]) {
    expect(() => verifyPosition(hash, place, { ...position, ...change })).toThrow(
      code('places/other-position'),
    );
  }
  expect(() => verifyPosition(hash, { gln: PLOT }, position)).toThrow(code('places/no-position'));
  expect(() => positionCommitment(hash, { ...position, lat_e7: 900_000_001 })).toThrow(RangeError);
});

describe('policies', () => {
  it('apply from their height on, version by version', () => {
    const chain = world();
    const from = policyAt(chain.state, 'chenpi', 1_000_000)?.from ?? 0;
    expect(policyAt(chain.state, 'chenpi', from - 1)).toBeUndefined();
    const later = { version: 2, quota_g_per_mu: 900_000 };
    const run = (by: string, height: number, change: CborObject = {}) =>
      chain.run(by, 'policies', 'adopt', adoption(height, { ...later, ...change })).code;
    expect(run('other', chain.height + 9)).toBe('policies/not-steward');
    expect(run('grower', chain.height + 9)).toBe('rules/role-needed');
    expect(run('association', chain.height + 1)).toBe('policies/too-early');
    expect(run('association', chain.height + 9, { version: 3 })).toBe('policies/wrong-version');
    const step = { process: 'dry', from: GTIN, to: GTIN, min_ppm: 2, max_ppm: 1 };
    expect(run('association', chain.height + 9, { yields: [step] })).toBe('policies/bad-yield');
    const fine = { ...step, max_ppm: 3 };
    expect(run('association', chain.height + 9, { yields: [fine, fine] })).toBe('policies/twice');
    const second = chain.height + 9;
    expect(run('association', second, { yields: [fine, { ...fine, season: '2025' }] })).toBe('');
    expect(policyAt(chain.state, 'chenpi', second - 1)?.version).toBe(1);
    expect(policyAt(chain.state, 'chenpi', second)).toMatchObject({
      version: 2,
      quota_g_per_mu: 900_000,
    });
    expect(() => policyAt(chain.state, 'none', 1)).toThrow(
      expect.objectContaining({ code: 'policies/unknown' }),
    );
  });
});

describe('quotas', () => {
  /** 2025-01-01 00:00 in China. */
  const BEGIN_MS = Date.UTC(2024, 11, 31, 16);
  const season = { gln: PLOT, gtin: GTIN, season: '2025', from: BEGIN_MS, to: BEGIN_MS + YEAR_MS };

  it('stay within the area, are granted by the steward and never fall below what was drawn', () => {
    const chain = world();
    const run = (by: string, amount: number, change: CborObject = {}) =>
      chain.run(by, 'quotas', 'grant', { ...season, amount, ...change }).code;
    expect(run('grower', 1)).toBe('rules/role-needed');
    expect(run('other', 1)).toBe('quotas/not-steward');
    expect(run('association', 10_500_001)).toBe('quotas/beyond-area');
    expect(run('association', 1, { gln: STORE })).toBe('quotas/not-a-plot');
    expect(run('association', 1, { to: BEGIN_MS })).toBe('quotas/bad-period');
    expect(run('association', 1, { season: '25' })).toBe('rules/bad-payload');
    expect(run('association', 10_500_000)).toBe('');
    expect(getQuota(chain.state, PLOT, GTIN, '2025')).toMatchObject({
      granted: 10_500_000,
      drawn: 0,
      policy: { id: 'chenpi', version: 1 },
    });
  });

  it('are drawn on within their season and amount only', () => {
    const chain = world();
    chain.must('association', 'quotas', 'grant', { ...season, amount: 100 });
    const draw =
      (amount: number, time_ms: number, year = '2025') =>
      () =>
        drawQuota(chain.state, { gln: PLOT, gtin: GTIN, season: year }, amount, time_ms);
    const code = (c: string) => expect.objectContaining({ code: c });
    expect(draw(100, BEGIN_MS)()).toMatchObject({ value: { drawn: 100 } });
    expect(draw(101, BEGIN_MS)).toThrow(code('quotas/exceeded'));
    expect(draw(1, BEGIN_MS - 1)).toThrow(code('quotas/out-of-season'));
    expect(draw(1, BEGIN_MS + YEAR_MS)).toThrow(code('quotas/out-of-season'));
    expect(draw(1, BEGIN_MS, '2026')).toThrow(code('quotas/none'));
  });

  it('share the area with every quota of the same time, under the name of their own year', () => {
    const chain = world();
    const grant = (year: string, from: number, to: number, amount: number) =>
      chain.run('association', 'quotas', 'grant', { ...season, season: year, from, to, amount })
        .code;
    const half = BEGIN_MS + YEAR_MS / 2;
    const end = BEGIN_MS + YEAR_MS - 86_400_000;
    expect(grant('2025', BEGIN_MS - 1, half, 1)).toBe('quotas/other-year');
    expect(grant('2024', BEGIN_MS, half, 1)).toBe('quotas/other-year');
    expect(grant('2025-1', BEGIN_MS, half + 1, 10_000_000)).toBe('');
    expect(grant('2025-2', half, end, 500_001)).toBe('quotas/beyond-area');
    expect(grant('2025-2', half, end, 500_000)).toBe('');
    expect(grant('2025-3', half, end, 1)).toBe('quotas/beyond-area');
    // Set anew it does not count itself, and seasons that only touch share nothing.
    expect(grant('2025-1', BEGIN_MS, half, 10_500_000)).toBe('');
    expect(grant('2025-2', half, end, 10_500_000)).toBe('');
    expect(getQuotaSeasons(chain.state, PLOT, GTIN)).toEqual(['2025-1', '2025-2']);
    for (let year = 1980; year < 2010; year += 1) {
      const from = Date.UTC(year - 1, 11, 31, 16);
      expect(grant(`${year}`, from, from + 1, 1)).toBe('');
    }
    expect(grant('2025', BEGIN_MS, half, 1)).toBe('quotas/too-many-seasons');
  });

  it('need the area of the plot', () => {
    const chain = world();
    const bare = { kind: 'plot', name: names('p'), township: names('t'), holder: 'grower' };
    chain.must('grower', 'places', 'register', { gln: '6901234500301', ...bare });
    const grant = { ...season, gln: '6901234500301', amount: 1 };
    expect(chain.run('association', 'quotas', 'grant', grant).code).toBe('quotas/no-area');
  });
});

describe('documents', () => {
  const subject = `places/${PLOT}`;
  const paper = {
    hash: new Uint8Array(32).fill(1),
    kind: 'licence',
    mime: 'application/pdf',
    size_bytes: 9,
    title: 'Licence',
    issuedAt: 5,
    validFrom: 10,
    validUntil: 20,
    subjects: [subject],
  };

  it('are issued by whoever may, with the fields of their kind', () => {
    const chain = world();
    const run = (by: string, change: CborObject) =>
      chain.run(by, 'documents', 'register', { ...paper, ...change }).code;
    const results = [{ name: 'aflatoxin B1', value: 12, decimals: 1, uom: 'ug/kg' }];
    expect(run('grower', {})).toBe('rules/role-needed');
    expect(run('grower', { kind: 'laboratory-report', results })).toBe('rules/role-needed');
    expect(run('lab', { kind: 'laboratory-report' })).toBe('documents/wrong-fields');
    expect(run('regulator', { results })).toBe('documents/wrong-fields');
    expect(run('regulator', { validUntil: 10 })).toBe('documents/bad-period');
    expect(run('regulator', { issuedAt: chain.time_ms + 100_000 })).toBe('documents/bad-period');
    expect(run('regulator', { subjects: ['anything'] })).toBe('rules/bad-payload');
    expect(run('regulator', { mime: 'text/html' })).toBe('rules/bad-payload');
    const conformity = { amount: 5, origin: 'Xinhui', basis: ['self-test'] };
    expect(run('grower', { kind: 'conformity', conformity })).toBe('documents/not-the-maker');
    expect(run('lab', { kind: 'laboratory-report', results })).toBe('');
    expect(run('lab', { kind: 'laboratory-report', results })).toBe('documents/exists');
    expect(getDocumentList(chain.state, subject)).toEqual([paper.hash]);
  });

  it('hold for their kind, subject and time until they are revoked; shielding keeps the hash', () => {
    const chain = world();
    chain.must('regulator', 'documents', 'register', paper);
    const wanted = { kind: 'licence' as const, subject, time_ms: 10 };
    const ask = (change: object) => () =>
      requireDocument(chain.state, paper.hash, { ...wanted, ...change });
    const code = (c: string) => expect.objectContaining({ code: c });
    expect(ask({})().title).toBe('Licence');
    expect(ask({ time_ms: 9 })).toThrow(code('documents/expired'));
    expect(ask({ time_ms: 20 })).toThrow(code('documents/expired'));
    expect(ask({ kind: 'audit' })).toThrow(code('documents/wrong-kind'));
    expect(ask({ subject: 'places/x' })).toThrow(code('documents/other-subject'));
    expect(() => requireDocument(chain.state, new Uint8Array(32), wanted)).toThrow(
      code('documents/unknown'),
    );
    const { hash } = paper;
    const shield = (by: string, shielded: boolean) =>
      chain.run(by, 'documents', 'shield', { hash, shielded }).code;
    expect(shield('association', true)).toBe('rules/role-needed');
    expect(shield('regulator', true)).toBe('');
    expect(ask({})().shielded).toBe(true);
    expect(shield('regulator', false)).toBe('');
    expect(ask({})()).not.toHaveProperty('shielded');
    const revoke = (by: string) => chain.run(by, 'documents', 'revoke', { hash, reason: 'r' }).code;
    expect(revoke('association')).toBe('documents/not-the-issuer');
    expect(revoke('regulator')).toBe('');
    expect(revoke('regulator')).toBe('documents/revoked');
    expect(ask({})).toThrow(code('documents/revoked'));
  });
});
