import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesToHex } from '@suyuan/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accountTx, anchorTx, createWorld } from '../testing/world.ts';
import type { LedgerNode } from './node.ts';

const world = createWorld();
let root = '';
let directory = '';
const running: LedgerNode[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'suyuan-recovery-'));
  directory = join(root, 'node');
});
afterEach(async () => {
  for (const node of running.splice(0)) await node.close();
  await rm(root, { recursive: true, force: true });
});

async function start(at = directory, options: { reindex?: boolean } = {}): Promise<LedgerNode> {
  const node = await world.start({ directory: at, ...options });
  running.push(node);
  return node;
}

interface Seen {
  readonly stateRoot: string;
  readonly height: number;
}

/** A closed node's directory with some blocks, and what the node last said. */
async function filled(blocks = 6): Promise<Seen> {
  const node = await start();
  for (let i = 0; i < blocks; i++) {
    await Promise.all([
      node.submit(accountTx(world, `farm-${i}`)),
      node.submit(anchorTx(world, i)),
    ]);
  }
  await node.close();
  return seen(node);
}

function seen(node: LedgerNode): Seen {
  return { stateRoot: bytesToHex(node.stateRoot()), height: node.height() };
}

const file = (...names: string[]) => join(directory, ...names);

test('a restart goes on where it was', async () => {
  const before = await filled();
  const node = await start();
  expect(seen(node)).toEqual(before);
  expect(node.read('accounts/farm-3')).toBeDefined();
  expect((await node.submit(accountTx(world, 'farm-new'))).height).toBeGreaterThan(before.height);
});

test('killed at any moment: every receipt that was given still holds', async () => {
  const script = fileURLToPath(new URL('../testing/child-node.ts', import.meta.url));
  const given: string[] = [];
  for (let kills = 0; kills < 3; kills++) {
    const child = spawn(process.execPath, ['--import', 'tsx', script, join(root, `${kills}`)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.split('\n').length > 20 * (kills + 1)) child.kill('SIGKILL');
    });
    await once(child, 'close');
    given.push(...printed.trim().split('\n'));
    const node = await start(join(root, `${kills}`));
    for (const id of printed.trim().split('\n')) {
      expect(node.read(`accounts/${id}`), id).toBeDefined();
    }
    const after = createWorld({ firstKey: 1_000_000 });
    expect(await node.submit(accountTx(after, 'farm-after'))).toMatchObject({ ok: true });
  }
  expect(given.length).toBeGreaterThan(60);
});

test('state behind the log: the missing blocks are executed again', async () => {
  const first = await start();
  await first.submit(accountTx(world, 'farm-early'));
  await first.close();
  await cp(file('state'), join(root, 'old-state'), { recursive: true });
  const before = await filled();
  await rm(file('state'), { recursive: true });
  await cp(join(root, 'old-state'), file('state'), { recursive: true });
  expect(seen(await start())).toEqual(before);
});

test('state deleted: it is rebuilt, indexes included', async () => {
  const before = await filled();
  await rm(file('state'), { recursive: true });
  const node = await start();
  expect(seen(node)).toEqual(before);
  expect(node.anchorProof('gateway', 2, 6).length).toBe(3);
  expect(node.totals().transactions).toBe(12);
});

test.each([
  ['random bytes', (bytes: Buffer) => bytes.fill(0xa7)],
  ['half the file', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ['another file', () => Buffer.from('PK not LMDB at all'.repeat(1000))],
  ['a hole in the middle', (bytes: Buffer) => bytes.fill(0x55, 8192)],
])(
  'state damaged (%s): one clear error, and --reindex gives the same root',
  async (_name, damage) => {
    const before = await filled();
    const path = file('state', 'data.mdb');
    await writeFile(path, damage(await readFile(path)));
    await expect(start()).rejects.toMatchObject({
      code: 'state/damaged',
      message: expect.stringContaining('--reindex'),
    });
    expect(seen(await start(directory, { reindex: true }))).toEqual(before);
  },
);

test('a torn block log loses nothing that was committed before it', async () => {
  const before = await filled();
  const { size } = await stat(file('blocks.log'));
  // As a crash in the middle of appending the next block leaves it.
  await writeFile(file('blocks.log'), new Uint8Array(300).fill(9), { flag: 'a' });
  expect(seen(await start())).toEqual(before);
  expect((await stat(file('blocks.log'))).size).toBeLessThan(size + 300);
});

test('a block log that lost blocks is refused, and says by how many', async () => {
  const { height } = await filled();
  const { size } = await stat(file('blocks.log'));
  await truncate(file('blocks.log'), size - 40);
  await expect(start()).rejects.toMatchObject({
    code: 'node/log-behind-state',
    details: { state: height, log: height - 1 },
  });
});

test('damage inside the block log stops the node and touches nothing', async () => {
  await filled();
  const bytes = await readFile(file('blocks.log'));
  bytes[Math.floor(bytes.length / 2)]! ^= 0x10;
  await writeFile(file('blocks.log'), bytes);
  for (const reindex of [false, true]) {
    await expect(start(directory, { reindex })).rejects.toMatchObject({
      code: 'durable/damaged',
      message: expect.stringContaining('blocks.log'),
    });
  }
  expect(await readFile(file('blocks.log'))).toEqual(bytes);
});

test('a second node on the directory, and another genesis, are refused', async () => {
  await start();
  await expect(start()).rejects.toMatchObject({ code: 'durable/locked' });
  await running.pop()?.close();
  const other = createWorld({ name: 'another' });
  await expect(other.start({ directory })).rejects.toMatchObject({
    code: 'node/other-genesis',
    message: expect.stringContaining('genesis.cbor'),
  });
  expect((await start()).height()).toBeGreaterThan(0);
});

test('state that does not match the log is not served', async () => {
  await filled();
  await cp(file('state'), join(root, 'state-a'), { recursive: true });
  await rm(directory, { recursive: true });
  await filled(7);
  await rm(file('state'), { recursive: true });
  await cp(join(root, 'state-a'), file('state'), { recursive: true });
  await expect(start()).rejects.toMatchObject({
    code: 'node/state-diverged',
    message: expect.stringContaining('--reindex'),
  });
});

test('a node whose disk fails stops taking transactions and says so', async () => {
  const { createMemoryDisk } = await import('@suyuan/durable');
  const disk = createMemoryDisk(() => 0.5);
  const node = await world.start({ directory, disk });
  running.push(node);
  await node.submit(accountTx(world, 'farm-1'));
  disk.failNext('dataSync', 'EIO');
  const stopped = { code: 'node/stopped' };
  await expect(node.submit(accountTx(world, 'farm-2'))).rejects.toMatchObject(stopped);
  await expect(node.submit(accountTx(world, 'farm-3'))).rejects.toMatchObject(stopped);
  expect(node.failure()).toMatchObject({ ...stopped, cause: { code: 'durable/failed' } });
  expect(node.read('accounts/farm-2')).toBeUndefined();
});
