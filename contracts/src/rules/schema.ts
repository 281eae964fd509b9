// Building blocks of payload schemas: each field of docs/formats.md §1 and §5 once. Every string and array has a maximum.

import Type, { type TSchema } from 'typebox';
import { isGln, isGtin14 } from '../gs1/check-digit.ts';
import { ROLES } from '../ledger/account.ts';
import { AMOUNT_MAX } from '../limits.ts';

/** Bytes of exactly `size_bytes`. In JSON (command line, documentation) they are written as hex. */
export function Bytes(size_bytes: number) {
  return Type.Refine(
    Type.Unsafe<Uint8Array>({
      description: `${size_bytes} bytes, hex in JSON`,
      'x-bytes': size_bytes,
    }),
    (value) => value instanceof Uint8Array && value.length === size_bytes,
    () => `must be ${size_bytes} bytes`,
  );
}

/** 1 to `max_bytes` bytes: a message that somebody else signed. In JSON they are written as hex. */
export function BytesUpTo(max_bytes: number) {
  return Type.Refine(
    Type.Unsafe<Uint8Array>({
      description: `1 to ${max_bytes} bytes, hex in JSON`,
      'x-bytes': 0,
    }),
    (value) => value instanceof Uint8Array && value.length >= 1 && value.length <= max_bytes,
    () => `must be 1 to ${max_bytes} bytes`,
  );
}

export const Gtin = Type.Refine(
  Type.String({ maxLength: 14, description: 'GTIN-14; a GTIN-13 is written with a leading 0' }),
  (value) => isGtin14(value),
  () => 'must be a GTIN of 14 digits with a right check digit',
);

export const Gln = Type.Refine(
  Type.String({ maxLength: 13, description: 'GLN, 13 digits' }),
  (value) => isGln(value),
  () => 'must be a GLN of 13 digits with a right check digit',
);

/** Lot (10) and serial (21): 1 to 20 characters of GS1 character set 82. */
export const Text20 = Type.String({ pattern: '^[!"%-/0-9A-Z_a-z:;<=>?]{1,20}$', maxLength: 20 });

export const AccountId = Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,62}$', maxLength: 63 });
export const DeviceId = Type.String({
  pattern: '^[0-9A-Za-z][0-9A-Za-z._-]{3,29}$',
  maxLength: 30,
});

export const Names = Type.Object(
  {
    zh: Type.String({ minLength: 1, maxLength: 64 }),
    en: Type.String({ minLength: 1, maxLength: 64 }),
  },
  { additionalProperties: false },
);

/** Grams or pieces, as the product's unit says. */
export const Amount = Type.Integer({
  minimum: 1,
  maximum: AMOUNT_MAX,
  description: "grams or pieces, by the product's unit",
});
/** Ids of policies, marks and families. */
export const Slug = Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,62}$', maxLength: 63 });
export const Season = Type.String({ pattern: '^[0-9]{4}(-[1-9])?$', maxLength: 6 });
export const Reason = Type.String({ minLength: 1, maxLength: 200 });
export const Time_ms = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'ms since 1970 UTC',
});

export const PublicKeyValue = Type.Object(
  {
    suite: Type.Union([Type.Literal('sm2'), Type.Literal('es256'), Type.Literal('ed25519')]),
    key: Type.Refine(
      Type.Unsafe<Uint8Array>({
        description: '33 bytes (sm2, es256) or 32 (ed25519), hex in JSON',
        'x-bytes': 0,
      }),
      (value) => value instanceof Uint8Array && (value.length === 32 || value.length === 33),
      () => 'must be 32 or 33 bytes',
    ),
    userId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  { additionalProperties: false, description: '01_001 account public key' },
);

export const RoleName = Type.Union(ROLES.map((role) => Type.Literal(role)));

/** An object without room for unknown fields. */
export function Closed<P extends Record<string, TSchema>>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}
