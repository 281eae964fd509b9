// Nodes over TLS on loopback: a ledger whose validators are not all those of its genesis any more, and newcomers that begin with a
// snapshot of it.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CborObject,
  type CborValue,
  decodeCbor,
  encodeCbor,
  encodeTx,
  publicKeyToValue,
  type SecretKey,
  signSeat,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { createTlsTransport, type PeerAddress, systemClock } from '@suyuan/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshSecret } from '../fresh-secret.ts';
import { makeGenesis, type OpenedGenesisFile } from '../genesis/make.ts';
import { foundMember, foundSigner } from '../genesis/member.ts';
import { SIGNER_FILES } from '../genesis/signer-directory.ts';
import { readKeyFile } from '../key-file.ts';
import { type NetworkNode, type NetworkNodeOptions, openNetworkNode } from './open.ts';
import { type HeldSigner, holdSigner } from './signer-lock.ts';
import type { SnapshotWish } from './snapshot.ts';

const ROLES = ['association', 'regulator', 'bureau', 'carrier'] as const;
const ROTATED = 'bureau';
const logger = { info() {}, warn() {}, error() {} };

let home = '';
let genesis: OpenedGenesisFile;
let peers: PeerAddress[] = [];
const nodes = new Map<string, NetworkNode>();
const held: HeldSigner[] = [];
let keys = 0;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'suyuan-join-'));
  const ports = await freePorts(ROLES.length);
  peers = ROLES.map((id, i) => ({ id, host: '127.0.0.1', port: ports[i]! }));
  const cards = [];
  for (const [i, id] of ROLES.entries()) {
    cards.push(
      await foundMember({
        ...{ id, role: id, nameZh: id, nameEn: id, profile: 'international' },
        ...{ address: `127.0.0.1:${ports[i]}`, out: join(home, id) },
      }),
    );
  }
  const facts = { name: 'test', time_ms: systemClock.now_ms(), profile: 'international' } as const;
  genesis = makeGenesis(facts, cards);
  await Promise.all(ROLES.map((id) => validator(id, id)));
  // One of them changes its key: a newcomer finds its old one in the genesis.
  const out = join(home, 'bureau-2');
  const secret = freshSecret('ed25519');
  await foundSigner(out, secret, ROTATED);
  const { key, proof } = signSeat(nodeCrypto, secret, { chainId: genesis.chainId, id: ROTATED });
  await submit(ROTATED, 'governance.rotate', { key: publicKeyToValue(key) as CborObject, proof });
  await register('farm-1');
  expect(status(ROTATED)).toMatchObject({
    voting: false,
    reason: { code: 'consensus/key-not-in-epoch' },
  });
  await nodes.get(ROTATED)!.close();
  await validator(ROTATED, 'bureau-2');
  await register('farm-2');
}, 60_000);

afterAll(async () => {
  await Promise.all([...nodes.values()].map((node) => node.close()));
  for (const signer of held) await signer.release();
  await rm(home, { recursive: true, force: true });
});

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((s) => new Promise((done) => s.once('listening', done))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

async function validator(id: string, folder: string, wish?: SnapshotWish): Promise<string[]> {
  const signer = await holdSigner(join(home, folder));
  held.push(signer);
  const listen = peers.find((peer) => peer.id === id)!;
  return open(id, { signer, listen }, wish);
}

/** What a person was told. */
async function open(
  name: string,
  parts: Partial<NetworkNodeOptions>,
  snapshot?: SnapshotWish,
): Promise<string[]> {
  const told: string[] = [];
  const node = await openNetworkNode({
    ...{ directory: join(home, name, 'data', 'ledger'), genesis, peers },
    ...{ signer: null, listen: null, crypto: nodeCrypto, clock: systemClock, logger },
    ...(snapshot === undefined ? {} : { snapshot }),
    tell: (text) => told.push(text),
    ...parts,
  });
  nodes.set(name, node);
  return told;
}

/** Validators keep few seats for the followers of one address, and here all are of one. */
async function leave(name: string): Promise<void> {
  await nodes.get(name)!.close();
  nodes.delete(name);
}

const nodeOf = (name: string) => nodes.get(name)!.node;
const status = (name: string) => nodes.get(name)!.consensus.status();

async function submit(signer: string, name: string, payload: CborObject): Promise<void> {
  const { secret } = await readKeyFile(join(home, signer, SIGNER_FILES.account));
  const idempotencyKey = new Uint8Array(16);
  idempotencyKey[15] = ++keys;
  const [module, action] = name.split('.') as [string, string];
  const { chainId } = genesis;
  const receipt = await nodeOf('association').submit(
    encodeTx(nodeCrypto, {
      ...{ secret, signer, chainId, module, action, payload, idempotencyKey },
      validUntilHeight: 1_000,
    }),
  );
  expect(receipt.code).toBe('');
}

async function register(id: string): Promise<void> {
  const { suite, bytes } = nodeCrypto.publicKeyOf(freshSecret('ed25519') satisfies SecretKey);
  const name = { zh: id, en: id };
  await submit('association', 'accounts.register', {
    ...{ id, roles: ['grower'], name, key: { suite, key: bytes } },
  });
}

/** Resolves when the node has the account. */
async function until(name: string, account: string): Promise<void> {
  const node = nodeOf(name);
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (node.read(`accounts/${account}`) === undefined) return;
      stop();
      resolve();
    };
    const stop = node.subscribe(look);
    look();
  });
}

test('a follower begins with the snapshot of a validator that the genesis does not know, and follows', async () => {
  const only = peers.filter(({ id }) => id === ROTATED);
  const told = await open('follower', { peers: only }, { always: true });
  const { height } = nodeOf('follower');
  const base = nodeOf('follower').base();
  expect(base).toBeGreaterThan(0);
  expect(height()).toBeGreaterThanOrEqual(base);
  expect(told[0]).toContain(`asks ${ROTATED}, which says it is at height`);
  expect(told.at(-1)).toMatch(/^snapshot of bureau taken in, 0\.0 MB, all of it verified: /);
  expect(nodeOf('follower').read('accounts/farm-2')).toBeDefined();
  expect(nodeOf('follower').epochs()).toHaveLength(1);
  await register('farm-3');
  await until('follower', 'farm-3');
  await nodes.get('follower')!.close();

  // It goes on from there, whatever is wished; only its state cannot be built again.
  expect(await open('follower', {}, { always: true })).toEqual([
    'there is a ledger here already: it goes on, no snapshot is needed',
  ]);
  expect(nodeOf('follower').base()).toBe(base);
  await nodes.get('follower')!.close();
  await expect(open('follower', { reindex: true })).rejects.toMatchObject({
    code: 'snapshot/other-base',
    message: expect.stringContaining(`founded on a snapshot at block ${base}`),
  });
  expect(await open('follower', {})).toEqual([]);
  expect(nodeOf('follower').base()).toBe(base);
}, 30_000);

test('a validator whose disk died votes again, with its key and its guard file', async () => {
  await nodes.get('carrier')!.close();
  const carrier = held.find(({ id }) => id === 'carrier')!;
  const listen = peers.find(({ id }) => id === 'carrier')!;
  await rm(join(home, 'carrier', 'data'), { recursive: true });
  const told = await open(
    'carrier',
    { signer: carrier, listen },
    { always: false, behind_blocks: 1 },
  );
  expect(told.at(-1)).toContain('all of it verified');
  expect(nodeOf('carrier').base()).toBeGreaterThan(1);
  expect(status('carrier')).toMatchObject({ self: 'carrier', epoch: 1, voting: true });
  // With another one away its vote is needed.
  await nodes.get('regulator')!.close();
  await register('farm-4');
  await until('carrier', 'farm-4');
}, 30_000);

test('a short ledger comes block by block unless a snapshot is asked for', async () => {
  expect(await open('second', {}, { always: false })).toEqual([]);
  await until('second', 'farm-2');
  expect(nodeOf('second').base()).toBe(0);
  expect(nodeOf('second').block(1)).toBeDefined();
  await leave('second');
}, 30_000);

/** Says that it is far ahead, and sends what is no snapshot. */
async function liar(id: string): Promise<{ peer: PeerAddress; stop(): Promise<void> }> {
  const secret = freshSecret('ed25519');
  const transport = createTlsTransport({
    self: {
      id,
      key: nodeCrypto.publicKeyOf(secret),
      signHandshake: (transcript) => nodeCrypto.sign(secret, transcript),
    },
    listen: { host: '127.0.0.1', port: 0 },
    ...{ peers: [], chainId: genesis.chainId, crypto: nodeCrypto, clock: systemClock, logger },
    random: () => 0,
  });
  const say = (peer: string, message: CborValue) =>
    void transport.send(peer, 'blocks', encodeCbor(message));
  await transport.start({
    onConnected: ({ id: peer }) => say(peer, ['status', 2 ** 40, new Uint8Array(32), 0, 0]),
    onDisconnected: () => {},
    onMessage(peer, _, bytes) {
      const [type, , index] = decodeCbor(bytes) as [string, number, number];
      if (type === 'get-piece') say(peer.id, ['piece', 1, index, Uint8Array.of(0xff)]);
    },
  });
  const { port } = transport.address()!;
  return { peer: { id, host: '127.0.0.1', port }, stop: () => transport.stop() };
}

test('a peer that lies is named, and another one gives what is true', async () => {
  const { peer, stop } = await liar('regulator');
  try {
    const mixed = peers.map((one) => (one.id === peer.id ? peer : one));
    for (let turn = 0; ; turn++) {
      const name = `third-${turn}`;
      const told = await open(name, { peers: mixed }, { always: true });
      expect(nodeOf(name).base()).toBeGreaterThan(0);
      await leave(name);
      // Whom it asks first is chance.
      const refusal = told.find((line) => line.includes('refused'));
      if (refusal === undefined) continue;
      expect(refusal).toContain('the snapshot of regulator is refused and nothing of it is kept');
      expect(refusal).toContain('(snapshot/malformed)');
      break;
    }
  } finally {
    await stop();
  }
}, 60_000);

test('where nobody tells the truth nothing is kept, and the ledger can begin otherwise', async () => {
  const { peer, stop } = await liar('regulator');
  try {
    await expect(open('fourth', { peers: [peer] }, { always: true })).rejects.toMatchObject({
      code: 'snapshot/no-peer',
      message: expect.stringContaining('snapshot/malformed'),
    });
    // Unasked, it goes on without.
    const told = await open('fourth', { peers: [peer] }, { always: false });
    expect(told.at(-1)).toBe('no snapshot could be had: the ledger comes block by block');
    expect(nodeOf('fourth').height()).toBe(0);
    await nodes.get('fourth')!.close();
  } finally {
    await stop();
  }
  await open('fourth', {});
  await until('fourth', 'farm-2');
  expect(nodeOf('fourth').base()).toBe(0);
}, 30_000);

test('one that is told to stop meanwhile stops, and keeps nothing', async () => {
  const controller = new AbortController();
  const attempt = open('fifth', { signal: controller.signal, peers: [] }, { always: true });
  controller.abort();
  await expect(attempt).rejects.toMatchObject({ code: 'snapshot/stopped' });
}, 30_000);
