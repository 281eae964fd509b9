// A state database in memory for simulations: what it holds outlives the handle that a process opened, and a crash may cost it
// the newest writes, as LMDB may lose transactions that were not yet synced.

import type { HeldSnapshot, Snapshot, StateDatabase, TableName, TableWrite } from './database.ts';
import { compareText, keyText, rangeOf, textKey } from './overlay.ts';

/** Writes that a crash may undo; older ones count as synced. */
const UNSYNCED_MAX = 64;

export interface MemoryDatabase {
  /** A handle for a process that begins now. */
  open(): StateDatabase;
  /**
   * The process is gone: its handle is dead, and of the writes that were not synced only the first `keep` are left. All others stay.
   */
  crash(keep: number): void;
  /** Writes that a crash may undo, at most 64. */
  readonly unsynced: number;
}

type Values = Map<string, Uint8Array>;

interface Table {
  values: Values;
  /** Held by a snapshot: a write copies it first. */
  shared: boolean;
  /** Ascending; undefined after a key came or went. */
  sorted: readonly string[] | undefined;
}

interface Undo {
  readonly table: TableName;
  readonly key: string;
  readonly before: Uint8Array | undefined;
}

export function createMemoryDatabase(): MemoryDatabase {
  const tables = new Map<TableName, Table>();
  let undo: Undo[][] = [];
  let life = 0;

  function tableOf(name: TableName): Table {
    let table = tables.get(name);
    if (table === undefined) {
      table = { values: new Map(), shared: false, sorted: undefined };
      tables.set(name, table);
    }
    return table;
  }

  function put(name: TableName, key: string, value: Uint8Array | undefined): void {
    const table = tableOf(name);
    if (table.shared) {
      tables.set(name, { values: new Map(table.values), shared: false, sorted: table.sorted });
      put(name, key, value);
      return;
    }
    const had = table.values.has(key);
    if (value === undefined) table.values.delete(key);
    else table.values.set(key, value);
    if (had !== (value !== undefined)) table.sorted = undefined;
  }

  function write(writes: readonly TableWrite[]): void {
    const undone: Undo[] = [];
    for (const { table, key, value } of writes) {
      const name = keyText(key);
      undone.push({ table, key: name, before: tableOf(table).values.get(name) });
      // A copy, as a database makes one.
      put(table, name, value?.slice());
    }
    undo.push(undone);
    if (undo.length > UNSYNCED_MAX) undo.shift();
  }

  return {
    open() {
      const own = life;
      const assertAlive = (): void => {
        if (own !== life) throw new Error('memory database: the process of this handle is gone');
      };
      const now = reader((name) => {
        assertAlive();
        return tableOf(name);
      });
      return {
        ...now,
        snapshot: (read) => read(now),
        hold() {
          assertAlive();
          for (const table of tables.values()) table.shared = true;
          return held(new Map(tables));
        },
        async write(writes) {
          assertAlive();
          write(writes);
        },
        async close() {},
      };
    },
    crash(keep) {
      life += 1;
      for (const undone of undo.splice(Math.max(0, keep)).reverse()) {
        for (const { table, key, before } of undone.reverse()) put(table, key, before);
      }
      undo = [];
    },
    get unsynced() {
      return undo.length;
    },
  };
}

function held(tables: ReadonlyMap<TableName, Table>): HeldSnapshot {
  const none: Table = { values: new Map(), shared: true, sorted: [] };
  return { ...reader((name) => tables.get(name) ?? none), grown_bytes: () => 0, release() {} };
}

function reader(tableOf: (name: TableName) => Table): Snapshot {
  const get = (name: TableName, key: Uint8Array) => tableOf(name).values.get(keyText(key));
  return {
    get,
    peek(name, key, use) {
      const value = get(name, key);
      return value === undefined ? undefined : use(value);
    },
    keys(name, start, end, limit) {
      const table = tableOf(name);
      table.sorted ??= [...table.values.keys()].sort(compareText);
      return rangeOf(table.sorted, keyText(start), keyText(end)).slice(0, limit).map(textKey);
    },
  };
}
