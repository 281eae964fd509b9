// Which lots are in the scope of which recall. The recall's record holds the Merkle root of them; here they stand one by one,
// written with the block that opened it. A recall that is over stays part of a lot's history; a drill's rows go when it is closed.

import { bytesToUtf8, concatBytes, type ScopeWrite, utf8ToBytes } from '@suyuan/contracts';
import type { Snapshot, TableWrite } from './database.ts';
import { afterPrefix, namesKey } from './keys.ts';

const MARK = Uint8Array.of(1);
/** Keys read at a time while a scope is walked. */
const PAGE_KEYS = 1024;

function markKey(recall: string, lotKey: string): Uint8Array {
  return concatBytes(namesKey(recall), utf8ToBytes(lotKey));
}

/** `at` is the state before the block. Of a drill that is opened and closed in one block nothing is written. */
export function scopeWrites(at: Snapshot, scopes: readonly ScopeWrite[]): TableWrite[] {
  const last = new Map(scopes.map(({ recall, lots }) => [recall, lots]));
  return [...last].flatMap(([recall, lots]) =>
    [...(lots ?? scopedLots(at, recall))].map((lotKey) => ({
      table: 'recall-scopes' as const,
      key: markKey(recall, lotKey),
      value: lots === null ? null : MARK,
    })),
  );
}

export function readInScope(at: Snapshot, recall: string, lotKey: string): boolean {
  return at.get('recall-scopes', markKey(recall, lotKey)) !== undefined;
}

/** The `lots/…` keys in the scope of a recall, ascending, a page in memory at a time. */
export function* scopedLots(at: Snapshot, recall: string): Generator<string> {
  const prefix = namesKey(recall);
  const end = afterPrefix(prefix);
  let start = prefix;
  for (let more = true; more; ) {
    const keys = at.keys('recall-scopes', start, end, PAGE_KEYS);
    for (const key of keys) yield bytesToUtf8(key.subarray(prefix.length));
    more = keys.length === PAGE_KEYS;
    start = concatBytes(keys.at(-1) ?? start, Uint8Array.of(0));
  }
}
