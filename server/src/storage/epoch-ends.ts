// The blocks that ended an epoch, with the set that each handed over to: what a light client walks from the genesis.

import {
  asArray,
  asBytes,
  decodeCbor,
  type EpochEnd,
  encodeCbor,
  toValidators,
  utf8ToBytes,
  validatorToValue,
} from '@suyuan/contracts';
import type { Snapshot, TableWrite } from './database.ts';
import { afterPrefix, uintKey } from './keys.ts';

const PREFIX = utf8ToBytes('epoch/');
/** Each costs a governance transaction; at one an hour this is a century. */
const ENDS_MAX = 1_000_000;

export function epochEndWrite(epoch: number, end: EpochEnd): TableWrite {
  const key = new Uint8Array([...PREFIX, ...uintKey(epoch)]);
  const value = encodeCbor([end.header, end.certificate, end.next.map(validatorToValue)]);
  return { table: 'meta', key, value };
}

/** Oldest first. */
export function readEpochEnds(at: Snapshot): EpochEnd[] {
  return at.keys('meta', PREFIX, afterPrefix(PREFIX), ENDS_MAX).map((key) => {
    const items = asArray(decodeCbor(at.get('meta', key)!), 'epoch end', 3);
    return {
      header: asBytes(items[0], 'epoch header'),
      certificate: asBytes(items[1], 'epoch certificate'),
      next: toValidators(items[2]),
    };
  });
}
