// A log tree over leaves that are all known at once, and its nodes packed in chunks of a fixed number, for lists of up to a
// million leaves: a node is then one read, and the list a few thousand entries.

import {
  concatBytes,
  type GetLogNode,
  type Hash,
  nodeHash,
  rootFromNodes,
} from '@suyuan/contracts';
import type { Snapshot, TableWrite } from './database.ts';
import { logNodeKey } from './keys.ts';

const HASH_BYTES = 32;
const CHUNK_NODES = 256;
/** Hashes between two turns of the event loop. */
const PAUSE_EVERY = 2048;

/** Complete subtrees by level, from the leaves upwards: the hashes of a level one after another. */
export type LogLevels = readonly Uint8Array[];

/** Lets other work through after every so many hashes. */
export async function buildLevels(
  hash: Hash,
  count: number,
  leafAt: (index: number) => Uint8Array,
): Promise<LogLevels> {
  const levels: Uint8Array[] = [];
  for (let level = 0, width = count; width > 0; level++, width = Math.floor(width / 2)) {
    const below = levels[level - 1];
    const hashes = new Uint8Array(width * HASH_BYTES);
    for (let i = 0; i < width; i++) {
      const node =
        below === undefined
          ? leafAt(i)
          : nodeHash(hash, hashAt(below, 2 * i), hashAt(below, 2 * i + 1));
      hashes.set(node, i * HASH_BYTES);
      if (i % PAUSE_EVERY === PAUSE_EVERY - 1) await nextTurn();
    }
    levels.push(hashes);
  }
  return levels;
}

export function levelsRoot(hash: Hash, levels: LogLevels): Uint8Array {
  const size = (levels[0]?.length ?? 0) / HASH_BYTES;
  return rootFromNodes(hash, (level, index) => hashAt(levels[level]!, index), size);
}

/** The writes that store the levels under `log`. */
export function levelWrites(log: Uint8Array, levels: LogLevels): TableWrite[] {
  const size = CHUNK_NODES * HASH_BYTES;
  return levels.flatMap((hashes, level) =>
    Array.from({ length: Math.ceil(hashes.length / size) }, (_, chunk) => ({
      table: 'unit-nodes' as const,
      key: logNodeKey(log, level, chunk),
      value: hashes.subarray(chunk * size, (chunk + 1) * size),
    })),
  );
}

export function storedNodes(at: Snapshot, log: Uint8Array): GetLogNode {
  return (level, index) => {
    const chunk = at.get('unit-nodes', logNodeKey(log, level, Math.floor(index / CHUNK_NODES)));
    const begin = (index % CHUNK_NODES) * HASH_BYTES;
    if (chunk === undefined || chunk.length < begin + HASH_BYTES) return undefined;
    return concatBytes(chunk.subarray(begin, begin + HASH_BYTES));
  };
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}
