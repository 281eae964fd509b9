// The parts of paths and queries. All are text with a pattern: nothing is coerced, so `5.7` never becomes 5 on the way in.

import { type TLiteral, type TUnion, Type } from 'typebox';
import { malformed } from './problems.ts';

const strict = { additionalProperties: false } as const;

export const Gtin = Type.String({ pattern: '^[0-9]{14}$', description: 'GTIN-14' });
export const Gln = Type.String({ pattern: '^[0-9]{13}$', description: 'GLN' });
/** GS1 character set 82, 1 to 20 characters. */
export const AiText20 = Type.String({
  pattern: '^[!-"%-/0-9A-Z_a-z:;<=>?]{1,20}$',
  description: 'GS1 AI (10) or (21)',
});
export const AccountId = Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,62}$' });
export const DeviceId = Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z._-]{3,29}$' });
export const HashHex = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: '32 bytes, lower-case hex',
});
/** An integer from 0 to 2^53 − 1 in decimal, without leading zeros; `toUint` refuses what is larger. */
export const UintText = Type.String({
  pattern: '^(0|[1-9][0-9]{0,15})$',
  description: 'unsigned integer',
});
export const BlockRef = Type.String({ pattern: '^(latest|0|[1-9][0-9]{0,15})$' });
export const StateKey = Type.String({ minLength: 1, maxLength: 256, pattern: '^[!-~]+$' });

export function params<T extends Parameters<typeof Type.Object>[0]>(properties: T) {
  return Type.Object(properties, strict);
}

/** docs/formats.md §3. */
export const Quantity = Type.Union([
  Type.Literal('temperature'),
  Type.Literal('humidity'),
  Type.Literal('mass'),
  Type.Literal('battery'),
]);

/** One of these words. */
export function oneOf<T extends string>(...words: T[]): TUnion<TLiteral<T>[]> {
  return Type.Union(words.map((word) => Type.Literal(word)));
}

/** The number in a `UintText`. Throws `http/malformed` naming the field. */
export function toUint(text: string, field: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value > max) {
    throw malformed(field, `${field} must be an integer from 0 to ${max}.`);
  }
  return value;
}

/** The same, with a default for an absent field. */
export function toUintOr(
  text: string | undefined,
  field: string,
  fallback: number,
  max?: number,
): number {
  return text === undefined ? fallback : toUint(text, field, max);
}
