import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeHeader } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeClock } from '../engine/clock.ts';
import type { LedgerNode } from '../engine/node.ts';
import { accountTx, createWorld } from '../testing/world.ts';
import { createSolo } from './solo.ts';

const START_MS = 1_760_000_100_000;
const world = createWorld();
let directory = '';
let node: LedgerNode | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'suyuan-solo-'));
});
afterEach(async () => {
  await node?.close();
  await rm(directory, { recursive: true, force: true });
});

/** A clock that stands until it is moved. */
function handClock() {
  let now_ms = START_MS;
  const timers = new Map<object, { at_ms: number; callback: () => void }>();
  const clock: NodeClock & { set(at_ms: number): void } = {
    now_ms: () => now_ms,
    setTimer(callback, delay_ms) {
      const id = {};
      timers.set(id, { at_ms: now_ms + delay_ms, callback });
      return () => void timers.delete(id);
    },
    set(at_ms) {
      now_ms = at_ms;
      for (const [id, timer] of timers) {
        if (timer.at_ms > now_ms) continue;
        timers.delete(id);
        timer.callback();
      }
    },
  };
  return clock;
}

async function blockAfter(act: () => void): Promise<number> {
  const block = new Promise<number>((resolve) => {
    const stop = node!.subscribe(({ height }) => {
      stop();
      resolve(height);
    });
  });
  act();
  // The round that made the block has to end before the next can be due.
  const height = await block;
  await new Promise((resolve) => setImmediate(resolve));
  return height;
}

async function start(clock: NodeClock) {
  const { keys } = world;
  const consensus = createSolo({
    crypto: nodeCrypto,
    keys,
    minInterval_ms: 200,
    heartbeat_ms: 60_000,
  });
  node = await world.start({ directory, clock, consensus });
  return node;
}

test('blocks come when something waits, not closer than the interval, and as a heartbeat', async () => {
  const clock = handClock();
  await start(clock);
  expect(await blockAfter(() => clock.set(START_MS))).toBe(1);
  clock.set(START_MS + 59_999);
  expect(node!.height()).toBe(1);
  expect(await blockAfter(() => clock.set(START_MS + 60_000))).toBe(2);

  const receipt = node!.submit(accountTx(world, 'farm-1'));
  while (node!.totals().mempool === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.set(START_MS + 60_199);
  expect(node!.totals().mempool).toBe(1);
  clock.set(START_MS + 60_200);
  expect(await receipt).toMatchObject({ ok: true, height: 3, time_ms: START_MS + 60_200 });
});

test('a node that stood still makes its first block at once', async () => {
  const clock = handClock();
  await start(clock);
  await blockAfter(() => clock.set(START_MS));
  await node!.close();
  clock.set(START_MS + 3_600_000);
  await start(clock);
  expect(await blockAfter(() => clock.set(START_MS + 3_600_000))).toBe(2);
});

test('a clock that is set back neither stops the ledger nor its time', async () => {
  const clock = handClock();
  await start(clock);
  await blockAfter(() => clock.set(START_MS));
  clock.set(START_MS - 86_400_000);
  const receipt = node!.submit(accountTx(world, 'farm-1'));
  while (node!.totals().mempool === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.set(START_MS - 86_400_000 + 200);
  expect(await receipt).toMatchObject({ height: 2, time_ms: START_MS + 1 });
  expect(decodeHeader(node!.block(2)!.header).time_ms).toBe(START_MS + 1);
});

test('without the keys of a quorum it refuses to start and says how many it needs', async () => {
  const keys = new Map([...world.keys].slice(0, 2));
  const consensus = createSolo({ crypto: nodeCrypto, keys });
  await expect(world.start({ directory, consensus })).rejects.toMatchObject({
    code: 'consensus/no-quorum',
    details: { needed: 3, found: 2 },
  });
  // The directory is free again.
  node = await world.start({ directory });
});

test('a certificate without a quorum, or over another block, is not believed', async () => {
  const weak = (mangle: (bytes: Uint8Array) => Uint8Array) => ({
    ...nodeCrypto,
    sign: (secret: Parameters<typeof nodeCrypto.sign>[0], message: Uint8Array) =>
      nodeCrypto.sign(secret, mangle(message)),
  });
  const crypto = weak((message) =>
    message.map((byte, i) => (i === message.length - 1 ? byte ^ 1 : byte)),
  );
  const consensus = createSolo({ crypto, keys: world.keys, minInterval_ms: 0 });
  node = await world.start({ directory, consensus });
  await expect(node.submit(accountTx(world, 'farm-1'))).rejects.toMatchObject({
    code: 'node/stopped',
  });
  expect(node.failure()).toMatchObject({ cause: { code: 'certificate/bad-signature' } });
  expect(node.height()).toBe(0);
});
