// The bare walk: the same edges out of the same LMDB tables with nothing around them. One flat bitmap, no moment held, nothing
// summed, nothing handed out: what a trace costs at least on this machine.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Scope } from './postgres.ts';

interface BareTable {
  getBinaryFast(key: Buffer): Buffer | undefined;
}

interface BareRoot {
  openDB(options: object): BareTable;
  close(): Promise<void>;
}

const PAGE_LOTS = 64;
const CHILDREN_AT = 12;
const PARENTS_AT = 8;
const OPTIONS = { encoding: 'binary', keyEncoding: 'binary' } as const;

export interface BareWalk {
  /** How many lots it met. */
  walk(scope: Scope, seeds: readonly number[]): number;
  close(): Promise<void>;
}

export async function openBareWalk(directory: string, lots: number): Promise<BareWalk> {
  const require = createRequire(new URL('../../../server/package.json', import.meta.url));
  const { open } = (await import(pathToFileURL(require.resolve('lmdb')).href)) as {
    open(options: object): BareRoot;
  };
  const root = open({ path: directory, readOnly: true, maxDbs: 32, ...OPTIONS });
  const children = root.openDB({ name: 'lot-children', ...OPTIONS });
  const parents = root.openDB({ name: 'lot-parents', ...OPTIONS });
  const more = root.openDB({ name: 'lot-children-more', ...OPTIONS });
  const key = Buffer.alloc(8);
  const words = Math.ceil(lots / 32);

  let lastTable: BareTable | undefined;
  let lastNumber = -1;
  let lastPage: Buffer | undefined;

  /** Good until the next read of anything. */
  function pageOf(table: BareTable, number: number): Buffer {
    if (lastPage !== undefined && number === lastNumber && table === lastTable) return lastPage;
    key.writeUInt32BE(0, 0);
    key.writeUInt32BE(number, 4);
    lastPage = table.getBinaryFast(key);
    if (lastPage === undefined) throw new Error('a page is missing');
    lastTable = table;
    lastNumber = number;
    return lastPage;
  }

  function neighbours(table: BareTable, at: number, lot: number, bits: Uint32Array): void {
    const page = pageOf(table, lot >>> 6);
    const index = lot % PAGE_LOTS;
    const body = 1 + 4 * (page[0] ?? 0);
    const begin = index === 0 ? body : body + page.readUInt32LE(4 * index - 3);
    const end = body + page.readUInt32LE(4 * index + 1);
    const chunks = at === CHILDREN_AT && end > begin + at ? page.readUInt32LE(begin + 8) : 0;
    for (let p = begin + at; p < end; p += 4) mark(bits, page.readUInt32LE(p));
    for (let chunk = 0; chunk < chunks; chunk++) {
      lastPage = undefined;
      key.writeUInt32BE(lot, 0);
      key.writeUInt32BE(chunk, 4);
      const bytes = more.getBinaryFast(key);
      if (bytes === undefined) throw new Error('a chunk is missing');
      for (let p = 0; p < bytes.length; p += 4) mark(bits, bytes.readUInt32LE(p));
    }
  }

  const down = (bits: Uint32Array): void => {
    for (let word = 0; word < words; word++) {
      for (let bit = 0; bit < 32 && bits[word] !== 0; bit++) {
        if ((bits[word]! & (1 << bit)) !== 0) {
          neighbours(children, CHILDREN_AT, word * 32 + bit, bits);
        }
      }
    }
  };
  const up = (bits: Uint32Array): void => {
    for (let word = words - 1; word >= 0; word--) {
      for (let bit = 31; bit >= 0 && bits[word] !== 0; bit--) {
        if ((bits[word]! & (1 << bit)) !== 0) {
          neighbours(parents, PARENTS_AT, word * 32 + bit, bits);
        }
      }
    }
  };

  return {
    walk(scope, seeds) {
      const bits = new Uint32Array(words);
      for (const seed of seeds) mark(bits, seed);
      if (scope === 'forward') down(bits);
      if (scope === 'backward') up(bits);
      if (scope === 'recall') {
        const inputs = new Uint32Array(words);
        const above = new Uint32Array(words);
        for (const seed of seeds) {
          mark(above, seed);
          neighbours(parents, PARENTS_AT, seed, inputs);
        }
        each(inputs, (lot) => neighbours(children, CHILDREN_AT, lot, bits));
        up(above);
        down(bits);
        for (let word = 0; word < words; word++) bits[word] = bits[word]! | above[word]!;
      }
      let met = 0;
      each(bits, () => {
        met += 1;
      });
      return met;
    },
    close: () => root.close(),
  };
}

function mark(bits: Uint32Array, lot: number): void {
  bits[lot >>> 5] = bits[lot >>> 5]! | (1 << (lot & 31));
}

function each(bits: Uint32Array, found: (lot: number) => void): void {
  for (let word = 0; word < bits.length; word++) {
    for (let bit = 0; bit < 32 && bits[word] !== 0; bit++) {
      if ((bits[word]! & (1 << bit)) !== 0) found(word * 32 + bit);
    }
  }
}
