// A disk in memory that can be broken: it stops between any two calls, loses what was not synced, tears writes at sectors,
// and refuses calls. For tests and simulations.

import { posix } from 'node:path';
import type { DiskFile, DiskPort } from './disk.ts';

const SECTOR_BYTES = 512;

export type DiskCall =
  | 'open'
  | 'read'
  | 'write'
  | 'dataSync'
  | 'truncate'
  | 'rename'
  | 'remove'
  | 'list'
  | 'makeDirectory'
  | 'syncDirectory';

/** Thrown by every call after the power went. */
export class PowerLoss extends Error {
  constructor() {
    super('the simulated disk has lost its power');
    this.name = 'PowerLoss';
  }
}

interface Write {
  readonly position: number;
  readonly bytes: Uint8Array;
}

interface Inode {
  /** What a reader sees now. */
  content: Uint8Array;
  /** What survives a power loss for certain. */
  durable: Uint8Array;
  pending: Write[];
}

type NameChange = { path: string; inode: Inode | undefined }[];

export interface MemoryDisk extends DiskPort {
  /** The power goes at the n-th call from now (1 is the next); that call may be half done. */
  losePowerAfter(calls: number): void;
  /** The next such call fails with this error code and does nothing; a failed dataSync drops what was pending, as Linux does. */
  failNext(call: DiskCall, code: string): void;
  /** Back to what the disk would hold after a power loss now: a random part of what was not synced is there. */
  restart(): void;
  /** As after a killed process: the calls already made are kept. */
  restartKeepingCache(): void;
  /** Direct access for damage, bypassing faults. */
  contentOf(path: string): Uint8Array;
  setContent(path: string, bytes: Uint8Array): void;
  /** Calls made so far. */
  readonly calls: number;
}

/** `random` gives numbers in [0, 1): the seed of what a power loss keeps. */
export function createMemoryDisk(random: () => number): MemoryDisk {
  let names = new Map<string, Inode>();
  const durableNames = new Map<string, Inode>();
  let pendingNames: { directory: string; change: NameChange }[] = [];
  let calls = 0;
  let powerUntil = Number.POSITIVE_INFINITY;
  let life = 0;
  const failures = new Map<DiskCall, string>();

  /** Counts a call. Returns whether the power goes during it. */
  function begin(call: DiskCall, ofLife: number): boolean {
    if (ofLife !== life || calls >= powerUntil) throw new PowerLoss();
    calls += 1;
    const code = failures.get(call);
    if (code !== undefined) {
      failures.delete(call);
      throw Object.assign(new Error(`${code}: simulated, ${call}`), { code });
    }
    return calls >= powerUntil;
  }

  async function step(call: DiskCall, act: () => void, ofLife = life): Promise<void> {
    const dying = begin(call, ofLife);
    if (!dying || random() < 0.5) act();
    await Promise.resolve();
    if (dying) throw new PowerLoss();
  }

  function changeNames(directory: string, change: NameChange): void {
    applyNames(names, change);
    pendingNames.push({ directory, change });
  }

  function lookup(path: string): Inode {
    const inode = names.get(posix.normalize(path));
    if (inode === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return inode;
  }

  return {
    async open(path, mode) {
      await step('open', () => {
        const at = posix.normalize(path);
        if (mode === 'existing') return void lookup(at);
        if (names.has(at)) throw Object.assign(new Error(`EEXIST: ${path}`), { code: 'EEXIST' });
        const empty = new Uint8Array(0);
        const inode: Inode = { content: empty, durable: empty, pending: [] };
        changeNames(posix.dirname(at), [{ path: at, inode }]);
      });
      return openFile(lookup(path), life);
    },
    async makeDirectory() {
      await step('makeDirectory', () => {});
    },
    async list(path) {
      await step('list', () => {});
      const prefix = `${posix.normalize(path)}/`;
      return [...names.keys()]
        .filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes('/'))
        .map((name) => name.slice(prefix.length))
        .sort();
    },
    async rename(from, to) {
      await step('rename', () => {
        changeNames(posix.dirname(posix.normalize(to)), [
          { path: posix.normalize(to), inode: lookup(from) },
          { path: posix.normalize(from), inode: undefined },
        ]);
      });
    },
    async remove(path) {
      await step('remove', () => {
        lookup(path);
        const at = posix.normalize(path);
        changeNames(posix.dirname(at), [{ path: at, inode: undefined }]);
      });
    },
    async syncDirectory(path) {
      await step('syncDirectory', () => {
        const at = posix.normalize(path);
        for (const { directory, change } of pendingNames) {
          if (directory === at) applyNames(durableNames, change);
        }
        pendingNames = pendingNames.filter(({ directory }) => directory !== at);
      });
    },
    losePowerAfter(count) {
      powerUntil = calls + count;
    },
    failNext(call, code) {
      failures.set(call, code);
    },
    restart() {
      // Journaling file systems keep name changes in order, so a prefix survives.
      const kept = Math.floor(random() * (pendingNames.length + 1));
      for (const { change } of pendingNames.slice(0, kept)) applyNames(durableNames, change);
      for (const inode of new Set([...names.values(), ...durableNames.values()])) {
        inode.content = survivorsOf(inode, random);
      }
      names = new Map(durableNames);
      pendingNames = [];
      settle();
    },
    restartKeepingCache: settle,
    contentOf: (path) => lookup(path).content.slice(),
    setContent(path, bytes) {
      const inode = lookup(path);
      inode.content = bytes.slice();
      inode.durable = inode.content;
      inode.pending = [];
    },
    get calls() {
      return calls;
    },
  };

  function settle(): void {
    life += 1;
    powerUntil = Number.POSITIVE_INFINITY;
    failures.clear();
  }

  function openFile(inode: Inode, ofLife: number): DiskFile {
    return {
      async size() {
        return inode.content.length;
      },
      async read(position, length) {
        await step('read', () => {}, ofLife);
        return inode.content.slice(position, position + length);
      },
      readNow(position, length) {
        if (begin('read', ofLife)) throw new PowerLoss();
        return inode.content.slice(position, position + length);
      },
      async write(position, bytes) {
        const copy = bytes.slice();
        const dying = begin('write', ofLife);
        const written = dying ? copy.subarray(0, Math.floor(random() * copy.length)) : copy;
        if (written.length > 0) {
          inode.pending.push({ position, bytes: written });
          inode.content = overlay(inode.content, position, written);
        }
        await Promise.resolve();
        if (dying) throw new PowerLoss();
      },
      async dataSync() {
        try {
          await step(
            'dataSync',
            () => {
              for (const { position, bytes } of inode.pending) {
                inode.durable = overlay(inode.durable, position, bytes);
              }
              inode.pending = [];
            },
            ofLife,
          );
        } catch (error) {
          if (!(error instanceof PowerLoss)) inode.pending = [];
          throw error;
        }
      },
      async truncate(size) {
        await step(
          'truncate',
          () => {
            inode.content = inode.content.slice(0, size);
            inode.durable = inode.content;
            inode.pending = [];
          },
          ofLife,
        );
      },
      async close() {},
    };
  }
}

function applyNames(names: Map<string, Inode>, change: NameChange): void {
  for (const { path, inode } of change) {
    if (inode === undefined) names.delete(path);
    else names.set(path, inode);
  }
}

function overlay(base: Uint8Array, position: number, bytes: Uint8Array): Uint8Array {
  const next = new Uint8Array(Math.max(base.length, position + bytes.length));
  next.set(base);
  next.set(bytes, position);
  return next;
}

/** The durable bytes with a random choice of the sectors written since. */
function survivorsOf(inode: Inode, random: () => number): Uint8Array {
  let content = inode.durable;
  const share = random();
  for (const { position, bytes } of inode.pending) {
    for (let at = 0; at < bytes.length; ) {
      const sectorEnd = SECTOR_BYTES - ((position + at) % SECTOR_BYTES);
      const piece = bytes.subarray(at, at + sectorEnd);
      if (random() < share) content = overlay(content, position + at, piece);
      at += piece.length;
    }
  }
  inode.pending = [];
  inode.durable = content;
  return content;
}
