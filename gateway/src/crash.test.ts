// kill -9 in the middle of taking packs: what was acknowledged is stored, once.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { MqttClient } from 'mqtt';
import { pino } from 'pino';
import { afterAll, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { createGateway } from './gateway.ts';
import { createColumnStore } from './store/column-store.ts';
import { ACCOUNT, GATEWAY_SECRET } from './testing/accounts.ts';
import { CRASH_LIMITS, crashLedger } from './testing/crash-child.ts';
import { closeTestStore, openTestStore } from './testing/test-bed.ts';
import { publish, type TestDevice, temperatures } from './testing/test-device.ts';

/** Of each of three devices; fewer than a replay window. */
const PACKS = 200;
const directory = mkdtempSync(join(tmpdir(), 'suyuan-crash-'));
const journal = join(directory, 'gateway');
const columns = join(directory, 'columns');
const children: ChildProcess[] = [];

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await closeTestStore();
  await rm(directory, { recursive: true, force: true });
});

function startChild(): Promise<{ child: ChildProcess; port: number }> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const script = fileURLToPath(new URL('./testing/crash-child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', loader, script, journal, columns]);
  children.push(child);
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += String(text);
  });
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      const port = /port (\d+)/.exec(String(text))?.[1];
      if (port !== undefined) resolve({ child, port: Number(port) });
    });
    child.on('exit', (code) => reject(new Error(`the gateway ended with ${code}: ${errors}`)));
  });
}

/** Publishes the device's packs from `from` on, several at once, until the connection breaks; notes what was acknowledged. */
async function feed(
  client: MqttClient,
  device: TestDevice,
  packs: readonly Uint8Array[],
  acknowledged: Set<Uint8Array>,
): Promise<void> {
  const waiting = packs.filter((pack) => !acknowledged.has(pack));
  const lane = async () => {
    for (let pack = waiting.shift(); pack !== undefined; pack = waiting.shift()) {
      const sent = pack;
      await publish(client, device.topic, sent);
      acknowledged.add(sent);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

it('stores once what was acknowledged, whenever it is killed', { timeout: 180_000 }, async () => {
  const { ledger, devices } = crashLedger();
  const now_ms = Date.now();
  const packs = devices.map((device) =>
    Array.from({ length: PACKS }, () => device.pack(temperatures(now_ms))),
  );
  const acknowledged = new Set<Uint8Array>();
  let before = 0;
  for (const killAfter of [70, 110]) {
    const { child, port } = await startChild();
    const died = new Promise((resolve) => child.once('exit', resolve));
    const clients = await Promise.all(devices.map((device) => device.connect(port, Date.now())));
    const feeding = clients.map((client, i) => {
      const device = devices[i] as TestDevice;
      // The kill rejects what is under way: that is not acknowledged.
      client.on('error', () => {});
      return feed(client, device, packs[i] ?? [], acknowledged).catch(() => {});
    });
    while (acknowledged.size < before + killAfter) await new Promise(setImmediate);
    child.kill('SIGKILL');
    await died;
    for (const client of clients) client.end(true);
    await Promise.race([Promise.all(feeding), died]);
    expect(acknowledged.size).toBeLessThan(3 * PACKS);
    before = acknowledged.size;
  }

  const client = openTestStore(columns);
  const gateway = createGateway(
    {
      directory: journal,
      account: ACCOUNT,
      listen: { host: '127.0.0.1', port: 0 },
      limits: CRASH_LIMITS,
    },
    {
      clock: systemClock,
      ledger,
      client,
      crypto: nodeCrypto,
      random: (size) => crypto.getRandomValues(new Uint8Array(size)),
      logger: pino({ level: 'silent' }),
      secretKey: GATEWAY_SECRET,
    },
  );
  ledger.resume();
  await gateway.start();
  const clients = await Promise.all(
    devices.map((device) => device.connect(gateway.port, Date.now())),
  );
  await gateway.drained();
  const stored = await createColumnStore(client).query(
    'SELECT lower(hex(bytes)) AS hex FROM packs',
  );
  const found = new Set(stored.map((row) => String(row.hex)));
  expect(found.size).toBe(stored.length);
  const lost = [...acknowledged].filter((pack) => !found.has(Buffer.from(pack).toString('hex')));
  expect(lost).toHaveLength(0);
  // The devices send again all that they have; most of it is known.
  const again = new Set<Uint8Array>();
  await Promise.all(
    clients.map((one, i) => feed(one, devices[i] as TestDevice, packs[i] ?? [], again)),
  );
  await gateway.drained();
  const { packs: counts, batches, devices: states } = gateway.status();
  expect(counts.inFlight).toBe(0);
  expect(counts.quarantined).toBe(0);
  expect(batches.stored).toBe(batches.closed);
  expect(batches.anchored).toBe(batches.closed);
  expect(states.map((state) => [state.lastSeq, state.missing])).toEqual([
    [PACKS - 1, 0],
    [PACKS - 1, 0],
    [PACKS - 1, 0],
  ]);
  const rows = await createColumnStore(client).query(
    'SELECT device, count() AS n, uniqExact(seq) AS seqs, uniqExact(bytes) AS bytes FROM packs GROUP BY device ORDER BY device',
  );
  expect(rows).toEqual(
    devices.map(({ id }) => ({ device: id, n: PACKS, seqs: PACKS, bytes: PACKS })),
  );
  const readings = await createColumnStore(client).query('SELECT count() AS n FROM readings');
  expect(readings).toEqual([{ n: 2 * 3 * PACKS }]);
  for (const one of clients) await one.endAsync();
  await gateway.stop();
});
