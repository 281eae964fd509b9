import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { createSampleHouse, SAMPLE } from '../testing/sample-bundle.ts';
import { testSecret } from '../testing/test-chain.ts';
import { type Bundle, decodeBundle, encodeBundle, type PackedBatch } from './bundle.ts';
import type { SamplePick } from './samples.ts';
import type { Claim, ClaimKind, Verdict } from './verdict.ts';
import {
  BundleError,
  checkBundle,
  concludeBundle,
  picksOf,
  verifyBundle,
} from './verify-bundle.ts';

const house = createSampleHouse({ days: 5, silentHours: [30, 31, 32], claimedAge_months: 60 });
const { chain } = house;
const now_ms = chain.time_ms + 60_000;
const bundle = house.bundle(SAMPLE.serial);
const bytes = encodeBundle(bundle);

function verdictOf(b: Bundle): Verdict {
  return verifyBundle(encodeBundle(b), chain.chainId, now_ms);
}

function claim<K extends ClaimKind>(verdict: Verdict, kind: K): Extract<Claim, { kind: K }> {
  const found = verdict.claims.find((c) => c.kind === kind);
  if (found === undefined) throw new Error(`no claim ${kind}`);
  return found as Extract<Claim, { kind: K }>;
}

function errorOf(body: () => unknown): BundleError {
  try {
    body();
  } catch (error) {
    if (error instanceof BundleError) return error;
    throw error;
  }
  throw new Error('the bundle was accepted');
}

describe('a good bundle', () => {
  const steps: string[] = [];
  const verdict = verifyBundle(bytes, chain.chainId, now_ms, {
    onStep: (step) => steps.push(step),
  });

  it('decodes to what was encoded', () => {
    expect(encodeBundle(decodeBundle(bytes))).toEqual(bytes);
  });

  it('closes every step and counts what it computed', () => {
    expect(steps.at(0)).toBe('bundle');
    expect(steps.at(-1)).toBe('claims');
    expect(verdict.counts.packs).toBe(bundle.batches.flatMap((b) => b.packs).length);
    // The certificate's three, one a pack, one a statement.
    expect(verdict.counts.signatures).toBe(3 + verdict.counts.packs + bundle.statements.length);
    expect(verdict.counts.hashes).toBeGreaterThan(100);
  });

  it('proves the unit, its number and the mass behind it', () => {
    expect(claim(verdict, 'label')).toMatchObject({
      grade: 'proven',
      number: 2,
      count: 3,
      net: 250,
    });
    expect(claim(verdict, 'mass')).toMatchObject({
      grade: 'proven',
      made: 1000,
      labelled: 750,
      inputs: [{ unit: 'g', amount: 20_000 }],
    });
  });

  it('says who answers for the origin and what is only said', () => {
    expect(claim(verdict, 'origin')).toMatchObject({
      grade: 'attested',
      basis: 'audit',
      by: { id: 'auditor' },
    });
    expect(claim(verdict, 'age')).toMatchObject({ grade: 'attested', claimed_months: 60 });
    expect(claim(verdict, 'process-note')).toMatchObject({
      grade: 'self-declared',
      note: '三蒸三晒',
    });
  });

  it('tells proven, attested and missing time apart', () => {
    const ageing = claim(verdict, 'ageing');
    expect(ageing).toMatchObject({
      grade: 'attested',
      by: { id: 'gw' },
      gaps: 1,
      claimed_months: 60,
      late: 0,
    });
    // The slots are stated by the hour, so the three silent hours are missing exactly.
    expect(ageing.gap_ms).toBe(3 * 3_600_000);
    expect(ageing.proven_ms).toBeGreaterThan(46 * 3_600_000);
    expect(ageing.covered_ms).toBeGreaterThan(ageing.proven_ms);
    expect(new Set(verdict.age.map((s) => s.state))).toEqual(
      new Set(['proven', 'attested', 'gap', 'unrecorded']),
    );
    for (let i = 1; i < verdict.age.length; i += 1) {
      expect(verdict.age[i]?.from_ms).toBe(verdict.age[i - 1]?.to_ms);
    }
  });

  it('leaves a hole in the plot where nothing is known', () => {
    const humidity = verdict.series.find((s) => s.quantity === 'humidity');
    const holes = (humidity?.points ?? []).filter(
      (p, i, all) => i > 0 && p.from_ms > (all[i - 1]?.to_ms ?? 0),
    );
    expect(holes).toHaveLength(1);
    expect(humidity?.points.some((p) => p.grade === 'attested')).toBe(true);
    expect(humidity?.points.some((p) => p.grade === 'proven')).toBe(true);
  });

  it('goes from harvest to label on the timeline', () => {
    expect(verdict.timeline.map((s) => s.kind)).toEqual(['opening', 'transform', 'label']);
  });

  it('proves all of it when the packs of the whole stay are shown', () => {
    const short = createSampleHouse({ days: 1 });
    const v = verifyBundle(
      encodeBundle({ ...short.bundle(), statements: [] }),
      short.chain.chainId,
      short.chain.time_ms,
    );
    expect(claim(v, 'ageing')).toMatchObject({ grade: 'proven', gaps: 0, claimed_months: null });
  });

  it('says unknown where nothing was recorded', () => {
    const v = verdictOf({ ...bundle, batches: [], statements: [] });
    expect(claim(v, 'ageing')).toMatchObject({ grade: 'unknown', covered_ms: 0, gaps: 0 });
    expect(v.age).toMatchObject([{ state: 'unrecorded' }]);
    expect(v.series).toEqual([]);
  });

  it('calls a head of last week stale', () => {
    const v = verifyBundle(bytes, chain.chainId, now_ms + 7 * 86_400_000);
    expect(claim(v, 'freshness').stale).toBe(true);
    expect(claim(verdict, 'freshness').stale).toBe(false);
  });
});

describe('spot checks', () => {
  const checked = checkBundle(bytes, chain.chainId, now_ms);
  let state = 1;
  // A small generator with a fixed seed: the test needs the same picks each time.
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  const picks = picksOf(checked, random);
  const sampleOf = (pick: SamplePick): PackedBatch => {
    const pack = house.packs.find((p) =>
      p.readings.some((r) => r.time_ms >= pick.from_ms && r.time_ms < pick.to_ms),
    );
    if (pack === undefined) throw new Error('no such pack');
    return chain.packedBatch('gw', pack.batch, [pack.index]);
  };

  it('pick sixteen stated slots whose packs the bundle does not carry', () => {
    const carried = checked.packs.flatMap((p) => p.readings.map((r) => r.time_ms));
    expect(picks).toHaveLength(16);
    expect(new Set(picks.map((p) => `${p.quantity}/${p.from_ms}`)).size).toBe(16);
    expect(picks.filter((p) => carried.some((t) => t >= p.from_ms && t < p.to_ms))).toEqual([]);
  });

  it('prove what was picked, though one pack answers two of them', () => {
    const v = concludeBundle(checkBundle(bytes, chain.chainId, now_ms), picks.map(sampleOf), picks);
    expect(claim(v, 'spot-check')).toMatchObject({
      grade: 'proven',
      picked: 16,
      matched: 16,
      missing: 0,
      contradicted: 0,
    });
  });

  it('prove nothing when one of them does not come', () => {
    const missed = picks[0];
    const samples = picks
      .filter((p) => missed !== undefined && p.from_ms !== missed.from_ms)
      .map(sampleOf);
    const v = concludeBundle(checkBundle(bytes, chain.chainId, now_ms), samples, picks);
    const spotCheck = claim(v, 'spot-check');
    expect(spotCheck).toMatchObject({ grade: 'unknown', picked: 16, contradicted: 0 });
    expect(spotCheck.missing).toBeGreaterThan(0);
    expect(spotCheck.matched + spotCheck.missing).toBe(16);
  });

  it('refuse a sample that the bundle carries already', () => {
    const repeated = bundle.batches[0] as PackedBatch;
    expect(errorOf(() => verdictOf({ ...bundle, samples: [repeated] }))).toMatchObject({
      step: 'samples',
      code: 'packs/duplicate',
    });
  });

  it('take the gateway’s word away when a proven reading contradicts it', () => {
    const lying = createSampleHouse({ days: 5 });
    const honest = lying.bundle();
    const other = createSampleHouse({ days: 5, silentHours: [3] }).bundle();
    // The statements of a house that was silent at hour 3, beside a proven pack of that hour.
    const first = lying.packs[3];
    if (first === undefined) throw new Error('no pack');
    const samples = [lying.chain.packedBatch('gw', first.batch, [first.index])];
    expect(equalBytes(lying.chain.chainId, chain.chainId)).toBe(true);
    const v = verifyBundle(
      encodeBundle({ ...honest, statements: other.statements, samples }),
      lying.chain.chainId,
      lying.chain.time_ms,
    );
    expect(claim(v, 'spot-check')).toMatchObject({ grade: 'unknown', contradicted: 1 });
    expect(claim(v, 'ageing').grade).toBe('unknown');
  });
});

describe('a bundle of a chain whose validators changed', () => {
  const moved = createSampleHouse({ days: 1, profile: 'guomi', deviceSuite: 'sm2' });
  moved.chain.addAccount('newcomer', ['bureau']);
  const before = moved.chain.head;
  moved.chain.join('newcomer');
  const joinedAt = moved.bundle(SAMPLE.serial);
  moved.chain.rotateKey('regulator', 'regulator 2');
  moved.chain.empty();
  const good = moved.bundle(SAMPLE.serial);
  const at_ms = moved.chain.time_ms;
  const verify = (b: Bundle) => verifyBundle(encodeBundle(b), moved.chain.chainId, at_ms);

  it('is followed from epoch to epoch', () => {
    expect(good.epochs).toHaveLength(2);
    expect(verify(good).chain).toMatchObject({ profile: 'guomi', validators: 5 });
  });

  it('may have the block that ends an epoch as its head', () => {
    expect(joinedAt.epochs).toHaveLength(0);
    expect(verify(joinedAt).chain).toMatchObject({ validators: 4 });
  });

  it('is refused when an epoch is left out, repeated or out of order, or the next set is another', () => {
    const [first, second] = good.epochs;
    if (first === undefined || second === undefined) throw new Error('two epochs are needed');
    const broken = (epochs: Bundle['epochs']) => {
      const { step, code } = errorOf(() => verify({ ...good, epochs }));
      return `${step}: ${code}`;
    };
    expect(broken([])).toBe('certificate: ledger/other-validators');
    expect(broken([first])).toBe('certificate: ledger/other-validators');
    expect(broken([second])).toBe('epochs: ledger/other-validators');
    expect(broken([second, first])).toBe('epochs: ledger/other-validators');
    expect(broken([first, first, second])).toBe('epochs: ledger/out-of-order');
    expect(broken([{ ...before, next: second.next }, second])).toBe('epochs: ledger/no-epoch-end');
    const swapped = { ...first, next: [...first.next].reverse() };
    expect(broken([swapped, second])).toBe('epochs: ledger/other-validators');
    const early = { ...first, next: second.next };
    expect(broken([early, second])).toBe('epochs: ledger/other-validators');
    const uncertified = { ...first, certificate: before.certificate };
    expect(broken([uncertified, second])).toBe('epochs: certificate/other-block');
  });
});

describe('a broken bundle names the link', () => {
  const cases: [string, () => Bundle | Uint8Array, string][] = [
    ['empty bytes', () => new Uint8Array(0), 'bundle'],
    [
      'an unknown field',
      () => encodeCbor({ ...(decodeCbor(bytes) as object), extra: 1 }),
      'bundle',
    ],
    [
      'a foreign genesis',
      () => ({
        ...bundle,
        genesis: createSampleHouse({ profile: 'guomi', days: 1 }).chain.genesis,
      }),
      'genesis',
    ],
    [
      'two signatures of four',
      () => ({
        ...bundle,
        head: { ...bundle.head, certificate: chain.certify(bundle.head.header, 2) },
      }),
      'certificate',
    ],
    [
      'another header',
      () => ({
        ...bundle,
        head: { ...bundle.head, header: createSampleHouse({ days: 1 }).chain.head.header },
      }),
      'certificate',
    ],
    [
      'a state value changed',
      () => ({
        ...bundle,
        state: bundle.state.map((e, i) => (i === 4 ? { ...e, value: encodeCbor(5) } : e)),
      }),
      'state',
    ],
    [
      'a value called absent',
      () => ({
        ...bundle,
        state: bundle.state.map((e, i) => (i === 4 ? { ...e, value: null } : e)),
      }),
      'state',
    ],
    ['state out of order', () => ({ ...bundle, state: [...bundle.state].reverse() }), 'state'],
    ['another serial', () => ({ ...bundle, link: { ...bundle.link, serial: 'other' } }), 'unit'],
    [
      'no unit proof',
      () => {
        const { unit: _, ...rest } = bundle;
        return rest;
      },
      'unit',
    ],
    [
      'another lot',
      () => ({
        ...house.bundle(),
        link: { ...bundle.link, lot: 'nope' } as { gtin: string; lot: string },
      }),
      'unit',
    ],
    [
      'an ancestor left out',
      () => ({ ...bundle, state: bundle.state.filter((e) => !e.key.endsWith('FRESH-1')) }),
      'lots',
    ],
    [
      'a gateway nobody knows',
      () => ({ ...bundle, batches: bundle.batches.map((b) => ({ ...b, gateway: 'coop' })) }),
      'anchors',
    ],
    [
      'an anchor of elsewhere',
      () => ({
        ...bundle,
        batches: bundle.batches.map((b, i, all) => ({
          ...b,
          anchor: all[(i + 1) % all.length]?.anchor ?? b.anchor,
        })),
      }),
      'anchors',
    ],
    [
      'a device left out',
      () => ({ ...bundle, state: bundle.state.filter((e) => !e.key.startsWith('devices/')) }),
      'packs',
    ],
    [
      'a pack twice',
      () => ({ ...bundle, batches: [...bundle.batches, bundle.batches[0] as PackedBatch] }),
      'packs',
    ],
    [
      'a statement twice',
      () => ({ ...bundle, statements: [...bundle.statements, bundle.statements[0] as Uint8Array] }),
      'statements',
    ],
  ];
  it.each(cases)('%s', (_, make, step) => {
    const made = make();
    const broken = made instanceof Uint8Array ? made : encodeBundle(made);
    const error = errorOf(() => verifyBundle(broken, chain.chainId, now_ms));
    expect(error.step).toBe(step);
    expect(error.message).not.toBe('');
  });

  it('a pack anchored after its device was revoked', () => {
    const own = createSampleHouse({ days: 1 });
    own.chain.must('coop', 'devices', 'revoke', { id: SAMPLE.device });
    expect(() =>
      verifyBundle(encodeBundle(own.bundle()), own.chain.chainId, own.chain.time_ms),
    ).not.toThrow();
    own.chain.anchor('gw', [own.packs[0]?.bytes ?? new Uint8Array()]);
    const late = { ...own.bundle(), batches: [own.chain.packedBatch('gw', 4)] };
    expect(
      errorOf(() => verifyBundle(encodeBundle(late), own.chain.chainId, own.chain.time_ms)),
    ).toMatchObject({
      step: 'packs',
      code: 'packs/revoked-device',
    });
  });

  it('a device key that is not the one registered', () => {
    const forged = createSampleHouse({ days: 1 });
    const { suite, bytes: key } = chain.crypto.publicKeyOf(testSecret('es256', 'somebody'));
    const b = forged.bundle();
    const entry = b.state.find((e) => e.key.startsWith('devices/'));
    const value = encodeCbor({
      ...(decodeCbor(entry?.value ?? new Uint8Array()) as object),
      key: { suite, key },
    });
    const state = b.state.map((e) => (e === entry ? { ...e, value } : e));
    expect(
      errorOf(() => verifyBundle(encodeBundle({ ...b, state }), forged.chain.chainId, now_ms)).step,
    ).toBe('state');
  });
});

describe('any single byte changed', () => {
  // A short stay keeps a verification at a few milliseconds; the kinds of fields are all there.
  const small = createSampleHouse({
    days: 2,
    silentHours: Array.from({ length: 40 }, (_, i) => i + 1),
  });
  const base = small.bundle(SAMPLE.serial);
  const carried = base.batches[0] as PackedBatch;
  const good = encodeBundle({ ...base, batches: base.batches.slice(1), samples: [carried] });

  it('is refused, wherever it is', () => {
    expect(() => verifyBundle(good, small.chain.chainId, small.chain.time_ms)).not.toThrow();
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (position, mask) => {
        const copy = good.slice();
        copy[position] = (copy[position] ?? 0) ^ mask;
        expect(
          errorOf(() => verifyBundle(copy, small.chain.chainId, small.chain.time_ms)).step,
        ).toMatch(/./);
      }),
      { numRuns: 600 },
    );
  });

  it('and so is a truncated or extended copy', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), (length) => {
        expect(
          errorOf(() => verifyBundle(good.slice(0, length), small.chain.chainId, now_ms)).step,
        ).toBe('bundle');
      }),
      { numRuns: 100 },
    );
    const longer = new Uint8Array([...good, 0]);
    expect(errorOf(() => verifyBundle(longer, small.chain.chainId, now_ms)).step).toBe('bundle');
  });
});
