// Blocks executed upon blocks that nobody has certified yet: whatever is built, dropped and committed in runs, what is stored is what
// executing and committing one block after the other gives.

import { type CborObject, decodeHeader, encodeHeader } from '@suyuan/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TABLES } from '../storage/database.ts';
import { keyText } from '../storage/overlay.ts';
import { certify, createMachine, type Machine } from '../testing/machine.ts';
import { accountTx, anchorTx, createWorld, GTIN, PLOT, type World } from '../testing/world.ts';
import type { Layer } from './layer.ts';
import type { Ledger } from './ledger.ts';
import { createTree, TREE_LIMITS } from './tree.ts';

const NAMES = { zh: '新会柑', en: 'Xinhui mandarin' };

function seedTxs(world: World): Uint8Array[] {
  const product = { gtin: GTIN, name: NAMES, category: 'farm-product', regime: 'none', unit: 'g' };
  const plot = { gln: PLOT, kind: 'plot', name: NAMES, township: NAMES, holder: 'grower' };
  return [
    world.sign('association', 'products.register', product),
    world.sign('association', 'places.register', plot),
  ];
}

function randomTx(world: World, kind: number, n: number): Uint8Array {
  const lot = (i: number) => ({ gtin: GTIN, lot: `L${i}` });
  const calls: [string, CborObject][] = [
    ['lots.harvest', { ...lot(n), place: PLOT, amount: 1_000 }],
    ['lots.split', { ...lot(n >> 1), outputs: [{ lot: `S${n}`, amount: 10 }] }],
    [
      'lots.transform',
      {
        inputs: [{ ...lot(n >> 1), amount: 1 }],
        outputs: [{ ...lot(n), amount: 1 }],
        place: PLOT,
        process: 'dry',
      },
    ],
  ];
  const call = calls[kind];
  if (call !== undefined) return world.sign('grower', ...call);
  return kind === 3 ? accountTx(world, `farm-${n}`) : anchorTx(world, n % 4);
}

/** Everything in the database but the head, which names the certificate. */
async function dump(machine: Machine): Promise<string[]> {
  const db = machine.database.open();
  return TABLES.flatMap((table) =>
    db.keys(table, new Uint8Array(), new Uint8Array(64).fill(0xff), 100_000).flatMap((key) => {
      if (table === 'meta' && keyText(key) === 'head') return [];
      return [`${table} ${keyText(key)} ${keyText(db.get(table, key)!)}`];
    }),
  );
}

/** The blocks of `of` one by one, each with a certificate of its own. */
async function oneByOne(world: World, of: Ledger): Promise<{ machine: Machine; ledger: Ledger }> {
  const machine = createMachine(world);
  const ledger = await machine.open();
  for (let height = 1; height <= of.host.head().height; height += 1) {
    const { header, txs } = of.host.block(height)!;
    const { blockHash } = await ledger.host.validate(header, txs);
    await ledger.host.commit(blockHash, certify(world, ledger, blockHash, height));
  }
  return { machine, ledger };
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ tx: fc.nat(4) }) },
  { weight: 4, arbitrary: fc.record({ build: fc.nat(), later: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ commit: fc.nat() }) },
);

test('any history of building, dropping and committing in runs stores what one block after the other stores', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const world = createWorld();
      const machine = createMachine(world);
      const ledger = await machine.open();
      const { host } = ledger;
      for (const tx of seedTxs(world)) await host.receive(tx, 'peer');
      let open: Uint8Array[] = [];
      let n = 0;
      let slot = 0;
      const commit = async (blockHash: Uint8Array) => {
        await host.commit(blockHash, certify(world, ledger, blockHash, slot++));
        open = open.filter((id) => host.executed(id) !== undefined);
        expect(host.head().blockHash).toEqual(blockHash);
        expect(ledger.height()).toBe(host.head().height);
      };
      for (const it of steps) {
        if ('tx' in it) {
          await host.receive(randomTx(world, it.tx, n++), 'peer').catch(() => {});
        } else if ('build' in it) {
          const parents = [host.head().blockHash, ...open];
          const parent = parents[it.build % parents.length]!;
          const before = host.executed(parent)?.time_ms ?? host.head().time_ms;
          const block = host.propose({
            parent,
            proposer: 'carrier',
            time_ms: before + 1 + it.later,
          });
          if (!open.some((id) => keyText(id) === keyText(block.blockHash))) {
            open.push(block.blockHash);
          }
        } else if (open.length > 0) {
          await commit(open[it.commit % open.length]!);
        }
      }
      if (open.length > 0) await commit(open.at(-1)!);
      const reference = await oneByOne(world, ledger);
      expect(reference.ledger.stateRoot()).toEqual(ledger.stateRoot());
      expect(await dump(machine)).toEqual(await dump(reference.machine));

      // And so does another node that takes the log.
      const other = createMachine(world);
      const taker = await other.open();
      for (let height = 1; height <= host.head().height; height += 1) {
        await taker.host.take(host.block(height)!);
      }
      expect(await dump(other)).toEqual(await dump(machine));
      expect(taker.totals()).toEqual({ transactions: ledger.totals().transactions, mempool: 0 });
    }),
    { numRuns: 25 },
  );
});

async function withBlocks(count: number) {
  const world = createWorld();
  const machine = createMachine(world);
  const ledger = await machine.open();
  const { host } = ledger;
  const blocks = [];
  let parent = host.head().blockHash;
  for (let i = 0; i < count; i += 1) {
    await host.receive(accountTx(world, `farm-${i}`), 'peer');
    const block = host.propose({ parent, proposer: 'carrier', time_ms: 1_760_000_100_000 + i });
    blocks.push(block);
    parent = block.blockHash;
  }
  return { world, machine, ledger, host, blocks };
}

test('a block upon an uncommitted one sees what that wrote, and holds none of its transactions again', async () => {
  const { host, blocks, ledger, world } = await withBlocks(3);
  expect(blocks.map(({ txs }) => txs.length)).toEqual([1, 1, 1]);
  expect(host.pending()).toBe(3);
  expect(blocks.map(({ blockHash }) => host.pending(blockHash))).toEqual([2, 1, 0]);
  const fork = host.propose({
    parent: host.head().blockHash,
    proposer: 'carrier',
    time_ms: 1_760_000_200_000,
  });
  expect(fork.txs.length).toBe(3);
  await host.commit(blocks[1]!.blockHash, certify(world, ledger, blocks[1]!.blockHash, 7));
  expect([ledger.height(), host.pending()]).toEqual([2, 1]);
  expect(host.executed(fork.blockHash)).toBeUndefined();
  expect(host.executed(blocks[2]!.blockHash)?.height).toBe(3);
  await expect(
    host.commit(fork.blockHash, certify(world, ledger, fork.blockHash, 8)),
  ).rejects.toMatchObject({ code: 'ledger/unknown-block' });
  await host.commit(blocks[2]!.blockHash, certify(world, ledger, blocks[2]!.blockHash, 9));
  expect(ledger.read('accounts/farm-2')).toBeDefined();
});

test('a refusal upon an uncommitted block leaves the transaction waiting; upon the head it is told', async () => {
  const { host, blocks, ledger, world } = await withBlocks(1);
  const freeze = { id: 'grower', status: 'frozen' };
  await host.receive(world.sign('regulator', 'accounts.set-status', freeze), 'peer');
  const first = blocks[0]!;
  const frozen = host.propose({
    parent: first.blockHash,
    proposer: 'carrier',
    time_ms: first.time_ms + 1,
  });
  // Admitted by the state of the head, which has not frozen the grower.
  const late = ledger.submit(randomTx(world, 0, 1)).catch((error: unknown) => error);
  for (const tx of seedTxs(world)) await host.receive(tx, 'peer');
  await host.receive(randomTx(world, 0, 2), 'peer');
  const propose = (parent: Uint8Array) =>
    host.propose({ parent, proposer: 'carrier', time_ms: first.time_ms + 2 });
  expect(propose(frozen.blockHash).txs.length).toBe(2);
  expect(host.pending()).toBe(5);
  expect(await late).toMatchObject({ code: 'products/unknown' });
  await host.commit(frozen.blockHash, certify(world, ledger, frozen.blockHash, 2));
  expect(host.pending()).toBe(3);
  expect(propose(frozen.blockHash).txs.length).toBe(2);
  expect(host.pending()).toBe(2);
});

test('one certificate stands for a run: each block of the log verifies by itself, and the database waits for the last', async () => {
  const { host, blocks, world, ledger } = await withBlocks(5);
  const { blockHash } = blocks[4]!;
  await host.commit(blockHash, certify(world, ledger, blockHash, 4));
  const log = [1, 2, 3, 4, 5].map((height) => host.block(height)!);
  expect(log.map(({ via }) => via.length)).toEqual([4, 3, 2, 1, 0]);
  const taker = await createMachine(world).open();
  for (const [i, block] of log.entries()) {
    await taker.host.take(block);
    expect(taker.host.head().height).toBe(i + 1);
    expect(taker.height()).toBe(i === 4 ? 5 : 0);
  }
  expect(taker.proveKeys(['accounts/farm-4']).header).toEqual(blocks[4]!.headerBytes);
  // A block that is there already is nothing new; another in its place is refused.
  await taker.host.take(log[2]!);
  const third = decodeHeader(log[2]!.header);
  const header = encodeHeader({ ...third, time_ms: third.time_ms + 1 });
  await expect(taker.host.take({ ...log[2]!, header })).rejects.toMatchObject({
    code: 'ledger/bad-via',
  });
});

test('no more blocks upon each other than are allowed, nor more under one certificate', async () => {
  const { host, blocks, world, ledger } = await withBlocks(64);
  const last = blocks[63]!;
  expect(() =>
    host.propose({ parent: last.blockHash, proposer: 'carrier', time_ms: last.time_ms + 1 }),
  ).toThrow(expect.objectContaining({ code: 'engine/too-deep' }));
  const far = blocks[17]!.blockHash;
  await expect(host.commit(far, certify(world, ledger, far, 17))).rejects.toMatchObject({
    code: 'engine/too-deep',
  });
  const near = blocks[16]!.blockHash;
  await host.commit(near, certify(world, ledger, near, 16));
  await host.commit(far, certify(world, ledger, far, 17));
  expect(ledger.height()).toBe(18);
});

test('a block is executed once, however often and at once it is asked for, and wrong ones leave nothing', async () => {
  const { host, blocks, world } = await withBlocks(2);
  const other = await createMachine(world).open();
  const [first, second] = blocks;
  await expect(other.host.validate(second!.headerBytes, second!.txs)).rejects.toMatchObject({
    code: 'ledger/unknown-parent',
  });
  const twice = await Promise.all([
    other.host.validate(first!.headerBytes, first!.txs),
    other.host.validate(first!.headerBytes, first!.txs),
  ]);
  expect(twice.map(({ blockHash }) => blockHash)).toEqual([first!.blockHash, first!.blockHash]);
  await expect(other.host.validate(second!.headerBytes, [])).rejects.toMatchObject({
    code: 'ledger/bad-block',
  });
  await expect(
    other.host.validate(second!.headerBytes, [new Uint8Array([1, 2])]),
  ).rejects.toMatchObject({ code: 'ledger/bad-block' });
  await expect(other.host.validate(new Uint8Array(5), [])).rejects.toMatchObject({
    name: 'AppError',
  });
  expect(await other.host.validate(second!.headerBytes, second!.txs)).toEqual(
    host.executed(second!.blockHash),
  );
  expect(decodeHeader(second!.headerBytes).height).toBe(2);
});

test('forks beyond what the tree holds drop those longest not asked for; what is dropped is executed again', async () => {
  const { host, blocks, world, ledger } = await withBlocks(3);
  const { time_ms } = blocks[2]!;
  const fork = (n: number) =>
    host.propose({ parent: host.head().blockHash, proposer: 'carrier', time_ms: time_ms + 1 + n });
  const first = fork(0);
  const rest = Array.from({ length: TREE_LIMITS.layers - 5 }, (_, n) => fork(n + 1));
  // Asked for just now: the second fork is the oldest.
  for (const { blockHash } of [first, blocks[2]!]) expect(host.executed(blockHash)).toBeDefined();
  const [second] = rest;
  for (let n = 0; n < 3; n += 1) fork(TREE_LIMITS.layers + n);
  expect(host.executed(second!.blockHash)).toBeUndefined();
  expect(host.executed(first.blockHash)).toBeDefined();
  // What something stands upon stays, however long nobody asked for it.
  for (const { blockHash } of blocks) expect(host.executed(blockHash)).toBeDefined();
  const certificate = certify(world, ledger, second!.blockHash, 3);
  await expect(host.commit(second!.blockHash, certificate)).rejects.toMatchObject({
    code: 'ledger/unknown-block',
  });
  await host.validate(second!.headerBytes, second!.txs);
  await host.commit(second!.blockHash, certificate);
  expect([ledger.height(), host.pending()]).toEqual([1, 0]);
  for (const { blockHash } of [first, ...blocks]) {
    expect(host.executed(blockHash)).toBeUndefined();
  }
});

function fakeLayer(id: string, parent: Layer | undefined, size_bytes: number): Layer {
  return { id, parent, size_bytes, layer: {} } as unknown as Layer;
}

test('in bytes too; the newest, those held and those below others stay, even where they are too many', () => {
  const tree = createTree({ depth: 64, layers: 100, bytes: 100 });
  const root = fakeLayer('root', undefined, 30);
  const upon = fakeLayer('upon', root, 30);
  const held = fakeLayer('held', undefined, 30);
  const spare = fakeLayer('spare', undefined, 30);
  for (const layer of [root, upon, held]) tree.add(layer, new Set([held]));
  expect(tree.count).toBe(3);
  tree.add(spare, new Set([held]));
  // The one longest not asked for that may go.
  expect(tree.get('upon')).toBeUndefined();
  expect([tree.get('root'), tree.get('held'), tree.get('spare')]).toEqual([root, held, spare]);
  const huge = fakeLayer('huge', undefined, 1_000);
  tree.add(huge, new Set([held]));
  expect(tree.get('huge')).toBe(huge);
  expect(tree.get('held')).toBe(held);
  expect(tree.count).toBe(2);
});
