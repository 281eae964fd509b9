// A whole ledger through a snapshot and on with blocks: what comes out is what went in, or nothing.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CborObject, lotKey, profileHash, recallScope, scopeRoot } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { nodeDisk } from '@suyuan/durable';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../engine/clock.ts';
import { type Ledger, openLedger } from '../engine/ledger.ts';
import { silentLogger } from '../engine/logger.ts';
import type { LedgerNode } from '../engine/node.ts';
import { openStateDatabase, type StateDatabase, TABLES } from '../storage/database.ts';
import { isImporting, readBase } from '../storage/founding.ts';
import { createMemoryDatabase } from '../storage/memory-database.ts';
import { lotCount, lotNameOf, lotNumber } from '../storage/trace-index.ts';
import { anchorTx, createWorld, GTIN, PLOT, seedLot, type World } from '../testing/world.ts';
import { exportSnapshot } from './export.ts';
import { importSnapshot } from './import.ts';
import { decodePiece, encodePiece, type Piece } from './pieces.ts';

const ANCHORS = 37;
const PIECE = 10_000;
const hash = profileHash(nodeCrypto, 'international');
const world = createWorld({ time_ms: Date.now() - 86_400_000 });
let home = '';
/** With 2,000 lots; and a small one, to be bent in many ways. */
let large: LedgerNode;
let source: LedgerNode;
let pieces: Uint8Array[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'suyuan-snapshot-'));
  large = await world.start({ directory: join(home, 'large'), mempool: { perSigner: 10_000 } });
  source = await world.start({ directory: join(home, 'source') });
  await grow(world, large, 2_000);
  await grow(world, source, 200);
  pieces = snapshotOf(source);
}, 60_000);

afterAll(async () => {
  await large.close();
  await source.close();
  await rm(home, { recursive: true, force: true });
});

async function all(node: LedgerNode, txs: readonly Uint8Array[]): Promise<void> {
  const receipts = await Promise.all(txs.map((tx) => node.submit(tx)));
  expect(receipts.filter(({ ok }) => !ok)).toEqual([]);
}

/** Lots upon lots, labels, recalls, a closed drill, anchors. */
async function grow(of: World, node: LedgerNode, count: number): Promise<void> {
  await seedLot(of, node, 'A');
  const half = count / 2;
  const harvest = (i: number) =>
    of.sign('grower', 'lots.harvest', { gtin: GTIN, lot: `H${i}`, place: PLOT, amount: 100 });
  // The parts sort before the wholes: the index must not take them as they come.
  const split = (i: number) =>
    of.sign('grower', 'lots.split', {
      gtin: GTIN,
      lot: `H${i}`,
      outputs: [{ lot: `B${i}`, amount: 5 }],
    });
  const numbers = Array.from({ length: half }, (_, i) => i);
  await all(node, numbers.map(harvest));
  await all(node, numbers.slice(0, half - 1).map(split));
  for (let batch = 0; batch < ANCHORS; batch++) await all(node, [anchorTx(of, batch)]);
  await all(node, [recall(of, node, 'R-1', false)]);
  await all(node, [recall(of, node, 'D-1', true)]);
  const { due } = node.read('recalls/D-1') as { due: { g: number } };
  await all(node, [
    of.sign('regulator', 'recalls.close', {
      recall: 'D-1',
      shortfall: { g: due.g, count: 0, reason: 'drill' },
    }),
  ]);
}

function recall(of: World, node: LedgerNode, id: string, mock: boolean): Uint8Array {
  const query = { seeds: [{ gtin: GTIN, lot: 'H7' }], siblings: false, ancestors: false };
  const lots = recallScope({ get: (key) => node.read(key) }, query);
  return of.sign('regulator', 'recalls.open', {
    recall: id,
    level: 1,
    mock,
    reason: 'residue',
    ...query,
    scope: { root: scopeRoot(hash, lots), count: lots.length },
  } as CborObject);
}

function snapshotOf(node: LedgerNode): Uint8Array[] {
  const held = node.hold();
  try {
    return [...exportSnapshot(held, PIECE)];
  } finally {
    held.release();
  }
}

function contents(db: StateDatabase, table: (typeof TABLES)[number]): Map<string, string> {
  const keys = db.keys(table, Uint8Array.of(0), new Uint8Array(64).fill(255), 1_000_000);
  return new Map(
    keys.map((key) => [
      Buffer.from(key).toString('latin1'),
      Buffer.from(db.get(table, key)!).toString('hex'),
    ]),
  );
}

const isEmpty = (db: StateDatabase) => TABLES.every((table) => contents(db, table).size === 0);
const into = (db: StateDatabase, from: readonly Uint8Array[]) =>
  importSnapshot({ db, genesis: world.genesis, crypto: nodeCrypto, pieces: from });
const ledgerIn = (directory: string): Promise<Ledger> =>
  openLedger({
    directory,
    genesisBytes: world.genesis,
    crypto: nodeCrypto,
    clock: systemClock,
    logger: silentLogger,
    disk: nodeDisk,
  });

test('a node founded from a snapshot is the same node, and goes on with blocks', async () => {
  const directory = join(home, 'founded');
  const db = await openStateDatabase(join(directory, 'state'));
  const head = await into(db, snapshotOf(large));
  await db.close();
  expect(head.height).toBe(large.height());
  const founded = await ledgerIn(directory);
  const held = large.hold();
  try {
    const was = { ...founded.db, ...held } as StateDatabase;
    for (const table of [
      'state',
      'tree',
      'anchor-leaves',
      'anchor-nodes',
      'recall-scopes',
    ] as const) {
      expect(contents(founded.db, table)).toEqual(contents(was, table));
    }
    expect(lotCount(founded.db)).toBe(lotCount(was));
  } finally {
    held.release();
  }
  expect(founded.stateRoot()).toEqual(large.stateRoot());
  expect(founded.totals().transactions).toBe(large.totals().transactions);
  expect(founded.base()).toBe(head.height);
  expect(founded.block(head.height)).toBeUndefined();
  expect(founded.scopeOf('R-1')).toEqual([lotKey(GTIN, 'B7'), lotKey(GTIN, 'H7')]);
  expect(founded.scopeOf('D-1')).toEqual([]);
  expect(founded.anchorProof('gateway', 3, ANCHORS)).toEqual(
    large.anchorProof('gateway', 3, ANCHORS),
  );
  // A lot after what it was made from.
  for (let number = 0; number < lotCount(founded.db)!; number++) {
    const name = lotNameOf(founded.db, number);
    if (!name.includes('/B')) continue;
    expect(lotNumber(founded.db, name.replace('/B', '/H'))).toBeLessThan(number);
  }

  const before = large.height();
  await all(large, [
    world.sign('grower', 'lots.split', {
      gtin: GTIN,
      lot: 'B3',
      outputs: [{ lot: 'C3', amount: 1 }],
    }),
    anchorTx(world, ANCHORS),
  ]);
  for (let height = before + 1; height <= large.height(); height++) {
    await founded.host.take(large.block(height)!);
  }
  expect(founded.stateRoot()).toEqual(large.stateRoot());
  await founded.close();
  const again = await ledgerIn(directory);
  expect(again.height()).toBe(large.height());
  expect(again.base()).toBe(head.height);
  expect(again.block(before + 1)).toEqual(large.block(before + 1));
  // What was spent before the snapshot stays spent.
  const old = large.block(5)!.txs[0]!;
  await expect(again.submit(old)).rejects.toMatchObject({ code: 'tx/duplicate-key' });
  await again.close();
  // The log alone is no longer the whole truth of this node.
  await rm(join(directory, 'state'), { recursive: true });
  await expect(ledgerIn(directory)).rejects.toMatchObject({ code: 'snapshot/other-base' });
});

describe('a snapshot that is not what was certified', () => {
  const change = (at: number, edit: (piece: Piece) => Piece): Uint8Array[] =>
    pieces.map((bytes, i) => (i === at ? encodePiece(edit(decodePiece(bytes))) : bytes));
  const indexOf = (type: Piece['type'], skip = 0): number =>
    pieces.flatMap((bytes, i) => (decodePiece(bytes).type === type ? [i] : []))[skip]!;
  const without = (index: number) => pieces.filter((_, i) => i !== index);
  const twice = (index: number) =>
    pieces.flatMap((bytes, i) => (i === index ? [bytes, bytes] : [bytes]));
  const valueChanged = (piece: Piece): Piece => {
    if (piece.type !== 'state') return piece;
    const [[key, value], ...rest] = [piece.entries[0]!, ...piece.entries.slice(1)];
    return { ...piece, entries: [[key, Uint8Array.from([...value, 0])], ...rest] };
  };
  const added = (piece: Piece): Piece => {
    if (piece.type !== 'state') return piece;
    const [last] = piece.entries.at(-1)!;
    return { ...piece, entries: [...piece.entries, [`${last}!`, Uint8Array.of(1)]] };
  };
  const cases: [string, string, () => Uint8Array[]][] = [
    ['a value changed', 'snapshot/state-root', () => change(indexOf('state', 2), valueChanged)],
    ['an entry added', 'snapshot/state-root', () => change(indexOf('state', 2), added)],
    ['a piece of the state missing', 'snapshot/state-root', () => without(indexOf('state', 1))],
    ['a piece of the state twice', 'snapshot/out-of-order', () => twice(indexOf('state', 1))],
    [
      'no state',
      'snapshot/state-root',
      () => pieces.filter((p) => decodePiece(p).type !== 'state'),
    ],
    ['a scope missing', 'snapshot/scope', () => without(indexOf('scope'))],
    ['a scope twice', 'snapshot/scope', () => twice(indexOf('scope'))],
    [
      'another lot in a scope',
      'snapshot/scope',
      () =>
        change(indexOf('scope'), (p) =>
          p.type === 'scope' ? { ...p, lots: [lotKey(GTIN, 'H1'), lotKey(GTIN, 'H7')] } : p,
        ),
    ],
    [
      'the scope of a recall that is not there',
      'snapshot/scope',
      () => change(indexOf('scope'), (p) => (p.type === 'scope' ? { ...p, recall: 'D-1' } : p)),
    ],
    ['an anchor missing', 'snapshot/anchors', () => without(indexOf('anchors'))],
    ['an anchor twice', 'snapshot/anchors', () => twice(indexOf('anchors'))],
    [
      'an anchor changed',
      'snapshot/anchors',
      () =>
        change(indexOf('anchors'), (p) =>
          p.type === 'anchors' ? { ...p, leaves: [Uint8Array.of(1), ...p.leaves.slice(1)] } : p,
        ),
    ],
    [
      'anchors of nobody',
      'snapshot/anchors',
      () => change(indexOf('anchors'), (p) => (p.type === 'anchors' ? { ...p, gateway: 'x' } : p)),
    ],
    ['no end', 'snapshot/cut-off', () => pieces.slice(0, -1)],
    ['nothing', 'snapshot/cut-off', () => []],
    ['no head', 'snapshot/out-of-order', () => pieces.slice(1)],
    ['two heads', 'snapshot/state-root', () => [pieces[0]!, ...pieces]],
    ['bytes', 'snapshot/malformed', () => [pieces[0]!, Uint8Array.of(0xff)]],
    [
      'a header that no quorum signed',
      'certificate/other-block',
      () =>
        change(0, (p) =>
          p.type === 'head' ? { ...p, head: { ...p.head, header: source.block(3)!.header } } : p,
        ),
    ],
    [
      'an older header',
      'snapshot/state-root',
      () => change(0, (p) => (p.type === 'head' ? { ...p, head: source.block(3)! } : p)),
    ],
    [
      'an epoch that never ended',
      'ledger/no-epoch-end',
      () => [
        pieces[0]!,
        encodePiece({ type: 'epochs', ends: [{ ...source.block(3)!, next: [] }] }).slice(),
      ],
    ],
  ];
  test.each(cases)('%s: %s, and nothing is kept', async (_, code, make) => {
    const db = createMemoryDatabase().open();
    if (code === 'ledger/no-epoch-end') {
      // A set cannot be empty, which shows before.
      await expect(into(db, make())).rejects.toMatchObject({ code: 'snapshot/malformed' });
    } else {
      await expect(into(db, make())).rejects.toMatchObject({ code });
    }
    expect(isEmpty(db)).toBe(true);
  });

  test('of another ledger', async () => {
    const db = createMemoryDatabase().open();
    const { genesis } = createWorld({ name: 'other' });
    await expect(importSnapshot({ db, genesis, crypto: nodeCrypto, pieces })).rejects.toMatchObject(
      { code: 'ledger/other-chain' },
    );
    expect(isEmpty(db)).toBe(true);
  });

  test('without end, but for its size', async () => {
    const db = createMemoryDatabase().open();
    await expect(
      importSnapshot({
        db,
        genesis: world.genesis,
        crypto: nodeCrypto,
        pieces,
        size_bytes_max: 50_000,
      }),
    ).rejects.toMatchObject({ code: 'snapshot/too-large' });
    expect(isEmpty(db)).toBe(true);
  });
});

test('more than a state of that height can hold is refused before its end', async () => {
  const heights: number[] = [];
  const db = createMemoryDatabase().open();
  const most = (size_bytes: number) => (height: number) => {
    heights.push(height);
    return size_bytes;
  };
  const pieces = snapshotOf(source);
  const size_bytes = pieces.slice(1).reduce((sum, { length }) => sum + length, 0);
  const genesis = world.genesis;
  const attempt = { db, genesis, crypto: nodeCrypto, pieces };
  await expect(importSnapshot({ ...attempt, mostOf: most(100) })).rejects.toMatchObject({
    code: 'snapshot/too-large',
  });
  await importSnapshot({ ...attempt, mostOf: most(size_bytes) });
  expect(heights).toEqual([source.height(), source.height()]);
});

test('a directory with a ledger is not touched', async () => {
  const db = createMemoryDatabase().open();
  await into(db, pieces);
  await expect(into(db, pieces)).rejects.toMatchObject({ code: 'snapshot/not-empty' });
  expect(readBase(db)).toBe(source.height());
});

test('an import that was broken off is begun again from nothing', async () => {
  const memory = createMemoryDatabase();
  const cut = (async function* () {
    yield* pieces.slice(0, 4);
    throw new Error('the process ends here');
  })();
  const broken = memory.open();
  let lost = false;
  const attempt = importSnapshot({
    db: {
      ...broken,
      // The power goes before anything can be cleared.
      async write(writes) {
        lost ||= isImporting(broken) && writes.some(({ value }) => value === null);
        if (lost) throw new Error('no power');
        await broken.write(writes);
      },
    },
    genesis: world.genesis,
    crypto: nodeCrypto,
    pieces: cut,
  });
  await expect(attempt).rejects.toThrow('no power');
  const db = memory.open();
  expect(isImporting(db)).toBe(true);
  expect(contents(db, 'state').size).toBeGreaterThan(0);
  await into(db, pieces);
  expect(isImporting(db)).toBe(false);
  expect(readBase(db)).toBe(source.height());
});
