// What the file store asks of the ledger.

import { documentKey, hexToBytes, toDocument } from '@suyuan/contracts';
import type { LedgerNode } from '../http/ports.ts';

export interface DocumentRecord {
  readonly mime: string;
  readonly size_bytes: number;
  readonly shielded: boolean;
}

/** The ledger's record of the file with this SHA-256, in lower-case hex. */
export type RecordOf = (hash: string) => DocumentRecord | undefined;

export function ledgerRecords(node: Pick<LedgerNode, 'read'>): RecordOf {
  return (hash) => {
    const value = node.read(documentKey(hexToBytes(hash)));
    if (value === undefined) return undefined;
    const { mime, size_bytes, shielded } = toDocument(value);
    return { mime, size_bytes, shielded: shielded === true };
  };
}
