import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../encoding/cbor.ts';
import { type CborValue, Decimal } from '../encoding/types.ts';
import { codeOf } from '../testing/hostile.ts';
import { QUANTITIES, type Quantity, type Reading } from './quantities.ts';
import { decodeSenml, encodeSenml, senmlFromJson } from './senml.ts';

const DEVICE = 'ROOM-B3-1';
const TIME_S = 1_760_000_000;
type Fields = Partial<Record<'bn' | 'bt' | 'bu' | 'n' | 'u' | 'v' | 't' | 'x', CborValue>>;
const LABELS = { bn: -2, bt: -3, bu: -4, n: 0, u: 1, v: 2, t: 6, x: 8 } as const;

function payload(...records: Fields[]): Uint8Array {
  return encodeCbor(
    records.map(
      (fields) =>
        new Map(
          Object.entries(fields).map(([k, v]) => [
            LABELS[k as keyof typeof LABELS],
            v as CborValue,
          ]),
        ),
    ),
  );
}

const base = { bn: `${DEVICE}:`, bt: TIME_S, n: 'temperature', u: 'Cel' };
const valueFor = (v: CborValue) => decodeSenml(payload({ ...base, v }), DEVICE)[0]?.value;
const codeFor = (...records: Fields[]) => codeOf(() => decodeSenml(payload(...records), DEVICE));

describe('numbers', () => {
  it.each([
    [new Decimal(-1, 1), 100],
    [new Decimal(-1, 3), 300],
    [new Decimal(-2, 2999), 29_990],
    [new Decimal(-3, -1), -1],
    [new Decimal(-4, 4), 0],
    [new Decimal(-4, 5), 1],
    [new Decimal(-4, -5), -1],
    [new Decimal(-4, 14), 1],
    [new Decimal(-4, 15), 2],
    [new Decimal(-4, -15), -2],
    [new Decimal(-6, 24_499_499), 24_499],
    [new Decimal(-6, 24_499_500), 24_500],
    [new Decimal(-6, -24_499_500), -24_500],
    [new Decimal(1, 2), 20_000],
    [new Decimal(6, 0), 0],
    [24, 24_000],
    [-90, -90_000],
  ])('%o is %i', (v, expected) => {
    expect(valueFor(v)).toBe(expected);
  });

  it('round to a zero without a sign', () => {
    expect(Object.is(valueFor(new Decimal(-4, -4)), 0)).toBe(true);
  });

  it('agree with exact arithmetic for every mantissa and exponent', () => {
    fc.assert(
      fc.property(fc.integer({ min: -6, max: 6 }), fc.maxSafeInteger(), (exponent, mantissa) => {
        const shift = exponent + 3;
        const m = BigInt(mantissa);
        const d = 10n ** BigInt(Math.max(0, -shift));
        const up = (m < 0n ? -m : m) % d;
        let exact = shift >= 0 ? m * 10n ** BigInt(shift) : m / d;
        if (shift < 0 && up * 2n >= d) exact += m < 0n ? -1n : 1n;
        const inRange = exact >= -90_000n && exact <= 150_000n;
        const record = { ...base, v: new Decimal(exponent, mantissa) };
        if (inRange) expect(valueFor(record.v)).toBe(Number(exact));
        else expect(codeFor(record)).toBe('pack/out-of-range');
      }),
    );
  });

  it('refuse exponents beyond ±6 and whatever is no number', () => {
    expect(codeFor({ ...base, v: new Decimal(-7, 1) })).toBe('pack/bad-senml');
    expect(codeFor({ ...base, v: new Decimal(7, 0) })).toBe('pack/bad-senml');
    for (const v of ['24', true, null, new Uint8Array(1), [1]])
      expect(codeFor({ ...base, v })).toBe('pack/bad-senml');
  });

  it.each(Object.entries(QUANTITIES))('hold %s to its physical limits', (quantity, spec) => {
    const record = { ...base, n: quantity, u: spec.unit };
    for (const limit of [spec.min, spec.max]) {
      const [reading] = decodeSenml(payload({ ...record, v: new Decimal(-3, limit) }), DEVICE);
      expect(reading).toEqual({ quantity, time_ms: TIME_S * 1000, value: limit });
    }
    for (const beyond of [spec.min - 1, spec.max + 1])
      expect(codeFor({ ...record, v: new Decimal(-3, beyond) })).toBe('pack/out-of-range');
  });
});

describe('base fields', () => {
  it('hold until the next of their kind', () => {
    const readings = decodeSenml(
      payload(
        { bn: `${DEVICE}:`, bt: TIME_S, bu: '%RH' },
        { n: 'humidity', v: 50, t: new Decimal(-3, 1) },
        { n: 'temperature', u: 'Cel', v: 20, t: -1 },
        { bt: TIME_S + 60, bu: 'Cel', n: 'temperature', v: 21 },
        { bn: `${DEVICE}:temp`, n: 'erature', v: 22 },
      ),
      DEVICE,
    );
    expect(readings).toEqual([
      { quantity: 'humidity', time_ms: TIME_S * 1000 + 1, value: 50_000 },
      { quantity: 'temperature', time_ms: TIME_S * 1000 - 1000, value: 20_000 },
      { quantity: 'temperature', time_ms: (TIME_S + 60) * 1000, value: 21_000 },
      { quantity: 'temperature', time_ms: (TIME_S + 60) * 1000, value: 22_000 },
    ]);
  });

  it('alone make no payload', () => {
    expect(codeFor({ bn: `${DEVICE}:`, bt: TIME_S })).toBe('pack/bad-senml');
  });

  it('stand alone: a name, unit or time without a value is refused', () => {
    const good = { ...base, v: 1 };
    for (const half of [{ n: 'humidity' }, { u: 'Cel' }, { t: 1 }, { bt: TIME_S, n: 'mass' }])
      expect(codeFor(good, half)).toBe('pack/bad-senml');
  });
});

describe('times', () => {
  it.each([
    ['relative to now', { bt: 0, t: -5 }],
    ['just below 2^28 s', { bt: 2 ** 28 - 1 }],
    ['far below zero', { bt: -TIME_S }],
    ['beyond exact integers', { bt: Number.MAX_SAFE_INTEGER }],
    [
      'exact only by cancelling',
      { bt: Number.MAX_SAFE_INTEGER, t: TIME_S - Number.MAX_SAFE_INTEGER },
    ],
  ])('%s are refused', (_, fields) => {
    expect(codeFor({ ...base, ...fields, v: 1 })).toBe('pack/bad-senml');
  });

  it('at 2^28 s are absolute', () => {
    expect(codeFor({ ...base, bt: 2 ** 28, v: 1 })).toBeUndefined();
  });

  it('are refused when absent', () => {
    expect(codeFor({ bn: `${DEVICE}:`, n: 'mass', u: 'kg', v: 1 })).toBe('pack/bad-senml');
  });
});

describe('names and units', () => {
  it.each<[string, Fields, string]>([
    ['another device', { ...base, bn: 'ROOM-B3-2:', v: 1 }, 'pack/foreign-name'],
    ['a device whose id begins alike', { ...base, bn: `${DEVICE}1:`, v: 1 }, 'pack/foreign-name'],
    ['no name', { bt: TIME_S, u: 'Cel', v: 1 }, 'pack/foreign-name'],
    ['an unknown quantity', { ...base, n: 'radon', v: 1 }, 'pack/unknown-quantity'],
    ['a member of every object', { ...base, n: 'constructor', v: 1 }, 'pack/unknown-quantity'],
    ['degrees Fahrenheit', { ...base, u: 'degF', v: 1 }, 'pack/wrong-unit'],
    ['no unit', { bn: `${DEVICE}:`, bt: TIME_S, n: 'mass', v: 1 }, 'pack/wrong-unit'],
    ['a long name', { ...base, n: 'x'.repeat(65), v: 1 }, 'pack/bad-senml'],
    ['a name of bytes', { ...base, n: new Uint8Array(3), v: 1 }, 'pack/bad-senml'],
    ['an unknown label', { ...base, v: 1, x: 1 }, 'pack/bad-senml'],
  ])('%s is refused', (_, record, code) => {
    expect(codeFor(record)).toBe(code);
  });
});

describe('payloads', () => {
  it('of no records, too many records or no array are refused', () => {
    const many = Array.from({ length: 129 }, () => ({ ...base, v: 1 }));
    expect(codeFor()).toBe('pack/bad-senml');
    expect(codeFor(...many)).toBe('pack/bad-senml');
    expect(decodeSenml(payload(...many.slice(1)), DEVICE)).toHaveLength(128);
    for (const value of [1, {}, [{}], [[]], ['x']] as CborValue[])
      expect(codeOf(() => decodeSenml(encodeCbor(value), DEVICE))).toBe('pack/bad-senml');
  });

  it('of any bytes give readings or an AppError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        codeOf(() => decodeSenml(bytes, DEVICE));
      }),
    );
  });

  const reading = fc.constantFrom(...(Object.keys(QUANTITIES) as Quantity[])).chain((quantity) =>
    fc.record<Reading>({
      quantity: fc.constant(quantity),
      time_ms: fc.integer({ min: 2 ** 28 * 1000, max: 4_000_000_000_000 }),
      value: fc.integer({ min: QUANTITIES[quantity].min, max: QUANTITIES[quantity].max }),
    }),
  );

  it('round trip', () => {
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 128 }), (readings) => {
        expect(decodeSenml(encodeSenml(DEVICE, readings), DEVICE)).toEqual(readings);
      }),
      { numRuns: 50 },
    );
  });

  it('are not made of no or too many readings', () => {
    const one: Reading = { quantity: 'mass', time_ms: TIME_S * 1000, value: 1 };
    expect(() => encodeSenml(DEVICE, [])).toThrow(RangeError);
    expect(() =>
      encodeSenml(
        DEVICE,
        Array.from({ length: 129 }, () => one),
      ),
    ).toThrow(RangeError);
  });
});

describe('SenML JSON', () => {
  it('becomes the same numbers as written', () => {
    const document = JSON.parse(
      `[{"bn":"${DEVICE}:","bt":1760000000.5,"n":"temperature","u":"Cel","v":0.1},
        {"n":"humidity","u":"%RH","v":58.123456,"t":0.001},{"n":"temperature","u":"Cel","v":-0.5}]`,
    );
    expect(decodeSenml(senmlFromJson(document), DEVICE)).toEqual([
      { quantity: 'temperature', time_ms: 1_760_000_000_500, value: 100 },
      { quantity: 'humidity', time_ms: 1_760_000_000_501, value: 58_123 },
      { quantity: 'temperature', time_ms: 1_760_000_000_500, value: -500 },
    ]);
  });

  it.each([
    ['no array', {}],
    ['no record', []],
    ['too many records', Array.from({ length: 129 }, () => ({ v: 1 }))],
    ['a null record', [null]],
    ['a field that packs do not carry', [{ vs: 'text' }]],
    ['a number as text', [{ v: '1' }]],
    ['an exponent', [{ v: 1e21 }]],
    ['seven decimals', [{ v: 0.1234567 }]],
    ['more digits than 2^53', JSON.parse('[{"v":12345678901.123456}]')],
    ['not a number', [{ v: Number.NaN }]],
    ['a long name', [{ n: 'x'.repeat(65) }]],
  ])('%s is refused', (_, document) => {
    expect(codeOf(() => senmlFromJson(document))).toBe('pack/bad-senml');
  });

  it('of any JSON value gives bytes or an AppError', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void codeOf(() => senmlFromJson(value))));
  });
});
