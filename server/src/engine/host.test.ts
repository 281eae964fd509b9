// The consensus port as a later engine will use it: a node that follows another one block by block.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Block,
  decodeHeader,
  encodeHeader,
  type Header,
  leafHash,
  logRoot,
} from '@suyuan/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Consensus, ConsensusHost } from '../consensus/port.ts';
import { accountTx, anchorTx, createWorld, GTIN, PLOT, seedLot } from '../testing/world.ts';
import type { LedgerNode } from './node.ts';

const world = createWorld();
let root = '';
let leader: LedgerNode;
let follower: LedgerNode;
let host: ConsensusHost;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'suyuan-host-'));
  const consensus: Consensus = {
    async start(given) {
      host = given;
    },
    async stop() {},
  };
  leader = await world.start({ directory: join(root, 'leader') });
  follower = await world.start({ directory: join(root, 'follower'), consensus });
});
afterEach(async () => {
  await leader.close();
  await follower.close();
  await rm(root, { recursive: true, force: true });
});

async function follow(block: Block): Promise<void> {
  const { blockHash } = await host.validate(block.header, block.txs);
  await host.commit(blockHash, block.certificate);
}

async function followAll(): Promise<void> {
  while (follower.height() < leader.height()) await follow(leader.block(follower.height() + 1)!);
}

test('a follower gets to the same state, and its waiting transactions are answered', async () => {
  const tx = accountTx(world, 'farm-1');
  const waiting = follower.submit(tx);
  await leader.submit(tx);
  await leader.submit(anchorTx(world, 0));
  while (host.pending() === 0) await new Promise((resolve) => setImmediate(resolve));
  await followAll();
  expect(follower.stateRoot()).toEqual(leader.stateRoot());
  expect(await waiting).toMatchObject({ ok: true });
  expect(host.pending()).toBe(0);
});

test('a header with any field changed, or other transactions, is not followed', async () => {
  await leader.submit(accountTx(world, 'farm-1'));
  await followAll();
  await leader.submit(accountTx(world, 'farm-3'));
  const block = leader.block(leader.height())!;
  const header = decodeHeader(block.header);
  const other = new Uint8Array(32).fill(7);
  const changes: Partial<Header>[] = [
    { chainId: other },
    { height: header.height + 1 },
    { previous: other },
    { time_ms: 1 },
    { proposer: 'grower' },
    { txRoot: other },
    { receiptRoot: other },
    { stateRoot: other },
    { validators: other },
    { nextValidators: other },
    { rules: header.rules + 1 },
  ];
  for (const change of changes) {
    const code = change.previous === undefined ? 'ledger/bad-block' : 'ledger/unknown-parent';
    await expect(
      host.validate(encodeHeader({ ...header, ...change }), block.txs),
    ).rejects.toMatchObject({ code });
  }
  for (const txs of [[], [...block.txs, ...block.txs]]) {
    await expect(host.validate(block.header, txs)).rejects.toMatchObject({
      code: 'ledger/bad-block',
    });
  }
  const { blockHash } = await host.validate(block.header, block.txs);
  await expect(host.commit(blockHash, leader.block(1)!.certificate)).rejects.toMatchObject({
    code: 'certificate/other-block',
  });
  await follow(block);
  expect(follower.stateRoot()).toEqual(leader.stateRoot());
  // What it stood upon is passed.
  await expect(host.validate(block.header, block.txs)).rejects.toMatchObject({
    code: 'ledger/unknown-parent',
  });
  // And to commit it again changes nothing.
  await host.commit(blockHash, block.certificate);
  expect(follower.height()).toBe(leader.height());
});

test('what expires while it waits is told so at the block that makes it too late, and nothing else is', async () => {
  await followAll();
  const next = follower.height() + 1;
  const frozen = { id: 'grower', status: 'frozen' };
  const late = follower.submit(
    world.sign('regulator', 'accounts.set-status', frozen, { validUntilHeight: next }),
  );
  const good = follower.submit(accountTx(world, 'farm-9'));
  while (host.pending() < 2) await new Promise((resolve) => setImmediate(resolve));
  await leader.submit(accountTx(world, 'farm-2'));
  const refused = expect(late).rejects.toMatchObject({ code: 'tx/expired' });
  await followAll();
  await refused;
  const { blockHash: parent, time_ms } = host.head();
  const block = host.propose({ parent, proposer: 'carrier', time_ms: time_ms + 1 });
  expect(block.txs.length).toBe(1);
  expect(host.pending()).toBe(1);
  const stopped = expect(good).rejects.toMatchObject({ code: 'node/stopped' });
  await follower.close();
  await stopped;
});

test('a block takes no more writes than it may, and what it leaves out is too much for every node', async () => {
  const INPUTS = 64;
  const MIXES = 60;
  await seedLot(world, leader, 'SEED');
  const numbers = Array.from({ length: INPUTS }, (_, n) => `L${n}`);
  await Promise.all(
    numbers.map((lot) =>
      leader.submit(
        world.sign('grower', 'lots.harvest', { gtin: GTIN, lot, place: PLOT, amount: 1_000 }),
      ),
    ),
  );
  await followAll();
  const mixes = Array.from({ length: MIXES }, (_, mix) =>
    world.sign('grower', 'lots.transform', {
      inputs: numbers.map((lot) => ({ gtin: GTIN, lot, amount: 1 })),
      outputs: [{ gtin: GTIN, lot: `M${mix}`, amount: 1 }],
      place: PLOT,
      process: 'mill',
    }),
  );
  const settled = Promise.allSettled(mixes.map((tx) => follower.submit(tx)));
  for (let turns = 0; host.pending() < MIXES && turns < 10_000; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { blockHash: parent, time_ms } = host.head();
  const block = host.propose({ parent, proposer: 'carrier', time_ms: time_ms + 1 });
  expect(block.txs.length).toBeGreaterThan(10);
  expect(block.txs.length).toBeLessThan(MIXES);
  const again = await host.validate(block.headerBytes, block.txs);
  expect(again.blockHash).toEqual(block.blockHash);
  const next = mixes.find((tx) => !block.txs.some((taken) => Buffer.compare(taken, tx) === 0))!;
  const more = [...block.txs, next];
  const leaves = more.map((tx) => leafHash(host.hash, tx));
  const txRoot = logRoot(host.hash, leaves);
  const header = encodeHeader({ ...decodeHeader(block.headerBytes), txRoot });
  await expect(host.validate(header, more)).rejects.toMatchObject({
    code: 'ledger/bad-block',
    details: { code: 'ledger/block-too-large' },
  });
  await follower.close();
  expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
});
