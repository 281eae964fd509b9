// Recalls as the engine keeps them: in force for what follows in the same block, and rebuilt with the state.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BASE_RULES,
  type CborObject,
  decodeTx,
  lotKey,
  profileHash,
  recallScope,
  scopeRoot,
  txId,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { expect, it } from 'vitest';
import type { Snapshot } from '../storage/database.ts';
import { scopeWrites } from '../storage/recall-scopes.ts';
import { createWorld, GTIN, PLOT, seedLot, type World } from '../testing/world.ts';
import { type BlockBudget, executeBlock } from './execute-block.ts';
import type { LedgerNode } from './node.ts';

const BUDGET: BlockBudget = { size_bytes: 1_000_000, txs: 100, writes: 1000, reads: 100_000 };
const snapshotOfNothing = { keys: () => [] } as unknown as Snapshot;
const hash = profileHash(nodeCrypto, 'international');

async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-recall-'));
  await run(directory).finally(() => rm(directory, { recursive: true, force: true }));
}

async function seeded(world: World, directory: string): Promise<LedgerNode> {
  const node = await world.start({ directory });
  await seedLot(world, node, 'A');
  const b = { gtin: GTIN, lot: 'B', place: PLOT, amount: 10 };
  await node.submit(world.sign('grower', 'lots.harvest', b));
  return node;
}

function recallOf(
  world: World,
  node: LedgerNode,
  lot: string,
  id = 'R1',
  mock = false,
): Uint8Array {
  const query = { seeds: [{ gtin: GTIN, lot }], siblings: false, ancestors: false };
  const lots = recallScope({ get: (key) => node.read(key) }, query);
  return world.sign('regulator', 'recalls.open', {
    recall: id,
    level: 1,
    mock,
    reason: 'residue',
    ...query,
    scope: { root: scopeRoot(hash, lots), count: lots.length },
  } as CborObject);
}

function split(world: World, lot: string, to: string): Uint8Array {
  const payload = { gtin: GTIN, lot, outputs: [{ lot: to, amount: 1 }] };
  return world.sign('grower', 'lots.split', payload);
}

it('a recall stops what follows it in its own block, and nothing that goes before', async () => {
  await inDirectory(async (directory) => {
    const world = createWorld();
    const node = await seeded(world, directory);
    // Splits a lot that the recall does not know yet would make its scope wrong: another one goes before.
    const txs = [split(world, 'B', 'B1'), recallOf(world, node, 'A'), split(world, 'A', 'A1')];
    txs.push(split(world, 'B', 'B2'));
    const entries = txs.map((bytes) => {
      const tx = decodeTx(bytes);
      return { tx, txId: txId(hash, tx) };
    });
    const base = { get: (key: string) => node.read(key), inScope: () => false };
    const height = node.height() + 1;
    const time_ms = Date.now();
    const { chainId } = world;
    const ctx = { hash, crypto: nodeCrypto, chainId, height, time_ms, rules: BASE_RULES };
    const block = executeBlock(base, ctx, entries, BUDGET);
    expect(block.receipts.map(({ code }) => code)).toEqual(['', '', 'recalls/in-scope', '']);
    expect(block.scopes).toEqual([{ recall: 'R1', lots: [lotKey(GTIN, 'A')], rows: 1 }]);

    const late = [split(world, 'A', 'A1'), recallOf(world, node, 'A')].map((bytes) => {
      const tx = decodeTx(bytes);
      return { tx, txId: txId(hash, tx) };
    });
    const outrun = executeBlock(base, ctx, late, BUDGET);
    expect(outrun.receipts.map(({ code }) => code)).toEqual(['', 'recalls/wrong-scope']);
    expect(outrun.scopes).toEqual([]);

    // What reads more than is left of the block's budget waits for the next one.
    const small = executeBlock(base, ctx, entries, { ...BUDGET, reads: 20 });
    expect(small.included.length).toBeLessThan(entries.length);
    expect(small.included.length).toBeGreaterThan(0);
    await node.close();
  });
});

it('the scope of a recall survives a restart, and comes back with a rebuilt state', async () => {
  await inDirectory(async (directory) => {
    const world = createWorld();
    let node = await seeded(world, directory);
    expect((await node.submit(recallOf(world, node, 'A'))).ok).toBe(true);
    for (const reindex of [false, true]) {
      const root = node.stateRoot();
      await node.close();
      node = await world.start({ directory, reindex });
      expect(node.stateRoot()).toEqual(root);
      expect(node.scopeOf('R1')).toEqual([lotKey(GTIN, 'A')]);
      await expect(node.submit(split(world, 'A', 'A1'))).rejects.toMatchObject({
        code: 'recalls/in-scope',
      });
    }
    expect((await node.submit(split(world, 'B', 'B1'))).ok).toBe(true);
    await node.close();
  });
});

it('the rows of a drill go when it is closed, and count as writes', async () => {
  await inDirectory(async (directory) => {
    const world = createWorld();
    const node = await seeded(world, directory);
    expect((await node.submit(recallOf(world, node, 'A', 'D-1', true))).ok).toBe(true);
    expect(node.scopeOf('D-1')).toEqual([lotKey(GTIN, 'A')]);
    const shortfall = { g: (node.read('recalls/D-1') as { due: { g: number } }).due.g, count: 0 };
    const close = (recall: string) => {
      const payload = { recall, shortfall: { ...shortfall, reason: 'drill' } };
      return world.sign('regulator', 'recalls.close', payload);
    };
    expect((await node.submit(close('D-1'))).ok).toBe(true);
    expect(node.scopeOf('D-1')).toEqual([]);
    expect(node.read('open-drills')).toEqual([]);

    // Opened and closed in one block. One row is a write of its own beside those of the state.
    const entries = [recallOf(world, node, 'A', 'D-2', true), close('D-2')].map((bytes) => {
      const tx = decodeTx(bytes);
      return { tx, txId: txId(hash, tx) };
    });
    const base = { get: (key: string) => node.read(key), inScope: () => false };
    const height = node.height() + 1;
    const time_ms = Date.now();
    const { chainId } = world;
    const ctx = { hash, crypto: nodeCrypto, chainId, height, time_ms, rules: BASE_RULES };
    const block = executeBlock(base, ctx, entries, BUDGET);
    expect(block.receipts.map(({ code }) => code)).toEqual(['', '']);
    expect(scopeWrites(snapshotOfNothing, block.scopes)).toEqual([]);
    // Spent key, recall, holder, open drills, and the row.
    for (const [writes, count] of [
      [5, 1],
      [4, 0],
    ] as const) {
      const some = executeBlock(base, ctx, entries.slice(0, 1), { ...BUDGET, writes });
      expect(some.included).toHaveLength(count);
    }
    await node.close();
  });
});
