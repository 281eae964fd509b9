import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  anchorLogKey,
  type BlockNotice,
  decodeAnchor,
  decodeCertificate,
  decodeHeader,
  leafHash,
  profileHash,
  toAnchorLog,
  trustGenesis,
  verifyAbsence,
  verifyHeader,
  verifyInclusion,
  verifyPresence,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Consensus } from '../consensus/port.ts';
import { createSolo } from '../consensus/solo.ts';
import { accountTx, anchorTx, createWorld, GTIN } from '../testing/world.ts';
import type { LedgerNode } from './node.ts';

let directory = '';
let node: LedgerNode | undefined;
const world = createWorld();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'suyuan-node-'));
});
afterEach(async () => {
  await node?.close();
  node = undefined;
  await rm(directory, { recursive: true, force: true });
});

test.each(['international', 'guomi'] as const)(
  '%s: what a node serves verifies from the genesis',
  async (profile) => {
    const own = createWorld({ profile });
    node = await own.start({ directory });
    const hash = profileHash(nodeCrypto, profile);
    const receipt = await node.submit(accountTx(own, 'farm-1'));
    expect(receipt).toMatchObject({ ok: true, code: '' });
    expect(node.receipt(receipt.txId)).toEqual(receipt);
    expect(node.read('accounts/farm-1')).toMatchObject({ id: 'farm-1', status: 'active' });

    const keys = ['accounts/farm-1', 'accounts/nobody'];
    const { header, certificate, entries } = node.proveKeys(keys);
    const { trusted } = trustGenesis(nodeCrypto, node.genesis, own.chainId);
    const { stateRoot, height } = verifyHeader(nodeCrypto, trusted, { header, certificate });
    expect(height).toBe(node.height());
    expect(stateRoot).toEqual(node.stateRoot());
    verifyPresence(hash, stateRoot, keys[0]!, entries[0]!.value!, entries[0]!.proof);
    expect(entries[1]!.value).toBeNull();
    verifyAbsence(hash, stateRoot, keys[1]!, entries[1]!.proof);

    const view = node.transaction(receipt.txId)!;
    const block = decodeHeader(node.block(view.height)!.header);
    for (const [root, leaf, proof] of [
      [block.txRoot, view.tx, view.txProof],
      [block.receiptRoot, view.receipt, view.receiptProof],
    ] as const) {
      const { index, count: size } = view;
      verifyInclusion(hash, { index, size, leaf: leafHash(hash, leaf), proof, root });
    }
  },
);

test('submitting again gives the same receipt, waiting or committed', async () => {
  node = await world.start({ directory });
  const tx = accountTx(world, 'farm-1');
  const [first, second] = await Promise.all([node.submit(tx), node.submit(tx)]);
  expect(second).toEqual(first);
  expect(await node.submit(tx)).toEqual(first);
  expect(node.totals()).toEqual({ transactions: 1, mempool: 0 });
});

describe('refused before any block', () => {
  const farm = { id: 'x1', roles: ['grower'], name: { zh: 'x', en: 'x' }, key: {} };
  const stranger = world.keys.get('grower')!;
  test.each([
    [
      'tx/unknown-signer',
      () => world.sign('nobody', 'accounts.register', farm, { secret: stranger }),
    ],
    [
      'tx/bad-signature',
      () => world.sign('association', 'accounts.register', farm, { secret: stranger }),
    ],
    [
      'tx/other-chain',
      () => world.sign('association', 'accounts.register', farm, { chainId: new Uint8Array(32) }),
    ],
    [
      'tx/expired',
      () => world.sign('association', 'accounts.register', farm, { validUntilHeight: 0 }),
    ],
    [
      'tx/valid-too-long',
      () => world.sign('association', 'accounts.register', farm, { validUntilHeight: 20_000 }),
    ],
    ['rules/unknown-module', () => world.sign('association', 'nothing.register', farm)],
    ['rules/unknown-action', () => world.sign('association', 'accounts.nothing', farm)],
    [
      'rules/bad-payload',
      () => world.sign('association', 'accounts.register', { ...farm, extra: 1 }),
    ],
    ['anchors/out-of-order', () => anchorTx(world, 7)],
    ['cbor/', () => new Uint8Array([1, 2, 3])],
    ['tx/too-large', () => new Uint8Array(70_000)],
  ])('%s', async (code, make) => {
    node = await world.start({ directory });
    await expect(node.submit(make())).rejects.toMatchObject({
      name: 'AppError',
      code: expect.stringContaining(code),
    });
    expect(node.totals()).toEqual({ transactions: 0, mempool: 0 });
  });
});

/** Makes blocks only while at least `count` transactions wait. */
function gated(count: number): Consensus {
  const solo = createSolo({ crypto: nodeCrypto, keys: world.keys, minInterval_ms: 0 });
  return {
    start: (host) =>
      solo.start({ ...host, pending: () => (host.pending() >= count ? host.pending() : 0) }),
    stop: solo.stop,
  };
}

async function waiting(count: number): Promise<void> {
  while (node!.totals().mempool < count) await new Promise((resolve) => setImmediate(resolve));
}

test('an idempotency key is used once, whether the first use waits or is committed', async () => {
  node = await world.start({ directory, consensus: gated(2) });
  const make = (id: string) => {
    const name = { zh: id, en: id };
    const payload = { gtin: GTIN, name, category: 'food', regime: 'none', unit: 'g' };
    return world.sign('association', 'products.register', payload, { key: 999 });
  };
  const first = node.submit(make('a'));
  await waiting(1);
  await expect(node.submit(make('b'))).rejects.toMatchObject({ code: 'tx/duplicate-key' });
  await Promise.all([first, node.submit(accountTx(world, 'farm-1'))]);
  await expect(node.submit(make('c'))).rejects.toMatchObject({ code: 'tx/duplicate-key' });
});

test('a copy with a broken signature does not stand in the way of the true one', async () => {
  node = await world.start({ directory });
  const tx = accountTx(world, 'farm-1');
  const broken = tx.slice();
  broken[broken.length - 1]! ^= 1;
  const [bad, good] = await Promise.allSettled([node.submit(broken), node.submit(tx)]);
  expect(bad).toMatchObject({ reason: { code: 'tx/bad-signature' } });
  expect(good).toMatchObject({ value: { ok: true } });
});

test('of two that exclude each other the later fails in its block, with its code', async () => {
  node = await world.start({ directory, consensus: gated(2) });
  const first = node.submit(accountTx(world, 'same'));
  await waiting(1);
  const receipts = await Promise.all([first, node.submit(accountTx(world, 'same'))]);
  expect(receipts.map(({ ok }) => ok)).toEqual([true, false]);
  expect(receipts[1]?.code).toMatch(/^accounts\//);
  expect(receipts[1]?.height).toBe(receipts[0]?.height);
});

test('the mempool is bounded; what is refused can be sent again', async () => {
  const mempool = { perSigner: 2 };
  node = await world.start({ directory, mempool, consensus: gated(3) });
  const given = ['a1', 'a2'].map((id) => node!.submit(accountTx(world, id)));
  await waiting(2);
  const third = accountTx(world, 'a3');
  await expect(node.submit(third)).rejects.toMatchObject({ code: 'tx/too-many-waiting' });
  const receipts = await Promise.all([...given, node.submit(anchorTx(world, 0))]);
  expect(receipts.every(({ ok }) => ok)).toBe(true);
  const again = Promise.all([third, anchorTx(world, 1), seed()].map((tx) => node!.submit(tx)));
  expect((await again).every(({ ok }) => ok)).toBe(true);
});

const seed = () =>
  world.sign('association', 'products.register', {
    gtin: GTIN,
    name: { zh: 'x', en: 'x' },
    category: 'food',
    regime: 'none',
    unit: 'g',
  });

test('anchors: every leaf proves against the root of its time and of every later one', async () => {
  node = await world.start({ directory });
  const hash = profileHash(nodeCrypto, 'international');
  const roots: Uint8Array[] = [];
  for (let batch = 0; batch < 9; batch++) {
    await node.submit(anchorTx(world, batch));
    roots.push(toAnchorLog(node.read(anchorLogKey('gateway'))!).root);
  }
  for (let size = 1; size <= 9; size++) {
    for (let index = 0; index < size; index++) {
      const bytes = node.anchorLeaf('gateway', index)!;
      expect(decodeAnchor(bytes).batch).toBe(index);
      const proof = node.anchorProof('gateway', index, size);
      const leaf = leafHash(hash, bytes);
      verifyInclusion(hash, { index, size, leaf, proof, root: roots[size - 1]! });
    }
  }
  expect(node.anchorLeaf('gateway', 9)).toBeUndefined();
  expect(() => node!.anchorProof('gateway', 3, 10)).toThrow(
    expect.objectContaining({ code: 'merkle/missing-node' }),
  );
});

test('subscribers hear of every block and its keys; one that throws disturbs none', async () => {
  node = await world.start({ directory });
  const notices: BlockNotice[] = [];
  node.subscribe(() => {
    throw new Error('mine');
  });
  const stop = node.subscribe((notice) => notices.push(notice));
  const { height, time_ms } = await node.submit(accountTx(world, 'farm-1'));
  const notice = notices.find((n) => n.height === height);
  expect(notice?.time_ms).toBe(time_ms);
  expect(notice?.changedKeys).toContain('accounts/farm-1');
  stop();
  const heard = notices.length;
  await node.submit(accountTx(world, 'farm-2'));
  expect(notices.length).toBe(heard);
});

test('state keys are listed by prefix, in pages', async () => {
  node = await world.start({ directory });
  for (const id of ['farm-b', 'farm-a', 'farm-c']) await node.submit(accountTx(world, id));
  const prefix = 'accounts/farm-';
  expect(node.keys(prefix, { limit: 2 })).toEqual(['accounts/farm-a', 'accounts/farm-b']);
  expect(node.keys(prefix, { after: 'accounts/farm-b', limit: 2 })).toEqual(['accounts/farm-c']);
  expect(node.keys('nothing/', { limit: 2 })).toEqual([]);
});

test('blocks link, their times ascend, and the signers go around', async () => {
  node = await world.start({ directory });
  for (let i = 0; i < 8; i++) await node.submit(accountTx(world, `farm-${i}`));
  const proposers = new Set<string>();
  const absent = new Set<string>();
  for (let height = 2; height <= node.height(); height++) {
    const header = decodeHeader(node.block(height)!.header);
    const before = decodeHeader(node.block(height - 1)!.header);
    expect(header.time_ms).toBeGreaterThan(before.time_ms);
    proposers.add(header.proposer);
    const { signatures } = decodeCertificate(node.block(height)!.certificate);
    expect(signatures.length).toBe(3);
    absent.add([0, 1, 2, 3].filter((i) => !signatures.some((s) => s.validator === i)).join());
  }
  expect(proposers.size).toBe(4);
  expect(absent.size).toBe(4);
});
