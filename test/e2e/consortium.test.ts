// Four organisations that found a ledger with the commands, as processes that know of each other by TLS alone: what one is told the
// others have, one may die, and whatever is wrong with files and keys is said in words.

import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spawnSuyuan, type WatchedProcess } from './support/child.ts';
import { suyuan, suyuanOk } from './support/cli.ts';
import { eventually } from './support/eventually.ts';
import { createTempDir } from './support/paths.ts';

const IDS = ['association', 'bureau', 'carrier', 'regulator'] as const;
type Id = (typeof IDS)[number];

const temp = createTempDir();
const file = (...names: readonly string[]): string => join(temp.path, ...names);
const ports = new Map<string, { readonly peer: number; readonly http: number }>();
const running = new Map<string, WatchedProcess>();

interface NodeStatus {
  readonly chain: { readonly height: number };
  readonly consensus: readonly {
    readonly epoch: number;
    readonly voting: boolean;
    readonly peers: readonly string[];
    readonly reason: { readonly code: string } | null;
  }[];
}

const url = (id: string): string => `http://127.0.0.1:${ports.get(id)?.http}`;

async function statusOf(id: string): Promise<NodeStatus | undefined> {
  try {
    return (await (await fetch(`${url(id)}/api/v1/status`)).json()) as NodeStatus;
  } catch {
    return undefined;
  }
}

function start(id: Id, over: { genesis?: string; node?: string; signer?: string } = {}): void {
  const { peer = 0, http = 0 } = ports.get(id) ?? {};
  running.set(
    id,
    spawnSuyuan([
      ...['validator', 'run', '--directory', over.node ?? file(id, 'node')],
      ...['--signer', over.signer ?? file(id, 'signer')],
      ...['--genesis', over.genesis ?? file('genesis.cbor'), '--peers', file('peers.json')],
      ...['--listen', `127.0.0.1:${peer}`, '--http', String(http)],
    ]),
  );
}

/** Until the node says so. */
function once(id: string, is: (status: NodeStatus) => boolean): Promise<NodeStatus> {
  return eventually(async () => {
    const status = await statusOf(id);
    return status !== undefined && is(status) ? status : undefined;
  });
}

/** The bureau admits an account through one node; resolves with the block. */
async function register(id: string, at: Id): Promise<number> {
  const key = file(`${id}.json`);
  const made = await suyuanOk(['key', 'new', '--suite', 'ed25519', '--out', key]);
  expect(made.stderr).toBe('');
  const { publicKey } = JSON.parse(readFileSync(key, 'utf8'));
  const payload = {
    ...{ id, roles: ['grower'], name: { zh: '种植户', en: 'Grower' } },
    key: { suite: 'ed25519', key: publicKey },
  };
  writeFileSync(file('payload.json'), JSON.stringify(payload));
  const { stdout } = await suyuanOk([
    ...['tx', 'submit', '--key', file('bureau', 'signer', 'account.key.json'), '--json'],
    ...['--module', 'accounts', '--action', 'register', '--payload', file('payload.json')],
    ...['--server', url(at)],
  ]);
  return JSON.parse(stdout).height;
}

function knows(at: Id, account: string): Promise<true> {
  return eventually(async () => {
    try {
      return (await fetch(`${url(at)}/api/v1/accounts/${account}`)).ok ? true : undefined;
    } catch {
      return undefined;
    }
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  const found = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(
    servers.map((server) => new Promise<void>((done) => server.close(() => done()))),
  );
  return found;
}

beforeAll(async () => {
  const free = await freePorts(2 * IDS.length);
  for (const [i, id] of IDS.entries()) {
    ports.set(id, { peer: free[2 * i] ?? 0, http: free[2 * i + 1] ?? 0 });
  }
  await Promise.all(
    IDS.map(async (id) => {
      mkdirSync(file(id));
      await suyuanOk([
        ...['genesis', 'key', '--id', id, '--role', id, '--name-zh', '机构', '--name-en', id],
        ...['--address', `127.0.0.1:${ports.get(id)?.peer}`, '--profile', 'international'],
        ...['--out', file(id, 'signer')],
      ]);
    }),
  );
  const make = (out: string, time: string) =>
    suyuanOk([
      ...['genesis', 'make', '--name', 'trial', '--time', time, '--profile', 'international'],
      ...['--out', out, ...IDS.map((id) => file(id, 'signer', `${id}.card.json`))],
    ]);
  await make(file('genesis.cbor'), '2026-11-01T00:00:00Z');
  await make(file('other.cbor'), '2026-11-01T00:00:01Z');
  for (const id of IDS) start(id);
  for (const id of IDS) await once(id, ({ consensus }) => consensus[0]?.peers.length === 3);
}, 240_000);

afterAll(async () => {
  for (const child of running.values()) await child.kill('SIGKILL');
  temp.remove();
});

test('what one is told the others have', async () => {
  await register('grower-1', 'carrier');
  for (const id of IDS) await knows(id, 'grower-1');
  const { stdout } = await suyuanOk(['validator', 'status', '--server', url('bureau')]);
  expect(stdout).toMatch(
    /node {7}bureau: votes\nepoch {6}0, slot \d+, led by \w+\nquorum {5}3 of 4/,
  );
  const readings = await fetch(`${url('bureau')}/api/v1/devices/d-0001/readings`);
  expect(readings.ok).toBe(false);
}, 120_000);

test('with one killed it goes on, and the one comes back by itself', async () => {
  await running.get('carrier')?.kill('SIGKILL');
  await register('grower-2', 'bureau');
  for (const id of ['association', 'bureau', 'regulator'] as const) await knows(id, 'grower-2');
  start('carrier');
  await knows('carrier', 'grower-2');
  await once('carrier', ({ consensus }) => consensus[0]?.voting === true);
}, 120_000);

test('a genesis that differs by one byte is told on both sides, a key used twice too', async () => {
  await running.get('carrier')?.kill();
  start('carrier', { genesis: file('other.cbor'), node: file('carrier', 'other') });
  await running.get('carrier')?.seen(/another\s+genesis\s+file\.\s+\(peer\/other-chain\)/);
  await running.get('bureau')?.seen(/another\s+genesis\s+file\.\s+\(peer\/other-chain\)/);
  await running.get('carrier')?.kill();

  const diff = await suyuan(['genesis', 'diff', file('genesis.cbor'), file('other.cbor')]);
  expect(diff.code).toBe(1);
  expect(diff.stdout).toContain('2026-11-01T00:00:00.000Z | 2026-11-01T00:00:01.000Z');

  // The same folder twice on one machine, and a copy of it as on another one.
  start('carrier');
  await once('carrier', ({ consensus }) => consensus[0]?.peers.length === 3);
  const again = await suyuan([
    ...['validator', 'run', '--directory', file('carrier', 'again')],
    ...['--signer', file('carrier', 'signer'), '--genesis', file('genesis.cbor')],
    ...['--peers', file('peers.json')],
  ]);
  expect(again.stderr).toMatch(/^suyuan: a validator votes with the key in .* already: .*\n$/);
  expect(again.code).toBe(1);
  cpSync(file('carrier', 'signer'), file('carrier', 'copy'), { recursive: true });
  rmSync(file('carrier', 'copy', 'lock'), { force: true });
  const copy = spawnSuyuan([
    ...['validator', 'run', '--directory', file('carrier', 'twice')],
    ...['--signer', file('carrier', 'copy'), '--genesis', file('genesis.cbor')],
    ...['--peers', file('peers.json')],
  ]);
  await copy.seen(/must\s+sign\s+in\s+one\s+place\s+only\.\s+\(peer\/own-key-elsewhere\)/);
  await running.get('bureau')?.seen(/Two\s+processes\s+hold\s+the\s+key\s+of\s+carrier/);
  await copy.kill();
}, 240_000);

test('without its guard file a validator follows and says so; a damaged one too', async () => {
  await running.get('carrier')?.kill();
  const guard = file('carrier', 'signer', 'validator.guard');
  copyFileSync(guard, file('guard'));
  rmSync(guard);
  start('carrier');
  const { consensus } = await once('carrier', (status) => status.consensus[0]?.reason !== null);
  expect(consensus[0]).toMatchObject({ voting: false, reason: { code: 'signer/guard-missing' } });
  await running.get('carrier')?.seen(/does not vote: The\s+guard\s+file/);
  await register('grower-3', 'association');
  await knows('carrier', 'grower-3');
  expect(await running.get('carrier')?.kill()).toEqual({ code: 0, signal: null });

  copyFileSync(file('guard'), guard);
  const bytes = readFileSync(guard);
  bytes.fill(0x5a, 8, 24);
  writeFileSync(guard, bytes);
  appendFileSync(guard, Buffer.alloc(64, 1));
  start('carrier');
  await running.get('carrier')?.seen(/\(signer\/guard-damaged\)/);
}, 120_000);
