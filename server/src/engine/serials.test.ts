import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  hiddenCommitment,
  leafHash,
  logRoot,
  profileHash,
  unitLeaf,
  verifyInclusion,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWorld, GTIN, seedLot } from '../testing/world.ts';
import type { LedgerNode } from './node.ts';

const world = createWorld();
const hash = profileHash(nodeCrypto, 'international');
const lot = 'LOT/1';
let directory = '';
let node: LedgerNode;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'suyuan-serials-'));
  node = await world.start({ directory });
  await seedLot(world, node, lot);
});
afterEach(async () => {
  await node.close();
  await rm(directory, { recursive: true, force: true });
});

const serialsOf = (count: number, prefix = 'S') =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const leafOf = (serial: string) => leafHash(hash, unitLeaf(GTIN, lot, serial));
const rootOf = (serials: readonly string[]) => logRoot(hash, serials.map(leafOf));

async function issue(batch: string, serials: readonly string[]): Promise<void> {
  const payload = {
    gtin: GTIN,
    lot,
    batch,
    root: rootOf(serials),
    count: serials.length,
    net: 100,
  };
  const receipt = await node.submit(world.sign('grower', 'labels.issue', payload));
  expect(receipt).toMatchObject({ ok: true });
}

function assertProven(batch: string, serials: readonly string[], index: number): void {
  const serial = serials[index]!;
  const unit = node.unitProof(GTIN, lot, serial)!;
  expect(unit).toMatchObject({ batch, index });
  verifyInclusion(hash, {
    index,
    size: serials.length,
    leaf: leafOf(serial),
    proof: unit.proof,
    root: rootOf(serials),
  });
}

test('a list that hashes to the issued root proves each of its units, after a reindex too', async () => {
  const serials = serialsOf(1000);
  await issue('B1', serials);
  await node.putSerials({ gtin: GTIN, lot, batch: 'B1', serials });
  await node.putSerials({ gtin: GTIN, lot, batch: 'B1', serials });
  for (const index of [0, 1, 255, 256, 257, 511, 998, 999]) assertProven('B1', serials, index);
  expect(node.unitProof(GTIN, lot, 'S1000')).toBeUndefined();
  expect(node.unitProof(GTIN, 'other', 'S1')).toBeUndefined();
  expect(node.unitProof(GTIN, lot, 'x'.repeat(5000))).toBeUndefined();
  await node.close();
  node = await world.start({ directory, reindex: true });
  assertProven('B1', serials, 700);
  expect((await readdir(join(directory, 'serials'))).length).toBe(1);
});

test('lists that are not the issued ones are refused and leave nothing', async () => {
  const serials = serialsOf(10);
  await issue('B1', serials);
  const put = (list: readonly string[], batch = 'B1') =>
    node.putSerials({ gtin: GTIN, lot, batch, serials: list });
  for (const list of [serials.slice(1), [...serials].reverse(), [...serials.slice(1), 'S9'], []]) {
    await expect(put(list)).rejects.toMatchObject({ code: 'labels/wrong-serials' });
  }
  await expect(put(serials, 'B2')).rejects.toMatchObject({ code: 'labels/unknown-batch' });
  expect(node.unitProof(GTIN, lot, 'S1')).toBeUndefined();
  await put(serials);
  assertProven('B1', serials, 9);
});

test('a list that is there already is known without hashing, and another in its place is refused', async () => {
  const serials = serialsOf(3000);
  await issue('B1', serials);
  await node.putSerials({ gtin: GTIN, lot, batch: 'B1', serials });
  const swapped = [...serials.slice(0, 2998), 'S2999', 'S2998'];
  for (const list of [swapped, serialsOf(3000, 'T'), serials.slice(1), [...serials, 'S3000']]) {
    await expect(
      node.putSerials({ gtin: GTIN, lot, batch: 'B1', serials: list }),
    ).rejects.toMatchObject({ code: 'labels/wrong-serials' });
  }
  await node.putSerials({ gtin: GTIN, lot, batch: 'B1', serials });
  assertProven('B1', serials, 2999);
});

test('other work gets its turns while a long list is taken in', async () => {
  const serials = serialsOf(10_000);
  await issue('B1', serials);
  for (const list of [[...serials].reverse(), serials, serials]) {
    let turns = 0;
    let done = false;
    const count = () => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    const put = node.putSerials({ gtin: GTIN, lot, batch: 'B1', serials: list });
    await put.then(
      () => {},
      () => {},
    );
    done = true;
    // At least one for each slice of hashes or reads.
    expect(turns).toBeGreaterThan(4);
  }
});

test('a serial stands for one unit of its lot', async () => {
  const [first, second] = [serialsOf(4), [...serialsOf(3, 'T'), 'S2']];
  await issue('B1', first);
  await issue('B2', second);
  await node.putSerials({ gtin: GTIN, lot, batch: 'B1', serials: first });
  await expect(
    node.putSerials({ gtin: GTIN, lot, batch: 'B2', serials: second }),
  ).rejects.toMatchObject({ code: 'labels/serial-taken', details: { serial: 'S2', batch: 'B1' } });
  assertProven('B1', first, 2);
});

test('a list of hidden codes needs their commitments and proves each with its unit, after a reindex too', async () => {
  const serials = serialsOf(9);
  const unitOf = (serial: string) => ({ gtin: GTIN, lot, serial });
  const commitments = serials.map((serial, i) =>
    hiddenCommitment(hash, unitOf(serial), `ABCDEFGHJKMN${i}`),
  );
  const leaves = serials.map((serial, i) =>
    leafHash(hash, unitLeaf(GTIN, lot, serial, commitments[i])),
  );
  const root = logRoot(hash, leaves);
  const payload = { gtin: GTIN, lot, batch: 'H1', root, count: 9, net: 100, hidden: true };
  expect(await node.submit(world.sign('grower', 'labels.issue', payload))).toMatchObject({
    ok: true,
  });
  const list = { gtin: GTIN, lot, batch: 'H1', serials };
  for (const given of [undefined, commitments.slice(1), [...commitments].reverse()]) {
    const hidden = given === undefined ? {} : { commitments: given };
    await expect(node.putSerials({ ...list, ...hidden })).rejects.toMatchObject({
      code: 'labels/wrong-serials',
    });
  }
  await node.putSerials({ ...list, commitments });
  await expect(
    node.putSerials({ ...list, commitments: [...commitments].reverse() }),
  ).rejects.toMatchObject({ code: 'labels/wrong-serials' });
  await node.close();
  node = await world.start({ directory, reindex: true });
  const unit = node.unitProof(GTIN, lot, 'S4');
  expect(unit).toMatchObject({ batch: 'H1', index: 4, hidden: commitments[4] });
  verifyInclusion(hash, { index: 4, size: 9, leaf: leaves[4]!, proof: unit!.proof, root });
});

test('commitments are refused where the batch has none', async () => {
  const serials = serialsOf(3);
  await issue('B1', serials);
  const commitments = serials.map(() => new Uint8Array(32));
  await expect(
    node.putSerials({ gtin: GTIN, lot, batch: 'B1', serials, commitments }),
  ).rejects.toMatchObject({ code: 'labels/wrong-serials' });
});
