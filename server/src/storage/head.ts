// Where the state database stands: the last block it holds, and of which chain.

import {
  asArray,
  asBytes,
  asUint,
  type CertifiedHeader,
  decodeCbor,
  encodeCbor,
  utf8ToBytes,
} from '@suyuan/contracts';
import type { Snapshot, TableWrite } from './database.ts';

export interface Head {
  /** 0 before the first block. */
  readonly height: number;
  /** The chain id before the first block. */
  readonly blockHash: Uint8Array;
  readonly time_ms: number;
  readonly stateRoot: Uint8Array;
  /** Committed since the genesis. */
  readonly transactions: number;
  /** Null before the first block. */
  readonly certified: CertifiedHeader | null;
}

const HEAD = utf8ToBytes('head');
const CHAIN = utf8ToBytes('chain');

export function readHead(at: Snapshot): Head | undefined {
  const bytes = at.get('meta', HEAD);
  if (bytes === undefined) return undefined;
  const items = asArray(decodeCbor(bytes), 'head', 7);
  const certified =
    items[5] === null
      ? null
      : {
          header: asBytes(items[5], 'head header'),
          certificate: asBytes(items[6], 'head certificate'),
        };
  return {
    height: asUint(items[0], 'head height'),
    blockHash: asBytes(items[1], 'head hash', 32),
    time_ms: asUint(items[2], 'head time'),
    stateRoot: asBytes(items[3], 'head state root', 32),
    transactions: asUint(items[4], 'head transactions'),
    certified,
  };
}

export function headWrite(head: Head): TableWrite {
  const { height, blockHash, time_ms, stateRoot, transactions, certified } = head;
  const value = encodeCbor([
    height,
    blockHash,
    time_ms,
    stateRoot,
    transactions,
    certified?.header ?? null,
    certified?.certificate ?? null,
  ]);
  return { table: 'meta', key: HEAD, value };
}

export function readChainId(at: Snapshot): Uint8Array | undefined {
  return at.get('meta', CHAIN);
}

export function chainIdWrite(chainId: Uint8Array): TableWrite {
  return { table: 'meta', key: CHAIN, value: chainId };
}
