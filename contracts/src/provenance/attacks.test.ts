// What a server, a gateway or a device might try against a verifier whose every signature is right.

import { describe, expect, it } from 'vitest';
import { BUNDLE_RECENT_PACKS_MAX } from '../limits.ts';
import { decodePack, encodePack, packId } from '../telemetry/pack.ts';
import { encodeStatement, type Statement } from '../telemetry/statement.ts';
import { createSampleHouse, SAMPLE, type SampleHouse } from '../testing/sample-bundle.ts';
import { testSecret } from '../testing/test-chain.ts';
import { type Bundle, encodeBundle, type PackedBatch } from './bundle.ts';
import { claimsOf } from './claims.ts';
import { STATED_RUNS_MAX } from './stated.ts';
import type { Claim, ClaimKind } from './verdict.ts';
import {
  BundleError,
  checkBundle,
  concludeBundle,
  picksOf,
  verifyBundle,
} from './verify-bundle.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function claims<K extends ClaimKind>(house: SampleHouse, bundle: Bundle, kind: K) {
  const { chain } = house;
  const verdict = verifyBundle(encodeBundle(bundle), chain.chainId, chain.time_ms);
  return verdict.claims.filter((c): c is Extract<Claim, { kind: K }> => c.kind === kind);
}

function breakOf(house: SampleHouse, bundle: Bundle): [string, string] {
  try {
    verifyBundle(encodeBundle(bundle), house.chain.chainId, house.chain.time_ms);
  } catch (error) {
    if (error instanceof BundleError) return [error.step, error.code];
    throw error;
  }
  throw new Error('the bundle was accepted');
}

/** A pack of the house's device, anchored now as a batch of its own. */
function anchorPack(
  house: SampleHouse,
  at_ms: number,
  bootEpoch: number,
  seq: number,
  prev?: Uint8Array,
) {
  const bytes = encodePack(house.chain.crypto, {
    secret: testSecret('es256', SAMPLE.device),
    deviceId: SAMPLE.device,
    bootEpoch,
    seq,
    prev: prev ?? new Uint8Array(32),
    readings: [
      { quantity: 'temperature', time_ms: at_ms, value: 20_000 },
      { quantity: 'humidity', time_ms: at_ms, value: 60_000 },
    ],
  });
  house.chain.anchor('gw', [bytes]);
  return bytes;
}

/** The n-th batch that was anchored beyond the four of one day. */
const extraBatch = (house: SampleHouse, n: number) => house.chain.packedBatch('gw', 4 + n);

describe('a device that signs readings of days to come', () => {
  it('covers nothing with them', () => {
    const house = createSampleHouse({ days: 1 });
    const { chain } = house;
    const soon_ms = chain.time_ms + 4 * 60_000;
    anchorPack(house, soon_ms, 2, 0);
    anchorPack(house, chain.time_ms + 2 * DAY_MS, 3, 0);
    chain.advance(3 * DAY_MS);
    anchorPack(house, chain.time_ms, 4, 0);
    const only = (n: number): Bundle => ({
      ...house.bundle(),
      batches: [extraBatch(house, n)],
      statements: [],
    });
    // Four minutes ahead is a clock; two days ahead is not.
    expect(claims(house, only(0), 'ageing')[0]?.covered_ms).toBe(1.5 * HOUR_MS);
    expect(claims(house, only(1), 'ageing')[0]).toMatchObject({ covered_ms: 0, grade: 'unknown' });
    expect(claims(house, only(1), 'climate')).toEqual([]);
    expect(claims(house, only(1), 'devices')).toEqual([]);
  });
});

describe('a device of two histories', () => {
  const house = createSampleHouse({ days: 1 });
  const { chain } = house;
  const first = anchorPack(house, chain.time_ms, 7, 0);
  anchorPack(house, chain.time_ms + 1, 7, 0);
  anchorPack(house, chain.time_ms + 2, 7, 1, packId(chain.hash, decodePack(first)));
  anchorPack(house, chain.time_ms + 3, 8, 0);
  anchorPack(house, chain.time_ms + 4, 8, 1);
  const bundle = { ...house.bundle(), batches: [extraBatch(house, 0)] };

  it('does not show one in the bundle and the other as a sample', () => {
    expect(breakOf(house, { ...bundle, samples: [extraBatch(house, 1)] })).toEqual([
      'samples',
      'packs/duplicate',
    ]);
    expect(
      breakOf(house, { ...bundle, batches: [extraBatch(house, 0), extraBatch(house, 1)] }),
    ).toEqual(['packs', 'packs/duplicate']);
  });

  it('is one chain across bundle and samples', () => {
    const good = { ...bundle, samples: [extraBatch(house, 2)] };
    expect(() => claims(house, good, 'spot-check')).not.toThrow();
    expect(
      breakOf(house, {
        ...bundle,
        batches: [extraBatch(house, 1)],
        samples: [extraBatch(house, 2)],
      }),
    ).toEqual(['samples', 'packs/chain-broken']);
    expect(
      breakOf(house, { ...bundle, batches: [extraBatch(house, 3), extraBatch(house, 4)] }),
    ).toEqual(['packs', 'packs/chain-broken']);
  });
});

describe('a server that shows too much', () => {
  const house = createSampleHouse({ days: 1 });
  const { chain } = house;
  const bundle = house.bundle();
  const many = Array.from(
    { length: BUNDLE_RECENT_PACKS_MAX },
    () => bundle.batches[0] as PackedBatch,
  );

  it('is stopped before a signature is verified', () => {
    expect(breakOf(house, { ...bundle, batches: many })).toEqual([
      'bundle',
      'bundle/too-many-packs',
    ]);
    expect(breakOf(house, { ...bundle, samples: many })).toEqual([
      'bundle',
      'bundle/too-many-packs',
    ]);
    const checked = checkBundle(encodeBundle(bundle), chain.chainId, chain.time_ms);
    expect(() => concludeBundle(checked, many)).toThrow(
      expect.objectContaining({ step: 'samples', code: 'bundle/too-many-packs' }),
    );
  });

  it('cannot fill a phone with what a gateway signed', () => {
    const slots = new Uint8Array(12).fill(0b1010_1010);
    const days = Array.from({ length: 28 }, (_, i) => ({
      day: i + 1,
      count: 48,
      min: 0,
      max: 1,
      sum: 24,
      late: 0,
      slots,
    }));
    const runs = 28 * 48;
    const statements = Array.from({ length: Math.ceil(STATED_RUNS_MAX / runs) + 1 }, (_, n) =>
      stated(house, 'gw', {
        month: `${1980 + Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, '0')}`,
        slot_s: 900,
        days,
      }),
    );
    expect(breakOf(house, { ...bundle, statements })).toEqual([
      'statements',
      'bundle/too-many-runs',
    ]);
    expect(() =>
      claims(house, { ...bundle, statements: statements.slice(2) }, 'ageing'),
    ).not.toThrow();
  });
});

function stated(house: SampleHouse, gateway: string, change: Partial<Statement>): Uint8Array {
  const { chain } = house;
  const date = new Date(chain.time_ms).toISOString();
  return encodeStatement(
    chain.crypto,
    { id: gateway, secret: chain.keyOf(gateway) },
    {
      chainId: chain.chainId,
      device: SAMPLE.device,
      quantity: 'temperature',
      month: date.slice(0, 7),
      revision: 0,
      at_ms: chain.time_ms + 30 * 86_400_000,
      slot_s: 3600,
      days: [
        {
          day: Number(date.slice(8, 10)),
          count: 12,
          min: 1,
          max: 2,
          sum: 18,
          late: 0,
          // From noon on.
          slots: new Uint8Array([0, 0x0f, 0xff]),
        },
      ],
      ...change,
    },
  );
}

describe('a server that shows what says nothing of the lot', () => {
  const house = createSampleHouse({ days: 1 });
  const { chain } = house;
  chain.addAccount('gw2', ['gateway']);
  chain.must('coop', 'devices', 'register', {
    id: 'FIELD-01',
    key: { suite: 'ed25519', key: chain.crypto.publicKeyOf(testSecret('ed25519', 'field')).bytes },
    holder: 'coop',
    interval_s: 3600,
    quantities: ['temperature'],
    place: SAMPLE.plot,
  });
  const plain = house.bundle();
  const state = chain.entries([
    ...plain.state.map((e) => e.key),
    'devices/FIELD-01',
    'accounts/gw2',
    'anchors/gw2',
  ]);
  const bundle = { ...plain, state };

  it('does not draw spot checks or the list of devices to it', () => {
    const statements = [stated(house, 'gw', { device: 'FIELD-01' }), stated(house, 'gw', {})];
    const shown = { ...bundle, batches: [], statements };
    const checked = checkBundle(encodeBundle(shown), chain.chainId, chain.time_ms);
    let n = 0;
    const picks = picksOf(checked, () => (n += 7));
    expect(new Set(picks.map((p) => p.device))).toEqual(new Set([SAMPLE.device]));
    const [devices] = claims(house, shown, 'devices');
    expect(devices?.devices.map((d) => d.id)).toEqual([SAMPLE.device]);
  });

  it('names the gateway whose word it is, not another one’s', () => {
    const statements = (['temperature', 'humidity'] as const).map((quantity) =>
      stated(house, 'gw2', { quantity }),
    );
    const [ageing] = claims(house, { ...bundle, batches: [], statements }, 'ageing').slice(-1);
    expect(ageing).toMatchObject({ grade: 'attested', by: { id: 'gw2' } });
    const climate = claims(house, { ...bundle, statements }, 'climate');
    expect(climate.map((c) => [c.grade, c.by?.id])).toEqual([
      ['proven', undefined],
      ['attested', 'gw2'],
      ['proven', undefined],
      ['attested', 'gw2'],
    ]);
  });

  it('counts no answer from another gateway than the one asked', () => {
    const statements = [stated(house, 'gw', {})];
    const checked = checkBundle(
      encodeBundle({ ...bundle, batches: [], statements }),
      chain.chainId,
      chain.time_ms,
    );
    const pack = house.packs[0];
    if (pack === undefined) throw new Error('no pack');
    const reading = pack.readings[0];
    if (reading === undefined) throw new Error('no reading');
    const { quantity, time_ms } = reading;
    const slot = { quantity, from_ms: time_ms, to_ms: time_ms + 1 };
    const pick = { device: SAMPLE.device, ...slot, logSize: 4 };
    const samples = [chain.packedBatch('gw', pack.batch, [pack.index])];
    const matched = (gateway: string) =>
      concludeBundle(checked, samples, [{ ...pick, gateway }]).claims.find(
        (c) => c.kind === 'spot-check',
      );
    expect(matched('gw')).toMatchObject({ matched: 1, missing: 0 });
    expect(matched('gw2')).toMatchObject({ matched: 0, missing: 1, grade: 'unknown' });
  });
});

describe('a chain of lots too long to show', () => {
  it('does not let the origins that are shown speak for the rest', () => {
    const empty = {
      state: { get: () => undefined, shows: () => false, list: () => [] },
      subject: { gtin: SAMPLE.gtin },
      label: null,
      scopes: [],
      packs: [],
      statements: [],
      spotCheck: { picked: 0, matched: 0, contradicted: 0 },
      head: { height: 1, time_ms: 1, hash: '' },
      now_ms: 2,
    };
    const origins = (truncated: boolean) =>
      claimsOf({ ...empty, lineage: { lots: [], stays: [], truncated } }, []).filter(
        (c) => c.kind === 'origin',
      );
    expect(origins(true)).toMatchObject([{ grade: 'unknown', places: [] }]);
    expect(origins(false)).toEqual([]);
  });
});

describe('a unit', () => {
  it('is proven only under its own lot and batch', () => {
    const house = createSampleHouse({ days: 1 });
    const bundle = house.bundle(SAMPLE.serial);
    const { unit } = bundle;
    if (unit === undefined) throw new Error('no unit');
    for (const index of [0, 2])
      expect(breakOf(house, { ...bundle, unit: { ...unit, index } })[0]).toBe('unit');
    expect(breakOf(house, { ...bundle, unit: { ...unit, index: 3 } })).toEqual([
      'unit',
      'merkle/bad-index',
    ]);
    expect(breakOf(house, { ...bundle, unit: { ...unit, batch: 'L2' } })).toEqual([
      'unit',
      'bundle/no-label',
    ]);
    expect(breakOf(house, { ...bundle, unit: { ...unit, batch: '../L1' } })[1]).toBe(
      'bundle/no-label',
    );
    const { serial: _, ...lot } = bundle.link;
    expect(breakOf(house, { ...bundle, link: lot })).toEqual(['unit', 'bundle/stray-unit']);
  });

  it('of two batches with one root ends its stay with the batch that is shown', () => {
    const house = createSampleHouse({ days: 1 });
    const { chain } = house;
    const bundle = house.bundle(SAMPLE.serial);
    const label = chain.value(`labels/${SAMPLE.gtin}/${encodeURIComponent(SAMPLE.lot)}/L1`);
    const { root } = label as { root: Uint8Array };
    chain.advance(DAY_MS);
    chain.must('coop', 'labels', 'issue', {
      gtin: SAMPLE.gtin,
      lot: SAMPLE.lot,
      batch: 'L2',
      root,
      count: 3,
      net: 50,
    });
    const keys = [...house.bundle(SAMPLE.serial).state.map((e) => e.key)];
    const key = `labels/${SAMPLE.gtin}/${encodeURIComponent(SAMPLE.lot)}/L2`;
    const second = {
      ...house.bundle(SAMPLE.serial),
      state: chain.entries([...keys, key]),
      unit: { ...(bundle.unit as NonNullable<Bundle['unit']>), batch: 'L2' },
    };
    // The second issue costs its own mass; what the page shows is the weight of the batch that it names.
    expect(claims(house, second, 'label')).toMatchObject([{ batch: 'L2', net: 50 }]);
    expect(claims(house, second, 'mass')).toMatchObject([{ labelled: 900 }]);
  });
});
