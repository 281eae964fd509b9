// A machine's disk. Calls take time, the machine may die between any two of them or within one, and what was not synced may be
// there afterwards, in part, in any order, or not at all.

import { posix } from 'node:path';
import type { DiskFile, DiskPort } from '@suyuan/durable';
import type { Prng } from '../kernel/prng.ts';
import {
  Bytes,
  createInode,
  type Image,
  type Inode,
  losePower,
  syncInode,
  writeInode,
} from './disk-image.ts';

export type DiskCall = 'open' | 'read' | 'write' | 'dataSync' | 'truncate' | 'names';

export interface SimDiskOptions {
  readonly random: Prng;
  /** Calls back after so much virtual time. */
  readonly after: (delay_ms: number, act: () => void) => void;
  /** How long a sync takes now; 0 is at once. */
  readonly sync_ms: () => number;
}

export interface SimDisk {
  /** A port for one life of the machine; the one before is dead from then on. `onDeath` is called when `dieAt` strikes. */
  mount(onDeath: (how: 'power' | 'kill') => void): DiskPort;
  /** The machine dies at the n-th call from now, which is done, half done or not done. */
  dieAt(calls: number, how: 'power' | 'kill'): void;
  /** The life that is mounted ends. `kill` keeps what the system's cache holds; `rot` turns bits in what was being written. */
  die(how: 'power' | 'kill', rot?: boolean): void;
  /** Every write fails until it is set back. */
  full: boolean;
  /** What `dieAt` and `failNext` arranged does not come any more. */
  spare(): void;
  /** The next call of this kind fails; a failed dataSync loses what was pending, as Linux does. */
  failNext(call: DiskCall): void;
  /** Turns a bit in what was durable long ago, below a directory or in one file. Returns what turns it back, undefined if nothing is that old. */
  rotOld(under: string): (() => void) | undefined;
  /** What is durable below a directory, and putting it back. */
  backup(under: string): Image;
  restore(under: string, image: Image): void;
  /** Reads that whoever watches makes: they are no calls of the machine. */
  watch<T>(look: () => T): T;
  readonly calls: number;
}

/** What a dead process waits for never comes. */
const never = new Promise<never>(() => {});
const FILES_MAX = 200;

export function createSimDisk(options: SimDiskOptions): SimDisk {
  const { random } = options;
  let names = new Map<string, Inode>();
  const durableNames = new Map<string, Inode>();
  let pendingNames: { directory: string; change: [string, Inode | undefined][] }[] = [];
  let calls = 0;
  let life = 0;
  let death: { at: number; how: 'power' | 'kill' } | undefined;
  let onDeath: (how: 'power' | 'kill') => void = () => {};
  const failing = new Set<DiskCall>();
  let full = false;
  let watching = false;

  /** Counts a call; false when the machine died before it was done. */
  function live(call: DiskCall, ofLife: number, act: () => void): boolean {
    if (ofLife !== life) return false;
    if (watching) {
      act();
      return true;
    }
    calls += 1;
    const dying = death !== undefined && calls >= death.at ? death.how : undefined;
    if (dying !== undefined) {
      if (random.chance(0.5)) act();
      death = undefined;
      onDeath(dying);
      return false;
    }
    const refused = full && (call === 'write' || call === 'names');
    if (refused || failing.delete(call)) {
      throw Object.assign(new Error(`${refused ? 'ENOSPC' : 'EIO'}: simulated, ${call}`), {
        code: refused ? 'ENOSPC' : 'EIO',
      });
    }
    act();
    return true;
  }

  function rename(directory: string, change: [string, Inode | undefined][]): void {
    apply(names, change);
    pendingNames.push({ directory, change });
  }

  function lookup(path: string): Inode {
    const inode = names.get(posix.normalize(path));
    if (inode === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return inode;
  }

  function fileOf(inode: Inode, ofLife: number): DiskFile {
    const read = (position: number, length: number) => inode.seen.copy(position, position + length);
    return {
      size: async () => (ofLife === life ? inode.seen.length : never),
      async read(position, length) {
        if (!live('read', ofLife, () => {})) return never;
        return read(position, length);
      },
      readNow(position, length) {
        if (!live('read', ofLife, () => {})) throw new Error('the simulated machine is off');
        return read(position, length);
      },
      async write(position, bytes) {
        if (ofLife !== life) return never;
        const whole = death === undefined || calls + 1 < death.at;
        const part = whole ? bytes : bytes.subarray(0, random.int(0, bytes.length));
        if (!live('write', ofLife, () => writeInode(inode, position, part))) return never;
      },
      async dataSync() {
        if (ofLife !== life) return never;
        const wait_ms = options.sync_ms();
        if (wait_ms > 0) await new Promise<void>((wake) => options.after(wait_ms, wake));
        try {
          if (!live('dataSync', ofLife, () => syncInode(inode))) return never;
        } catch (error) {
          inode.pending = [];
          throw error;
        }
      },
      async truncate(size) {
        const cut = () => {
          syncInode(inode);
          inode.seen.cut(size);
          inode.durable.cut(size);
        };
        if (!live('truncate', ofLife, cut)) return never;
      },
      close: async () => (ofLife === life ? undefined : never),
    };
  }

  function portOf(ofLife: number): DiskPort {
    return {
      async open(path, mode) {
        const at = posix.normalize(path);
        const act = () => {
          if (mode === 'existing') return void lookup(at);
          if (names.has(at)) throw Object.assign(new Error(`EEXIST: ${path}`), { code: 'EEXIST' });
          if (names.size >= FILES_MAX) throw new Error('sim: files without end on one disk');
          rename(posix.dirname(at), [[at, createInode()]]);
        };
        if (!live(mode === 'create' ? 'names' : 'open', ofLife, act)) return never;
        return fileOf(lookup(at), ofLife);
      },
      async makeDirectory() {
        if (!live('open', ofLife, () => {})) return never;
      },
      async list(path) {
        if (!live('open', ofLife, () => {})) return never;
        return below(names, path)
          .map(([name]) => name.slice(posix.normalize(path).length + 1))
          .filter((name) => !name.includes('/'))
          .sort();
      },
      async rename(from, to) {
        const [old, now] = [posix.normalize(from), posix.normalize(to)];
        const act = () =>
          rename(posix.dirname(now), [
            [now, lookup(old)],
            [old, undefined],
          ]);
        if (!live('names', ofLife, act)) return never;
      },
      async remove(path) {
        const at = posix.normalize(path);
        const act = () => {
          lookup(at);
          rename(posix.dirname(at), [[at, undefined]]);
        };
        if (!live('open', ofLife, act)) return never;
      },
      async syncDirectory(path) {
        const at = posix.normalize(path);
        const act = () => {
          for (const { directory, change } of pendingNames)
            if (directory === at) apply(durableNames, change);
          pendingNames = pendingNames.filter(({ directory }) => directory !== at);
        };
        if (!live('dataSync', ofLife, act)) return never;
      },
    };
  }

  return {
    mount(died) {
      life += 1;
      onDeath = died;
      return portOf(life);
    },
    dieAt(count, how) {
      death = { at: calls + count, how };
    },
    die(how, rot = false) {
      life += 1;
      death = undefined;
      failing.clear();
      if (how === 'kill') return;
      // A journaling file system keeps name changes in order, so a prefix of them survives.
      const kept = random.int(0, pendingNames.length);
      for (const { change } of pendingNames.slice(0, kept)) apply(durableNames, change);
      for (const inode of new Set([...names.values(), ...durableNames.values()])) {
        losePower(inode, random, rot);
      }
      names = new Map(durableNames);
      pendingNames = [];
    },
    get full() {
      return full;
    },
    set full(value) {
      full = value;
    },
    spare() {
      death = undefined;
      failing.clear();
      full = false;
    },
    failNext: (call) => void failing.add(call),
    rotOld(under) {
      const old = below(names, under).filter(
        ([, { synced }]) => synced.length > 3 && synced[0]! > 0,
      );
      if (old.length === 0) return undefined;
      const [, inode] = random.pick(old);
      const position = random.int(0, inode.synced[0]! - 1);
      const bit = random.int(0, 7);
      const turn = () => {
        inode.seen.flip(position, bit);
        inode.durable.flip(position, bit);
      };
      turn();
      return turn;
    },
    backup: (under) =>
      new Map(below(durableNames, under).map(([name, { durable }]) => [name, durable.copy()])),
    restore(under, image) {
      for (const [name] of below(names, under)) {
        names.delete(name);
        durableNames.delete(name);
      }
      for (const [name, bytes] of image) {
        const inode = { ...createInode(), seen: new Bytes(bytes), durable: new Bytes(bytes) };
        names.set(name, inode);
        durableNames.set(name, inode);
      }
      pendingNames = [];
    },
    watch(look) {
      watching = true;
      try {
        return look();
      } finally {
        watching = false;
      }
    },
    get calls() {
      return calls;
    },
  };
}

/** What is in a directory, or the file of that name. */
function below(names: ReadonlyMap<string, Inode>, directory: string): [string, Inode][] {
  const prefix = `${posix.normalize(directory)}/`;
  return [...names]
    .filter(([name]) => name.startsWith(prefix) || name === prefix.slice(0, -1))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function apply(names: Map<string, Inode>, change: readonly [string, Inode | undefined][]): void {
  for (const [path, inode] of change) {
    if (inode === undefined) names.delete(path);
    else names.set(path, inode);
  }
}
