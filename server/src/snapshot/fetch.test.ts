import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecretKey } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBlockSync } from '../consensus/sync/block-sync.ts';
import { SYNC_LIMITS } from '../consensus/sync/limits.ts';
import {
  decodeSyncMessage,
  encodeSyncMessage,
  type SyncMessage,
} from '../consensus/sync/messages.ts';
import { createFakeHost } from '../consensus/sync/testing/fake-host.ts';
import { createVirtualClock, type VirtualClock } from '../consensus/sync/testing/virtual-clock.ts';
import { createMemoryNetwork, type MemoryNetwork } from '../consensus/transport/memory.ts';
import type { Transport } from '../consensus/transport/port.ts';
import { silentLogger } from '../engine/logger.ts';
import type { LedgerNode } from '../engine/node.ts';
import { TABLES } from '../storage/database.ts';
import { readBase } from '../storage/founding.ts';
import { createMemoryDatabase } from '../storage/memory-database.ts';
import { accountTx, anchorTx, createWorld } from '../testing/world.ts';
import { exportSnapshot } from './export.ts';
import { type FetchParts, fetchSnapshot } from './fetch.ts';

const world = createWorld();
const NEWCOMER: SecretKey = { suite: 'ed25519', secret: new Uint8Array(32).fill(9) };
let home = '';
let source: LedgerNode;
let pieces: Uint8Array[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'suyuan-fetch-'));
  source = await world.start({ directory: home });
  await Promise.all(
    Array.from({ length: 300 }, (_, i) => source.submit(accountTx(world, `a-${i}`))),
  );
  for (let batch = 0; batch < 5; batch++) await source.submit(anchorTx(world, batch));
  const held = source.hold();
  pieces = [...exportSnapshot(held)];
  held.release();
});
afterAll(async () => {
  await source.close();
  await rm(home, { recursive: true, force: true });
});

interface Net {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly stops: (() => Promise<void>)[];
}

function net(): Net {
  const network = createMemoryNetwork({
    defer: (run) => void setImmediate(run),
    logger: silentLogger,
  });
  return { clock: createVirtualClock(), network, stops: [] };
}

function joined(of: Net, id: string): Transport {
  const secret = world.keys.get(id) ?? { ...NEWCOMER, secret: sha(id) };
  return of.network.join({ key: nodeCrypto.publicKeyOf(secret) });
}

function sha(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

/** A node that has the ledger and serves it. */
async function honest(of: Net, id: string): Promise<void> {
  const transport = joined(of, id);
  const host = { ...createFakeHost(of.clock), hold: () => source.hold() };
  host.head = () => ({
    height: source.height(),
    blockHash: sha('x'),
    time_ms: 1,
    certificate: null,
  });
  const sync = createBlockSync({
    host,
    send: (peer, message) => transport.send(peer, 'blocks', message),
    peers: transport.peers,
    blame: transport.blame,
    random: () => 0,
    onTaken: () => {},
  });
  await transport.start({
    onConnected: sync.onConnected,
    onDisconnected: sync.onDisconnected,
    onMessage: (peer, _, message) => sync.onMessage(peer, message),
  });
  of.stops.push(sync.stop, transport.stop);
}

/** A peer that answers as the test says. */
async function liar(
  of: Net,
  id: string,
  answer: (message: SyncMessage) => SyncMessage | undefined,
  delay_ms = 0,
): Promise<SyncMessage[]> {
  const transport = joined(of, id);
  const heard: SyncMessage[] = [];
  const say = (peer: string, message: SyncMessage) =>
    void transport.send(peer, 'blocks', encodeSyncMessage(message));
  await transport.start({
    onConnected: ({ id: peer }) =>
      say(peer, { type: 'status', height: 2 ** 53 - 1, blockHash: sha(id), epoch: 0, base: 0 }),
    onDisconnected: () => {},
    onMessage(peer, _, bytes) {
      const message = decodeSyncMessage(bytes);
      heard.push(message);
      const back = answer(message);
      if (back === undefined) return;
      if (delay_ms === 0) say(peer.id, back);
      else of.clock.setTimer(() => say(peer.id, back), delay_ms);
    },
  });
  of.stops.push(transport.stop);
  return heard;
}

async function run(of: Net, more: Partial<FetchParts> = {}) {
  const done = await fetchOnce(of, 'newcomer', more);
  await ended(of);
  return done;
}

async function ended(of: Net): Promise<void> {
  for (const stop of of.stops) await stop();
  await of.clock.pass(0);
  expect(of.clock.timers).toBe(0);
}

async function fetchOnce(of: Net, name: string, more: Partial<FetchParts> = {}) {
  const memory = createMemoryDatabase();
  const db = memory.open();
  let outcome: PromiseSettledResult<unknown> | undefined;
  void Promise.allSettled([
    fetchSnapshot({
      transport: joined(of, name),
      db,
      genesis: world.genesis,
      crypto: nodeCrypto,
      clock: of.clock,
      logger: silentLogger,
      random: () => 0,
      ...more,
    }),
  ]).then(([settled]) => {
    outcome = settled;
  });
  for (let i = 0; i < 2_000 && outcome === undefined; i++) await of.clock.pass(500);
  return { outcome, db };
}

const isEmpty = (db: Awaited<ReturnType<typeof run>>['db']) =>
  TABLES.every((table) => db.keys(table, Uint8Array.of(0), Uint8Array.of(0xff), 1).length === 0);

test('a new node is founded on what a peer serves', async () => {
  const of = net();
  await honest(of, 'bureau');
  const { outcome, db } = await run(of);
  expect(outcome).toMatchObject({ status: 'fulfilled', value: { height: source.height() } });
  expect(readBase(db)).toBe(source.height());
});

const lies: [string, (message: SyncMessage) => SyncMessage | undefined][] = [
  ['says nothing', () => undefined],
  [
    'refuses',
    (m) =>
      m.type === 'get-piece' ? { type: 'piece', id: m.id, index: m.index, piece: null } : undefined,
  ],
  [
    'sends bytes',
    (m) =>
      m.type === 'get-piece'
        ? { type: 'piece', id: 1, index: m.index, piece: Uint8Array.of(0xff) }
        : undefined,
  ],
  [
    'breaks off',
    (m) =>
      m.type === 'get-piece'
        ? { type: 'piece', id: 1, index: m.index, piece: m.index < 2 ? pieces[m.index]! : null }
        : undefined,
  ],
  [
    'begins again and again',
    (m) =>
      m.type === 'get-piece'
        ? { type: 'piece', id: 1, index: m.index, piece: pieces[m.index % 2]! }
        : undefined,
  ],
];
test.each(lies)('one who %s is passed over', async (_, answer) => {
  const of = net();
  const heard = await liar(of, 'association', answer);
  await honest(of, 'bureau');
  const { outcome, db } = await run(of);
  expect(outcome).toMatchObject({ status: 'fulfilled', value: { height: source.height() } });
  expect(readBase(db)).toBe(source.height());
  expect(heard.some(({ type }) => type === 'get-piece')).toBe(true);
});

test.each(lies)('and where all are such: one who %s, nothing is kept', async (_, answer) => {
  const of = net();
  await liar(of, 'association', answer);
  const { outcome, db } = await run(of);
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'snapshot/no-peer' } });
  expect(isEmpty(db)).toBe(true);
});

test('one who is done makes room for the next at once', async () => {
  const of = net();
  await honest(of, 'bureau');
  for (let i = 0; i < SYNC_LIMITS.snapshots + 2; i++) {
    const { outcome } = await fetchOnce(of, `newcomer-${i}`);
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { height: source.height() } });
  }
  await ended(of);
});

test('one who is told to stop stops, before and meanwhile, and keeps nothing', async () => {
  for (const after of [0, 1, 3]) {
    const of = net();
    const controller = new AbortController();
    let taken = 0;
    if (after === 0) controller.abort();
    await honest(of, 'bureau');
    const { outcome, db } = await run(of, {
      signal: controller.signal,
      onEvent({ type }) {
        if (type === 'taken') taken += 1;
        if (taken === after) controller.abort();
      },
    });
    expect(taken).toBeLessThanOrEqual(after);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'snapshot/stopped' } });
    expect(isEmpty(db)).toBe(true);
  }
});

test('one that gives a little at a time does not hold up the node for ever', async () => {
  const of = net();
  const slowly = (m: SyncMessage): SyncMessage | undefined =>
    m.type === 'get-piece'
      ? { type: 'piece', id: 1, index: m.index, piece: pieces[m.index]! }
      : undefined;
  await liar(of, 'association', slowly, 6_000);
  const codes: string[] = [];
  const { outcome, db } = await run(of, {
    limits: { slow_ms: 10_000, least_bytes_per_s: 1_000_000 },
    onEvent(event) {
      if (event.type === 'refused') codes.push(event.error.code);
    },
  });
  expect(codes).toEqual(['snapshot/too-slow']);
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'snapshot/no-peer' } });
  expect(isEmpty(db)).toBe(true);
});

test('without peers it says so', async () => {
  const { outcome, db } = await run(net());
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'snapshot/no-peer' } });
  expect(isEmpty(db)).toBe(true);
});

test('a short chain is followed block by block', async () => {
  const of = net();
  await honest(of, 'bureau');
  const { outcome, db } = await run(of, { behind_blocks: 1_000_000 });
  expect(outcome).toEqual({ status: 'fulfilled', value: undefined });
  expect(isEmpty(db)).toBe(true);
});
