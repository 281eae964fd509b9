import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signSign1 } from '../crypto/cose.ts';
import { portableCrypto as crypto } from '../crypto/portable.ts';
import { utf8ToBytes } from '../encoding/bytes.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import type { CborValue } from '../encoding/types.ts';
import { bentBytes, codeOf } from '../testing/hostile.ts';
import { testSecret } from '../testing/test-chain.ts';
import {
  decodeStatement,
  encodeStatement,
  STATEMENT_AAD,
  type StatedDay,
  type Statement,
  slotOfInterval_s,
  verifyStatement,
} from './statement.ts';

const secret = testSecret('ed25519', 'gw');
const key = crypto.publicKeyOf(secret);
const day: StatedDay = {
  day: 28,
  count: 24,
  min: -100,
  max: 300,
  sum: 2400,
  late: 1,
  slots: new Uint8Array([255, 255, 255]),
};
const statement: Statement = {
  chainId: new Uint8Array(32).fill(1),
  device: 'ROOM-B3-1',
  quantity: 'temperature',
  month: '2025-02',
  revision: 2,
  // After any month that the cases below name.
  at_ms: 4_200_000_000_000,
  slot_s: 3600,
  days: [{ ...day, day: 1 }, day],
};
const encode = (s: Partial<Statement> = {}) =>
  encodeStatement(crypto, { id: 'gw', secret }, { ...statement, ...s });
const codeFor = (s: Partial<Statement>) => codeOf(() => decodeStatement(encode(s)));
const withDay = (d: Partial<StatedDay>) => ({ days: [{ ...day, ...d }] });

describe('a statement', () => {
  it('round trips and verifies under its gateway’s key only', () => {
    const decoded = decodeStatement(encode());
    expect(decoded).toMatchObject({ ...statement, signer: 'gw' });
    expect(verifyStatement(crypto, key, decoded)).toBe(true);
    const other = crypto.publicKeyOf(testSecret('ed25519', 'other'));
    expect(verifyStatement(crypto, other, decoded)).toBe(false);
  });

  it('is of days that are over when it is made', () => {
    // 2025-02-29T00:00Z would be 1 March: the day after the 28th.
    const over_ms = 1_740_787_200_000;
    expect(codeFor({ at_ms: over_ms, ...withDay({ day: 28 }) })).toBeUndefined();
    expect(codeFor({ at_ms: over_ms - 1, ...withDay({ day: 28 }) })).toBe('statement/malformed');
    expect(codeFor({ days: [] })).toBe('statement/malformed');
  });

  it.each<[string, Partial<Statement>]>([
    ['a slot below 900 s', { slot_s: 600 }],
    ['a slot that does not divide a day', { slot_s: 7000 }],
    ['month 13', { month: '2025-13' }],
    ['month 00', { month: '2025-00' }],
    ['a month of one digit', { month: '2025-2' }],
    ['days that descend', { days: [day, { ...day, day: 1 }] }],
    ['a day twice', { days: [day, day] }],
    ['a quantity that does not exist', { quantity: 'radon' }],
    ['a device id that is none', { device: 'a/b/c' }],
    ['more covered slots than readings', withDay({ count: 23, sum: 0, late: 0 })],
    ['day 0', withDay({ day: 0 })],
    ['a day without readings', withDay({ count: 0, sum: 0, late: 0 })],
    ['min above max', withDay({ min: 301 })],
    ['a sum below count × min', withDay({ sum: -2401 })],
    ['a sum above count × max', withDay({ sum: 7201 })],
    ['more late readings than readings', withDay({ late: 25 })],
    ['padding bits', { slot_s: 86_400, ...withDay({ slots: new Uint8Array([0b1100_0000]) }) }],
  ])('with %s is refused', (_, change) => {
    expect(codeFor(change)).toBe('statement/malformed');
  });

  it.each<[string, Partial<Statement>]>([
    ['29 February 2025', withDay({ day: 29 })],
    ['31 April', { month: '2025-04', ...withDay({ day: 31 }) }],
    ['a temperature beyond physics', withDay({ max: 150_001 })],
    ['slots of another size', withDay({ slots: new Uint8Array(4) })],
    ['a short chain id', { chainId: new Uint8Array(31) }],
    ['too many readings', withDay({ count: 86_400_001, sum: 0 })],
  ])('of %s is refused', (_, change) => {
    expect(codeFor(change)).toBe('format/invalid');
  });

  it('knows leap years', () => {
    expect(codeFor({ month: '2024-02', ...withDay({ day: 29 }) })).toBeUndefined();
    expect(codeFor({ month: '2000-02', ...withDay({ day: 29 }) })).toBeUndefined();
    expect(codeFor({ month: '2100-02', ...withDay({ day: 29 }) })).toBe('format/invalid');
    expect(codeFor({ month: '2025-12', ...withDay({ day: 31 }) })).toBeUndefined();
  });

  it('with another header, kid or number of fields is refused', () => {
    const sign = (payload: CborValue, kid: Uint8Array, headers?: ReadonlyMap<number, CborValue>) =>
      signSign1(crypto, {
        secret,
        kid,
        externalAad: STATEMENT_AAD,
        ...(headers ? { headers } : {}),
        payload: encodeCbor(payload),
      });
    const days = [[1, 24, 1, 2, 30, 0, new Uint8Array([255, 255, 255])]];
    const fields = [statement.chainId, 'ROOM-B3-1', 'mass', '2025-02', 1, 4e12, 3600, days];
    const code = (bytes: Uint8Array) => codeOf(() => decodeStatement(bytes));
    expect(code(sign(fields, utf8ToBytes('gw')))).toBeUndefined();
    expect(code(sign(fields, utf8ToBytes('gw'), new Map([[3, 60]])))).toBe('statement/malformed');
    expect(code(sign(fields, new Uint8Array([255])))).toBe('statement/malformed');
    expect(code(sign(fields.slice(1), utf8ToBytes('gw')))).toBe('statement/malformed');
    expect(code(sign([...fields, 1], utf8ToBytes('gw')))).toBe('format/invalid');
  });

  it('bent anywhere is refused or does not verify', () => {
    const bytes = encode();
    fc.assert(
      fc.property(bentBytes(bytes), (bent) => {
        let verified = false;
        codeOf(() => {
          verified = verifyStatement(crypto, key, decodeStatement(bent));
        });
        expect(verified).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('slots', () => {
  it('are at least the interval, at least 900 s, at most a day, and divide it', () => {
    expect([1, 900, 901, 3600, 3601, 86_399, 86_400, 1e9].map(slotOfInterval_s)).toEqual([
      900, 900, 960, 3600, 4320, 86_400, 86_400, 86_400,
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400 }), (interval_s) => {
        const slot_s = slotOfInterval_s(interval_s);
        expect(86_400 % slot_s).toBe(0);
        expect(slot_s).toBeGreaterThanOrEqual(Math.max(900, interval_s));
      }),
    );
  });

  it('of no number are refused', () => {
    expect(() => slotOfInterval_s(Number.NaN)).toThrow(RangeError);
  });
});
