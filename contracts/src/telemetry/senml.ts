// SenML-CBOR payloads of device packs (RFC 8428 §6), narrowed as docs/formats.md §3 says: integers and decimal fractions
// only, so that no float enters anything hashed. Base fields are resolved as in RFC 8428 §4.6.

import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { type CborValue, Decimal } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import { PACK_RECORDS_MAX } from '../limits.ts';
import { isQuantity, QUANTITIES, type Quantity, type Reading } from './quantities.ts';

const LABELS = { bn: -2, bt: -3, bu: -4, n: 0, u: 1, v: 2, t: 6 } as const;
const KNOWN_LABELS: ReadonlySet<number> = new Set(Object.values(LABELS));
const MILLI_DIGITS = 3;
const EXPONENT_LIMIT = 6;

function fail(what: string): never {
  throw new AppError(
    'pack/bad-senml',
    `${what}. See docs/formats.md §3 for the SenML that packs may hold.`,
  );
}

/**
 * `number` as an integer of 10^-scale, rounded half away from zero. Beyond ±(2^53 − 1) the result is not exact: callers
 * refuse what is no safe integer. Throws `pack/bad-senml`.
 */
function scaled(value: CborValue | undefined, scale: number, what: string): number {
  if (typeof value === 'number') return value * 10 ** scale;
  if (!(value instanceof Decimal)) fail(`The ${what} is not an integer or a decimal fraction`);
  if (Math.abs(value.exponent) > EXPONENT_LIMIT) fail(`The exponent of the ${what} is beyond ±6`);
  const shift = value.exponent + scale;
  if (shift >= 0) return value.mantissa * 10 ** shift;
  const divisor = 10 ** -shift;
  const rest = value.mantissa % divisor;
  const whole = (value.mantissa - rest) / divisor;
  const up = Math.abs(rest) * 2 >= divisor ? Math.sign(rest) : 0;
  return whole + up + 0; // −0 + 0 is 0: a value that rounds to nothing has no sign.
}

/** A time in ms, exact: the sum of base and offset must not depend on how a float loses digits. */
function scaledTime_ms(value: CborValue | undefined, what: string): number {
  const time_ms = scaled(value, MILLI_DIGITS, what);
  if (!Number.isSafeInteger(time_ms)) fail(`The ${what} is too large`);
  return time_ms;
}

function text(value: CborValue | undefined, what: string): string {
  if (value === undefined) return '';
  if (typeof value !== 'string' || value.length > 64) fail(`The ${what} is not a short text`);
  return value;
}

/**
 * The readings of a payload, in its order. Names must resolve to `{deviceId}:{quantity}`. Throws `pack/bad-senml`,
 * `pack/foreign-name`, `pack/unknown-quantity`, `pack/wrong-unit` or `pack/out-of-range`.
 */
export function decodeSenml(payload: Uint8Array, deviceId: string): Reading[] {
  const records = decodeCbor(payload);
  if (!Array.isArray(records) || records.length === 0 || records.length > PACK_RECORDS_MAX) {
    fail(`The payload is not an array of 1 to ${PACK_RECORDS_MAX} SenML records`);
  }
  let baseName = '';
  let baseUnit = '';
  let baseTime_ms = 0;
  const readings: Reading[] = [];
  for (const record of records as CborValue[]) {
    if (!(record instanceof Map)) fail('A SenML record is not a map with integer labels');
    for (const label of record.keys()) {
      if (!KNOWN_LABELS.has(label)) fail(`A SenML record has the unknown label ${label}`);
    }
    if (record.has(LABELS.bn)) baseName = text(record.get(LABELS.bn), 'base name');
    if (record.has(LABELS.bu)) baseUnit = text(record.get(LABELS.bu), 'base unit');
    if (record.has(LABELS.bt)) baseTime_ms = scaledTime_ms(record.get(LABELS.bt), 'base time');
    if (!record.has(LABELS.v)) {
      // RFC 8428 §4.1: a record without a value may set base fields, and nothing else.
      if (record.has(LABELS.n) || record.has(LABELS.u) || record.has(LABELS.t))
        fail('A SenML record names a reading without a value');
      continue;
    }
    const name = baseName + text(record.get(LABELS.n), 'name');
    const unit = text(record.get(LABELS.u), 'unit') || baseUnit;
    const offset_ms = record.has(LABELS.t) ? scaledTime_ms(record.get(LABELS.t), 'time') : 0;
    readings.push(toReading(name, unit, baseTime_ms + offset_ms, record.get(LABELS.v), deviceId));
  }
  if (readings.length === 0) fail('The payload holds no value');
  return readings;
}

function toReading(
  name: string,
  unit: string,
  time_ms: number,
  value: CborValue | undefined,
  deviceId: string,
): Reading {
  if (!name.startsWith(`${deviceId}:`)) {
    throw new AppError(
      'pack/foreign-name',
      'A record names another device than the one that signed the pack.',
    );
  }
  const quantity = name.slice(deviceId.length + 1);
  if (!isQuantity(quantity)) {
    throw new AppError(
      'pack/unknown-quantity',
      'A record has a quantity that is not in docs/formats.md §3.',
    );
  }
  const spec = QUANTITIES[quantity];
  if (unit !== spec.unit) {
    throw new AppError('pack/wrong-unit', `The unit of ${quantity} must be ${spec.unit}.`, {
      quantity,
    });
  }
  // RFC 8428 §4.5.3: below 2^28 s a time is relative to "now", which a signed record must not depend on.
  if (!Number.isSafeInteger(time_ms) || time_ms < 2 ** 28 * 1000)
    fail('A record has no absolute time');
  const scaledValue = scaled(value, spec.scale, 'value');
  if (!Number.isSafeInteger(scaledValue) || scaledValue < spec.min || scaledValue > spec.max) {
    throw new AppError(
      'pack/out-of-range',
      `A value of ${quantity} is outside its physical limits.`,
      {
        quantity,
        min: spec.min,
        max: spec.max,
      },
    );
  }
  return { quantity, time_ms, value: scaledValue };
}

/** The shortest number with `value × 10^-scale`: an integer where it is one, else a decimal fraction. */
function toNumber(value: number, scale: number): CborValue {
  let mantissa = value;
  let exponent = -scale;
  while (exponent < 0 && mantissa % 10 === 0) {
    mantissa /= 10;
    exponent += 1;
  }
  return exponent === 0 ? mantissa : new Decimal(exponent, mantissa);
}

/** The payload that holds `readings` (1 to 128), with base name and base time taken out. Throws RangeError on an empty or too long list. */
export function encodeSenml(deviceId: string, readings: readonly Reading[]): Uint8Array {
  const first = readings[0];
  if (first === undefined || readings.length > PACK_RECORDS_MAX) {
    throw new RangeError(`encodeSenml: a pack holds 1 to ${PACK_RECORDS_MAX} readings`);
  }
  const records = readings.map((reading, index) => {
    const spec = QUANTITIES[reading.quantity];
    const record = new Map<number, CborValue>();
    if (index === 0) {
      record.set(LABELS.bn, `${deviceId}:`);
      record.set(LABELS.bt, toNumber(first.time_ms, MILLI_DIGITS));
    }
    record.set(LABELS.n, reading.quantity);
    record.set(LABELS.u, spec.unit);
    record.set(LABELS.v, toNumber(reading.value, spec.scale));
    const offset_ms = reading.time_ms - first.time_ms;
    if (offset_ms !== 0) record.set(LABELS.t, toNumber(offset_ms, MILLI_DIGITS));
    return record;
  });
  return encodeCbor(records);
}

const JSON_NUMBER = /^-?\d{1,15}(\.\d{1,6})?$/;

function jsonNumber(value: unknown, what: string): CborValue {
  // JSON.parse gives doubles; their shortest decimal text is what the person wrote, up to 15 digits.
  const written = typeof value === 'number' ? String(value) : '';
  if (!JSON_NUMBER.test(written)) fail(`The ${what} is not a plain number of at most six decimals`);
  const [whole = '0', fraction = ''] = written.split('.');
  const mantissa = Number(whole + fraction);
  if (!Number.isSafeInteger(mantissa)) fail(`The ${what} has more digits than a pack can carry`);
  return fraction === '' ? mantissa : new Decimal(-fraction.length, mantissa);
}

/**
 * The payload of a SenML JSON document (RFC 8428 §5: an array of records with bn, bt, bu, n, u, v, t). Throws `pack/bad-senml`.
 * The result still has to pass `decodeSenml`.
 */
export function senmlFromJson(document: unknown): Uint8Array {
  if (!Array.isArray(document) || document.length === 0 || document.length > PACK_RECORDS_MAX)
    fail(`The document is not an array of 1 to ${PACK_RECORDS_MAX} SenML records`);
  const records = document.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) fail('A SenML record is not an object');
    const record = new Map<number, CborValue>();
    for (const [key, value] of Object.entries(entry)) {
      if (key === 'bn' || key === 'bu' || key === 'n' || key === 'u')
        record.set(LABELS[key], text(value, key));
      else if (key === 'bt' || key === 't' || key === 'v')
        record.set(LABELS[key], jsonNumber(value, key));
      else
        fail(
          `A SenML record has the field ${JSON.stringify(key.slice(0, 16))}, which packs do not carry`,
        );
    }
    return record;
  });
  return encodeCbor(records);
}

export type { Quantity };
