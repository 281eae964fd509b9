// The records of a guard file. The first says whose it is.

import {
  asArray,
  asBytes,
  asInt,
  asUint,
  type CborValue,
  decodeCbor,
  encodeCbor,
  type PublicKey,
  publicKeyToValue,
  toPublicKey,
} from '@suyuan/contracts';
import type { Released } from './book.ts';
import type { SignedStatement } from './port.ts';

export type GuardRecord =
  | { readonly type: 'guard'; readonly key: PublicKey; readonly chainId: Uint8Array | null }
  /** A key that was made before there was a chain is bound to it when it first votes. */
  | { readonly type: 'chain'; readonly chainId: Uint8Array }
  | { readonly type: 'signed'; readonly statement: SignedStatement }
  | { readonly type: 'released'; readonly to: Released }
  /** Ends what was written at once when the file was made. */
  | { readonly type: 'whole' };

export const GUARD_RECORD_BYTES_MAX = 512;
const GUARD_TAG = 'suyuan/guard/1';

export function encodeGuardRecord(record: GuardRecord): Uint8Array {
  return encodeCbor(recordToValue(record));
}

function recordToValue(record: GuardRecord): CborValue[] {
  switch (record.type) {
    case 'guard':
      return [GUARD_TAG, publicKeyToValue(record.key), record.chainId];
    case 'chain':
      return ['chain', record.chainId];
    case 'released':
      return ['released', record.to.epoch, record.to.slot];
    case 'signed':
      return statementToValue(record.statement);
    case 'whole':
      return ['whole'];
  }
}

function statementToValue(statement: SignedStatement): CborValue[] {
  const { kind, epoch, slot } = statement;
  if (kind === 'skip') return [kind, epoch, slot];
  if (kind === 'propose') return [kind, epoch, slot, statement.block, statement.parentSlot];
  return [kind, epoch, slot, statement.block];
}

/** Undefined when it is no record of a guard file that this program knows. Throws `cbor/*`, `key/*` or `format/*`. */
export function decodeGuardRecord(bytes: Uint8Array): GuardRecord | undefined {
  const fields = asArray(decodeCbor(bytes), 'guard record', 5, 1);
  const [type, second, third] = fields;
  switch (type) {
    case GUARD_TAG:
      asArray(fields, 'guard', 3, 3);
      return {
        type: 'guard',
        key: toPublicKey(second),
        chainId: third === null ? null : asBytes(third, 'chainId', 32),
      };
    case 'chain':
      asArray(fields, 'chain', 2, 2);
      return { type: 'chain', chainId: asBytes(second, 'chainId', 32) };
    case 'released':
      asArray(fields, 'released', 3, 3);
      // Up to slot −1: all that lies before an epoch.
      return {
        type: 'released',
        to: { epoch: asUint(second, 'epoch'), slot: asInt(third, 'slot', -1) },
      };
    case 'whole':
      return { type };
    case 'skip':
    case 'notar':
    case 'final':
    case 'propose':
      return { type: 'signed', statement: toSigned(type, fields) };
    default:
      return undefined;
  }
}

function toSigned(kind: SignedStatement['kind'], fields: readonly CborValue[]): SignedStatement {
  const length = kind === 'skip' ? 3 : kind === 'propose' ? 5 : 4;
  const [, first, second, third, fourth] = asArray(fields, kind, length, length);
  const epoch = asUint(first, 'epoch');
  const slot = asUint(second, 'slot');
  if (kind === 'skip') return { kind, epoch, slot };
  const block = asBytes(third, 'block', 32);
  if (kind !== 'propose') return { kind, epoch, slot, block };
  return { kind, epoch, slot, block, parentSlot: asInt(fourth, 'parent slot', -1, slot - 1) };
}
