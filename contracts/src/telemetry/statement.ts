// The monthly statement of a gateway (docs/formats.md §6): what it vouches for beyond the packs that a bundle carries.

import { type DecodedSign1, decodeSign1, signSign1, verifySign1 } from '../crypto/cose.ts';
import type { CryptoProvider, PublicKey, SecretKey } from '../crypto/types.ts';
import { bytesToUtf8, utf8ToBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { asArray, asBytes, asInt, asText, asUint } from '../encoding/read.ts';
import type { CborValue } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import { dayStart_ms, daysFromCivil } from '../provenance/calendar.ts';
import { isDeviceId } from './pack.ts';
import { isQuantity, QUANTITIES } from './quantities.ts';

export const STATEMENT_AAD = 'suyuan/statement/1';

/** alg and kid, and nothing else. */
const PROTECTED_FIELDS = 2;
const DAY_S = 86_400;
/** A reading each millisecond; keeps `min × count` of every quantity exact. */
const DAY_COUNT_MAX = 86_400_000;
const SLOT_S_MIN = 900;
export interface StatedDay {
  /** 1 to 31, UTC. */
  readonly day: number;
  readonly count: number;
  /** Integers of the quantity's stored scale; `sum` over `count` readings. */
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly late: number;
  /** One bit a slot, most significant first: at least one reading in it. */
  readonly slots: Uint8Array;
}

export interface Statement {
  readonly chainId: Uint8Array;
  readonly device: string;
  readonly quantity: string;
  /** `YYYY-MM`, UTC. */
  readonly month: string;
  readonly revision: number;
  /** When it was made, not before its last day was over. */
  readonly at_ms: number;
  readonly slot_s: number;
  readonly days: readonly StatedDay[];
}

/** The slot of a device that reports every `interval_s`: at least 15 min, at most a day, a divisor of a day. Throws RangeError on NaN and infinity. */
export function slotOfInterval_s(interval_s: number): number {
  if (!Number.isFinite(interval_s))
    throw new RangeError('slotOfInterval_s: not a number of seconds');
  let slot_s = Math.max(SLOT_S_MIN, Math.min(DAY_S, Math.ceil(interval_s)));
  while (DAY_S % slot_s !== 0) slot_s += 1;
  return slot_s;
}

/** Signs a statement as gateway account `signer`. */
export function encodeStatement(
  crypto: CryptoProvider,
  signer: { readonly id: string; readonly secret: SecretKey },
  s: Statement,
): Uint8Array {
  const payload = encodeCbor([
    s.chainId,
    s.device,
    s.quantity,
    s.month,
    s.revision,
    s.at_ms,
    s.slot_s,
    s.days.map((d) => [d.day, d.count, d.min, d.max, d.sum, d.late, d.slots]),
  ]);
  return signSign1(crypto, {
    secret: signer.secret,
    kid: utf8ToBytes(signer.id),
    externalAad: STATEMENT_AAD,
    payload,
  });
}

export interface DecodedStatement extends Statement {
  readonly signer: string;
  readonly message: DecodedSign1;
}

/** Decodes and checks the form, not the signature. Throws `statement/*`, `cose/*`, `cbor/*` or `format/*`. */
export function decodeStatement(bytes: Uint8Array): DecodedStatement {
  const message = decodeSign1(bytes);
  if (message.headers.size !== PROTECTED_FIELDS) {
    throw new AppError(
      'statement/malformed',
      'The protected header of a statement holds alg and kid only.',
    );
  }
  const items = asArray(decodeCbor(message.payload), 'statement', 8);
  if (items.length !== 8)
    throw new AppError('statement/malformed', 'A statement has eight fields.');
  const slot_s = asUint(items[6], 'slot_s', DAY_S);
  if (slot_s < SLOT_S_MIN || DAY_S % slot_s !== 0) {
    throw new AppError('statement/malformed', 'slot_s must divide a day and be at least 900.');
  }
  const month = asText(items[3], 'month', 7);
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
    throw new AppError('statement/malformed', 'month must be YYYY-MM.');
  const device = asText(items[1], 'device', 30);
  const quantity = asText(items[2], 'quantity', 32);
  if (!isDeviceId(device) || !isQuantity(quantity)) {
    throw new AppError(
      'statement/malformed',
      'A statement is of a device and a quantity of docs/formats.md §3.',
    );
  }
  const form = { slots: DAY_S / slot_s, daysOfMonth: daysOfMonth(month), ...QUANTITIES[quantity] };
  const days = asArray(items[7], 'days', 31).map((day) => readDay(day, form));
  for (let i = 1; i < days.length; i += 1) {
    if ((days[i - 1] as StatedDay).day >= (days[i] as StatedDay).day) {
      throw new AppError('statement/malformed', 'The days of a statement must ascend.');
    }
  }
  const at_ms = asUint(items[5], 'at');
  const last = days.at(-1);
  if (last === undefined || at_ms < dayStart_ms(month, last.day + 1)) {
    throw new AppError('statement/malformed', 'A statement is of days that are over.');
  }
  return {
    message,
    signer: kid(message.kid),
    chainId: asBytes(items[0], 'chainId', 32),
    device,
    quantity,
    month,
    revision: asUint(items[4], 'revision'),
    at_ms,
    slot_s,
    days,
  };
}

/** 28 to 31; `month` is `YYYY-MM`. */
function daysOfMonth(month: string): number {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5, 7))];
  const next = number === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, number + 1, 1);
  return next - daysFromCivil(year, number, 1);
}

function kid(bytes: Uint8Array): string {
  try {
    return bytesToUtf8(bytes);
  } catch {
    throw new AppError('statement/malformed', 'The kid of a statement is not an account id.');
  }
}

interface DayForm {
  readonly slots: number;
  readonly daysOfMonth: number;
  readonly min: number;
  readonly max: number;
}

function readDay(value: CborValue | undefined, form: DayForm): StatedDay {
  const items = asArray(value, 'day', 7, 7);
  const day = {
    day: asUint(items[0], 'day', form.daysOfMonth),
    count: asUint(items[1], 'count', DAY_COUNT_MAX),
    min: asInt(items[2], 'min', form.min, form.max),
    max: asInt(items[3], 'max', form.min, form.max),
    sum: asInt(items[4], 'sum'),
    late: asUint(items[5], 'late'),
    slots: asBytes(items[6], 'slots', Math.ceil(form.slots / 8)),
  };
  if (
    day.day < 1 ||
    day.count < 1 ||
    day.min > day.max ||
    day.sum < day.min * day.count ||
    day.sum > day.max * day.count ||
    day.late > day.count ||
    day.count < bitsSet(day.slots) ||
    hasPadding(day.slots, form.slots)
  ) {
    throw new AppError('statement/malformed', 'A day of a statement contradicts itself.');
  }
  return day;
}

function bitsSet(bytes: Uint8Array): number {
  let count = 0;
  for (let byte of bytes) for (; byte !== 0; byte &= byte - 1) count += 1;
  return count;
}

/** True if a bit beyond the last slot is set. */
function hasPadding(slots: Uint8Array, count: number): boolean {
  const unused = slots.length * 8 - count;
  return ((slots.at(-1) ?? 0) & ((1 << unused) - 1)) !== 0;
}

/** True if the gateway key signed the statement. */
export function verifyStatement(
  crypto: CryptoProvider,
  key: PublicKey,
  statement: DecodedStatement,
): boolean {
  return verifySign1(crypto, key, statement.message, STATEMENT_AAD);
}
