import { beforeAll, describe, expect, it } from 'vitest';
import { encodeCbor } from '../encoding/cbor.ts';
import type { CborValue } from '../encoding/types.ts';
import { codeOf } from '../testing/hostile.ts';
import { createTradeHouse, TRADE, type TradeHouse } from '../testing/trade-bundle.ts';
import { type Bundle, encodeBundle, type ScopeProof } from './bundle.ts';
import { limitClaims } from './climate-claims.ts';
import type { Claim, ClaimKind, Verdict } from './verdict.ts';
import type { Verified } from './verified.ts';
import { BundleError, verifyBundle } from './verify-bundle.ts';

function verify({ chain }: TradeHouse, bundle: Bundle): Verdict {
  return verifyBundle(encodeBundle(bundle), chain.chainId, chain.time_ms);
}

function claims<K extends ClaimKind>(verdict: Verdict, kind: K): Extract<Claim, { kind: K }>[] {
  return verdict.claims.filter((c): c is Extract<Claim, { kind: K }> => c.kind === kind);
}

function without(bundle: Bundle, prefix: string): Bundle {
  return { ...bundle, state: bundle.state.filter(({ key }) => !key.startsWith(prefix)) };
}

function stepOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (error instanceof BundleError) return `${error.step} ${error.code}`;
    throw error;
  }
  return 'verifies';
}

let plain: TradeHouse;
let recalled: TradeHouse;

beforeAll(() => {
  plain = createTradeHouse();
  recalled = createTradeHouse({ recalled: true, hot_h: 4 });
});

describe('a recall', () => {
  it('is proven absent, and unknown where nothing is shown', () => {
    const bundle = plain.bundle('u1');
    expect(claims(verify(plain, bundle), 'recall')).toMatchObject([
      { grade: 'proven', recalls: [] },
    ]);
    expect(claims(verify(plain, without(bundle, 'open-recalls')), 'recall')).toMatchObject([
      { grade: 'unknown', recalls: [] },
    ]);
  });

  it('covers the lot by its own proof, and another recall does not', () => {
    const [claim] = claims(verify(recalled, recalled.bundle('u0')), 'recall');
    expect(claim).toMatchObject({ grade: 'proven', recalls: [{ id: 'R-2', level: 2 }] });
    expect(claim?.recalls[0]?.opener.id).toBe('regulator');
    expect(recalled.bundle().scopes.map((s) => [s.recall, s.inScope])).toEqual([
      ['R-1', false],
      ['R-2', true],
    ]);
  });

  it('is not made to vanish by leaving its proof out', () => {
    const bundle = recalled.bundle();
    const part = { ...bundle, scopes: bundle.scopes.filter(({ inScope }) => !inScope) };
    expect(claims(verify(recalled, part), 'recall')).toMatchObject([
      { grade: 'unknown', recalls: [] },
    ]);
    expect(stepOf(() => verify(recalled, without(part, 'recalls/R-2')))).toBe('verifies');
  });

  it('is refused when its proof says something else, or is of no open recall', () => {
    const bundle = recalled.bundle();
    const [out, inside] = bundle.scopes as [ScopeProof, ScopeProof];
    const broken = (scopes: readonly ScopeProof[]) =>
      stepOf(() => verify(recalled, { ...bundle, scopes }));
    expect(broken([out, { ...inside, inScope: false }])).toBe('recalls state-proof/not-absent');
    expect(broken([{ ...out, inScope: true }, inside])).toBe('recalls state-proof/wrong-leaf');
    expect(broken([out, { ...inside, proof: out.proof }])).toMatch(/^recalls state-proof/);
    for (const scopes of [[inside, out], [out, out], [{ ...out, recall: 'R-9' }]])
      expect(broken(scopes)).toBe('recalls bundle/bad-scopes');
    const product = { ...bundle, link: { gtin: TRADE.peel } };
    expect(stepOf(() => verify(recalled, product))).toBe('recalls bundle/bad-scopes');
    const hidden = without(bundle, 'recalls/R-2');
    expect(stepOf(() => verify(recalled, hidden))).toBe('recalls bundle/bad-scopes');
  });
});

describe('stays', () => {
  it('go from the room to the truck, and end with arrival at the shop', () => {
    const verdict = verify(plain, plain.bundle('u1'));
    const stays = claims(verdict, 'ageing');
    expect(stays.map(({ place }) => place.kind)).toEqual(['warehouse', 'vehicle']);
    expect(stays.map(({ grade }) => grade)).toEqual(['proven', 'proven']);
    const moves = verdict.timeline.filter(({ kind }) => kind === 'move');
    expect(moves.map((s) => [s.process, s.place?.gln, s.signer.id])).toEqual([
      ['carry', TRADE.truck, 'coop'],
      ['receive', TRADE.shop, 'seller'],
    ]);
    expect(stays[1]?.to_ms).toBe(moves[1]?.time_ms);
  });

  it('of the bulk stay in the room', () => {
    const stays = claims(verify(plain, plain.bundle()), 'ageing');
    expect(stays.map(({ place }) => place.gln)).toEqual([TRADE.store]);
    expect(stays[0]?.to_ms).toBe(plain.chain.time_ms);
  });
});

describe('origin', () => {
  it('is attested by the steward whose mark the plot had', () => {
    const verdict = verify(plain, plain.bundle());
    expect(claims(verdict, 'origin')).toMatchObject([
      { grade: 'attested', basis: 'membership', by: { id: 'association' } },
    ]);
    expect(verdict.product.mark).toEqual({ zh: '新会陈皮', en: 'Xinhui chenpi' });
    expect(claims(verdict, 'quota')).toMatchObject([
      { grade: 'proven', plots: 1, granted: 2_100_000, drawn: 1_000_000, here: 1_000_000 },
    ]);
    const hidden = verify(plain, without(plain.bundle(), 'quotas/'));
    expect(claims(hidden, 'quota')).toMatchObject([{ grade: 'unknown', granted: 0 }]);
  });

  it.each(['open', 'upheld'] as const)('counts for nothing under a dispute, %s', (disputed) => {
    const house = createTradeHouse({ disputed });
    const verdict = verify(house, house.bundle());
    expect(claims(verdict, 'dispute')).toMatchObject([
      { grade: 'proven', status: disputed, lot: TRADE.fresh, opener: { id: 'neighbour' } },
    ]);
    expect(claims(verdict, 'origin')).toMatchObject([{ grade: 'unknown', basis: 'no-consent' }]);
    // The lot's own record names the case: it cannot be left out, only made nameless.
    const hidden = verify(house, without(house.bundle(), 'cases/'));
    expect(claims(hidden, 'dispute')).toMatchObject([{ grade: 'unknown', status: 'unknown' }]);
    expect(claims(hidden, 'origin')).toMatchObject([{ grade: 'unknown' }]);
  });
});

describe('the label', () => {
  const labelOf = (house: TradeHouse, serial: string) =>
    claims(verify(house, house.bundle(serial)), 'label')[0];

  it('says whether it is on a pack, void, and its code shown', () => {
    expect(labelOf(plain, 'u0')).toMatchObject({ standing: 'active', hidden: 'revealed' });
    expect(labelOf(plain, 'u1')).toMatchObject({ standing: 'active', hidden: 'sealed' });
    expect(labelOf(plain, 'u2')).toMatchObject({ standing: 'spare', grade: 'proven' });
    expect(labelOf(createTradeHouse({ voided: true }), 'u1')).toMatchObject({
      standing: 'void',
      voided: { reason: '破损', by: { id: 'coop' } },
    });
    const hidden = verify(plain, without(plain.bundle('u1'), 'voids/'));
    expect(claims(hidden, 'label')).toMatchObject([{ standing: 'unknown', grade: 'unknown' }]);
  });

  it('of a batch with hidden codes is proven with its commitment only', () => {
    const bundle = plain.bundle('u1');
    const { hidden: _, ...unit } = bundle.unit ?? { batch: '', index: 0, proof: [] };
    expect(stepOf(() => verify(plain, { ...bundle, unit }))).toBe('unit bundle/bad-hidden');
    const other = { ...unit, hidden: new Uint8Array(32) };
    expect(stepOf(() => verify(plain, { ...bundle, unit: other }))).toBe(
      'unit merkle/root-mismatch',
    );
  });
});

describe('policies', () => {
  it('are applied anew to each step', () => {
    const [claim] = claims(verify(plain, plain.bundle()), 'policy');
    expect(claim).toMatchObject({
      grade: 'proven',
      steps: [
        { process: 'peel', max: 50_000, within: 'yes', policy: { id: 'chenpi', version: 1 } },
      ],
    });
    const hidden = verify(plain, without(plain.bundle(), 'policies/chenpi/1'));
    expect(claims(hidden, 'policy')).toMatchObject([
      { grade: 'unknown', steps: [{ within: 'unknown', max: null }] },
    ]);
  });

  it('show an excursion that readings prove, and never call a silence in range', () => {
    const [quiet] = claims(verify(plain, plain.bundle('u1')), 'limit');
    expect(quiet).toMatchObject({ grade: 'unknown', excursions: 0, unknown_ms: 2 });
    const [hot] = claims(verify(recalled, recalled.bundle('u0')), 'limit');
    expect(hot).toMatchObject({ grade: 'proven', excursions: 1, longest_ms: 3 * 3_600_000 });
    const short = createTradeHouse({ hot_h: 2 });
    // Two readings an hour apart show one hour, not the two that the policy asks for.
    expect(claims(verify(short, short.bundle('u1')), 'limit')).toMatchObject([
      { grade: 'unknown', excursions: 0, beyond_ms: 3_600_000 },
    ]);
  });

  it.each([
    ['the version', 'policies/chenpi/1', { id: 'chenpi', version: 1, title: null }],
    ['all of the policy', 'policies/', { id: 'chenpi', version: 1, title: null }],
  ])('are unknown, not absent, where a bundle leaves out %s', (_, prefix, policy) => {
    const verdict = verify(recalled, without(recalled.bundle('u0'), prefix));
    const names = verdict.claims.flatMap((c) => (c.kind === 'limit' ? [c.product.en] : []));
    expect(names.sort()).toEqual(['Chachi mandarin', 'Xinhui chenpi']);
    for (const claim of claims(verdict, 'limit'))
      expect(claim).toMatchObject({ grade: 'unknown', policy, quantity: null });
  });

  it('of a lot without a policy are those of its product, unknown where its head or its entry is left out', () => {
    const hiddenIn = (values: Record<string, CborValue>) => {
      const state = { get: (key: string) => values[key], shows: (key: string) => key in values };
      const lineage = { lots: [{ gtin: TRADE.peel }], stays: [], truncated: false };
      const shown = { state, lineage, head: { height: 9 } } as unknown as Verified;
      return limitClaims(shown, []).map(({ grade, evidence }) => [grade, evidence[0]?.ref]);
    };
    const product = `products/${TRADE.peel}`;
    expect(hiddenIn({})).toEqual([['unknown', product]]);
    expect(hiddenIn({ [product]: {} })).toEqual([]);
    const named = { [product]: { policy: 'chenpi' } };
    expect(hiddenIn(named)).toEqual([['unknown', 'policies/chenpi']]);
    const head = (from: number) => ({ 'policies/chenpi': { versions: [{ version: 3, from }] } });
    expect(hiddenIn({ ...named, ...head(9) })).toEqual([['unknown', 'policies/chenpi/3']]);
    expect(hiddenIn({ ...named, ...head(10) })).toEqual([]);
  });
});

describe('documents', () => {
  it('count while they hold', () => {
    const verdict = verify(plain, plain.bundle());
    expect(
      claims(verdict, 'document').map((c) => [c.document?.type, c.document?.standing, c.grade]),
    ).toEqual([
      ['laboratory-report', 'valid', 'attested'],
      ['photo', 'expired', 'unknown'],
    ]);
    const hidden = verify(plain, without(plain.bundle(), 'document'));
    expect(claims(hidden, 'document')).toMatchObject([{ grade: 'unknown', document: null }]);
  });
});

it('a file of another kind is told so', () => {
  for (const bytes of [new Uint8Array(), new TextEncoder().encode('%PDF-1.7'), encodeCbor([1])])
    expect(codeOf(() => verifyBundle(bytes, plain.chain.chainId, 0))).toBe('bundle/not-a-bundle');
  expect(codeOf(() => verifyBundle(encodeCbor({ v: 1 }), plain.chain.chainId, 0))).toBe(
    'bundle/version',
  );
});
