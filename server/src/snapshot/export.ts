// A snapshot out of one moment of the database, piece by piece: whoever serves it decides when the next one is read.

import {
  AppError,
  anchorLogKey,
  bytesToUtf8,
  decodeCbor,
  recallKey,
  toAnchorLog,
  toRecall,
  utf8ToBytes,
} from '@suyuan/contracts';
import { readAnchor } from '../storage/anchor-index.ts';
import type { Snapshot } from '../storage/database.ts';
import { readEpochEnds } from '../storage/epoch-ends.ts';
import { readHead } from '../storage/head.ts';
import { afterPrefix } from '../storage/keys.ts';
import { scopedLots } from '../storage/recall-scopes.ts';
import { encodePiece, PIECE_BYTES } from './pieces.ts';

const PAGE_KEYS = 512;
/** Around an entry, at most. */
const FRAME_BYTES = 16;
const LEAST = Uint8Array.of(0);
const MOST = Uint8Array.of(0xff);

/**
 * The encoded pieces of the state at the newest block in the database, which must not change meanwhile. Throws `snapshot/no-block`
 * before the first block.
 */
export function* exportSnapshot(
  at: Snapshot,
  piece_bytes: number = PIECE_BYTES,
): Generator<Uint8Array, void> {
  const head = readHead(at)?.certified ?? undefined;
  if (head === undefined) {
    throw new AppError('snapshot/no-block', 'The ledger has no block yet: begin at the genesis.');
  }
  yield encodePiece({ type: 'head', head });
  for (const ends of groups(readEpochEnds(at), endBytes, piece_bytes)) {
    yield encodePiece({ type: 'epochs', ends });
  }
  for (const entries of groups(stateEntries(at), entryBytes, piece_bytes)) {
    yield encodePiece({ type: 'state', entries });
  }
  for (const recall of keptScopes(at)) {
    for (const lots of groups(scopedLots(at, recall), textBytes, piece_bytes)) {
      yield encodePiece({ type: 'scope', recall, lots });
    }
  }
  for (const { gateway, size } of anchorLogs(at)) {
    let from = 0;
    for (const leaves of groups(anchorsOf(at, gateway, size), leafBytes, piece_bytes)) {
      yield encodePiece({ type: 'anchors', gateway, from, leaves });
      from += leaves.length;
    }
  }
  yield encodePiece({ type: 'end' });
}

/** The recalls whose rows a node keeps: all but drills that are over. */
export function* keptScopes(at: Snapshot): Generator<string> {
  const prefix = recallKey('');
  for (const key of keysFrom(at, utf8ToBytes(prefix), afterPrefix(utf8ToBytes(prefix)))) {
    // `recalls/{id}/holders/…` stand in between.
    if (bytesToUtf8(key).includes('/', prefix.length)) continue;
    const { id, mock, status } = toRecall(decodeCbor(at.get('state', key)!));
    if (!mock || status === 'open') yield id;
  }
}

/** The logs of the gateways, ascending. */
export function* anchorLogs(
  at: Snapshot,
): Generator<{ gateway: string; size: number; root: Uint8Array }> {
  const prefix = anchorLogKey('');
  for (const key of keysFrom(at, utf8ToBytes(prefix), afterPrefix(utf8ToBytes(prefix)))) {
    const { size, root } = toAnchorLog(decodeCbor(at.get('state', key)!));
    yield { gateway: bytesToUtf8(key).slice(prefix.length), size, root };
  }
}

function* stateEntries(at: Snapshot): Generator<readonly [string, Uint8Array]> {
  for (const key of keysFrom(at, LEAST, MOST)) yield [bytesToUtf8(key), at.get('state', key)!];
}

function* anchorsOf(at: Snapshot, gateway: string, size: number): Generator<Uint8Array> {
  for (let batch = 0; batch < size; batch++) {
    const leaf = readAnchor(at, gateway, batch);
    if (leaf === undefined) throw new Error(`snapshot: anchor ${batch} of ${gateway} is missing`);
    yield leaf;
  }
}

/** State keys from `start` to before `end`, a page in memory at a time. */
export function* keysFrom(at: Snapshot, start: Uint8Array, end: Uint8Array): Generator<Uint8Array> {
  let next = start;
  for (let more = true; more; ) {
    const keys = at.keys('state', next, end, PAGE_KEYS);
    yield* keys;
    more = keys.length === PAGE_KEYS;
    next = new Uint8Array([...(keys.at(-1) ?? next), 0]);
  }
}

function* groups<T>(
  items: Iterable<T>,
  sizeOf: (item: T) => number,
  group_bytes: number,
): Generator<T[]> {
  let group: T[] = [];
  let size_bytes = 0;
  for (const item of items) {
    group.push(item);
    size_bytes += sizeOf(item) + FRAME_BYTES;
    if (size_bytes < group_bytes) continue;
    yield group;
    group = [];
    size_bytes = 0;
  }
  if (group.length > 0) yield group;
}

type End = ReturnType<typeof readEpochEnds>[number];
const endBytes = ({ header, certificate, next }: End): number =>
  header.length + certificate.length + next.length * 128;
const entryBytes = ([key, value]: readonly [string, Uint8Array]): number =>
  key.length + value.length;
const textBytes = (text: string): number => text.length;
const leafBytes = (leaf: Uint8Array): number => leaf.length;
