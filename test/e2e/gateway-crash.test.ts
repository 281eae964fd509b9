// The gateway's process is killed 20 times while packs flow. Whatever a device was told is safe must be in the store once, and
// under a root on the ledger.

import { join } from 'node:path';
import {
  bytesToHex,
  decodeAnchor,
  decodePack,
  leafHash,
  logRoot,
  packId,
  profileHash,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import {
  createSeededRandom,
  createUplink,
  type Device,
  type ReplayProgress,
  replayLogger,
} from '@suyuan/firmware-sim';
import { expect, onTestFinished, test } from 'vitest';
import { registerWorld } from './support/aged-lot.ts';
import { type SuyuanProcess, startSuyuan } from './support/child.ts';
import { openTestHouse, type TestHouse } from './support/house.ts';
import { countFile, digestOf, generateLoggerFile } from './support/logger-file.ts';
import { createTempDir } from './support/paths.ts';
import {
  createYearDevice,
  linesOf,
  registerYearDevice,
  YEAR_DEVICES,
} from './support/replay-year.ts';

const KILLS = 20;
/** A pack for each row: the year lasts for as long as kills are wanted. */
const ROWS_PER_PACK = 1;
/** How long packs flow before a kill, at most: longer than a batch stays open. */
const FLOW_MS_MAX = 2_600;
const SEED = process.env.SUYUAN_SEED ?? String(Date.now());

/** What one device signed and what it was told, by `boot/seq`. */
interface Ledger {
  readonly signed: Map<string, string>;
  readonly acknowledged: Set<string>;
}

/** The device, with a note of every pack that it signs and of every acknowledgement. */
function watched(device: Device, notes: Ledger, onAck: () => void): Device {
  const { outbox, record } = device;
  const noted = Object.create(outbox, {
    acknowledge: {
      value: (entry: Parameters<typeof outbox.acknowledge>[0]) => {
        notes.acknowledged.add(`${entry.bootEpoch}/${entry.seq}`);
        outbox.acknowledge(entry);
        onAck();
      },
    },
  }) as typeof outbox;
  return Object.create(device, {
    outbox: { value: noted },
    record: {
      value: async (readings: Parameters<typeof record>[0]) => {
        const pack = await record(readings);
        notes.signed.set(`${pack.bootEpoch}/${pack.seq}`, bytesToHex(pack.id));
        return pack;
      },
    },
  }) as Device;
}

interface Status {
  readonly gateway: {
    readonly failure: string | null;
    readonly packs: Record<
      'received' | 'stored' | 'quarantined' | 'duplicate' | 'inFlight',
      number
    >;
    readonly batches: Record<'open' | 'closed' | 'stored' | 'anchored', number>;
    readonly quarantine: { readonly reasons: Record<string, number> };
  };
}

async function statusOf(child: SuyuanProcess): Promise<Status['gateway']> {
  const response = await fetch(`${child.url}/api/v1/status`);
  const { gateway } = (await response.json()) as Status;
  const { received, stored, quarantined, duplicate, inFlight } = gateway.packs;
  expect(stored + quarantined + duplicate + inFlight).toBe(received);
  expect(gateway.failure).toBeNull();
  expect(gateway.quarantine.reasons).toEqual({});
  return gateway;
}

test(`killed ${KILLS} times, it loses nothing and doubles nothing`, {
  timeout: 400_000,
}, async () => {
  console.log(`SUYUAN_SEED=${SEED}`);
  const random = createSeededRandom(SEED);
  const folder = createTempDir();
  const data = join(folder.path, 'data');
  const file = await generateLoggerFile('suyuan-crash');

  const founding = await openTestHouse({ directory: data });
  await registerWorld(founding);
  for (const spec of YEAR_DEVICES) await registerYearDevice(founding, spec);
  const { clock } = founding;
  const notes = new Map<string, Ledger>();
  const devices = new Map<string, Device>();
  let acks = 0;
  let onAck: () => void = () => {};
  for (const spec of YEAR_DEVICES) {
    const own: Ledger = { signed: new Map(), acknowledged: new Set() };
    const device = await createYearDevice(founding, spec, join(folder.path, 'devices', spec.id));
    notes.set(spec.id, own);
    devices.set(
      spec.sensor,
      watched(device, own, () => {
        acks += 1;
        onAck();
      }),
    );
  }
  await founding.close();
  const nextAck = (): Promise<void> =>
    new Promise((resolve) => {
      onAck = resolve;
    });

  let ports: string[] = [];
  const start = async (): Promise<SuyuanProcess> => {
    const child = await startSuyuan(['--empty', '--data', data, ...ports], {
      env: { NODE_ENV: 'production' },
    });
    ports = ['--http', new URL(child.url).port, '--mqtt', String(child.mqttPort)];
    return child;
  };
  let child = await start();
  const url = `mqtt://127.0.0.1:${child.mqttPort}`;
  const uplinks = [...devices.values()].map((device) =>
    createUplink({ device, url, clock, backoff_ms: { first: 50, longest: 400 } }),
  );
  const enough = new AbortController();
  let report: ReplayProgress | undefined;
  const replay = (async () => {
    const source = linesOf(file);
    const { signal } = enough;
    for await (const progress of replayLogger({
      source,
      devices,
      rowsPerPack: ROWS_PER_PACK,
      signal,
    }))
      report = progress;
  })();

  onTestFinished(async () => {
    enough.abort();
    await child.kill('SIGKILL');
    await Promise.all(uplinks.map((uplink) => uplink.stop()));
    for (const device of devices.values()) await device.close();
    folder.remove();
  });

  const flows: number[] = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    const before = acks;
    await nextAck();
    const flow_ms = Math.floor(random() * FLOW_MS_MAX);
    await clock.wait(flow_ms);
    if (kill % 5 === 0) await statusOf(child);
    const onTheWay = [...devices.values()].reduce((sum, { outbox }) => sum + outbox.waiting, 0);
    const exit = await child.kill('SIGKILL');
    expect(exit.signal).toBe('SIGKILL');
    expect(onTheWay, `nothing was on its way at kill ${kill}`).toBeGreaterThan(0);
    flows.push(acks - before);
    expect(report?.done, `the replay ended before kill ${kill}; make it longer`).not.toBe(true);
    child = await start();
  }
  console.log(`acknowledged between kills: ${flows.join(' ')}`);
  expect(Math.min(...flows)).toBeGreaterThan(0);

  enough.abort();
  await replay;
  await Promise.all(uplinks.map((uplink) => uplink.drained()));
  await expect
    .poll(async () => (await statusOf(child)).batches, { timeout: 60_000, interval: 200 })
    .toSatisfy((b: Status['gateway']['batches']) => b.open === 0 && b.anchored === b.closed);
  const last = await statusOf(child);
  expect(last.packs.inFlight).toBe(0);
  await Promise.all(uplinks.map((uplink) => uplink.stop()));
  for (const device of devices.values()) await device.close();
  expect(await child.kill('SIGTERM')).toEqual({ code: 0, signal: null });

  const house = await openTestHouse({ directory: data });
  try {
    await expectWhole(house, notes, last.batches.closed);
    const stored = await rows(
      house,
      'SELECT device, quantity, count() AS n, uniqExact(time_ms) AS times, toString(sum(value)) AS total FROM readings GROUP BY device, quantity',
    );
    const deviceOf = (sensor: string): string =>
      YEAR_DEVICES.find((each) => each.sensor === sensor)?.id ?? '';
    const played = { ...file, lines: file.lines.slice(0, report?.rows) };
    const expected = [...digestOf(countFile(played).readings, deviceOf)].map(
      ([name, { count, sum }]) => ({ name, count, times: count, sum }),
    );
    const found = stored.map((row) => ({
      name: `${row.device}/${row.quantity}`,
      count: Number(row.n),
      times: Number(row.times),
      sum: Number(row.total),
    }));
    expect(found.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(expected);
    expect(await rows(house, 'SELECT * FROM quarantine')).toEqual([]);
  } finally {
    await house.close();
  }
});

async function rows(house: TestHouse, query: string): Promise<Record<string, unknown>[]> {
  const result = await house.client.query({ query, format: 'JSONEachRow' });
  return result.json<Record<string, unknown>>();
}

/** Every signed pack was acknowledged, is stored once, follows the one before it, and lies under an anchored root. */
async function expectWhole(
  house: TestHouse,
  notes: ReadonlyMap<string, Ledger>,
  batchCount: number,
): Promise<void> {
  const hash = profileHash(nodeCrypto, house.profile);
  const { account } = house.gateway.status();
  const idOf = new Map<string, string>();
  const prevOf = new Map<string, string>();
  for (let batch = 0; batch < batchCount; batch++) {
    const packs = await rows(
      house,
      `SELECT leaf, lower(hex(bytes)) AS hex FROM packs WHERE batch = ${batch} ORDER BY leaf`,
    );
    const leaves = packs.map(({ leaf, hex }, i) => {
      expect(Number(leaf)).toBe(i);
      const bytes = new Uint8Array(Buffer.from(String(hex), 'hex'));
      const pack = decodePack(bytes);
      const name = `${pack.deviceId} ${pack.bootEpoch}/${pack.seq}`;
      expect(idOf.has(name), `${name} is stored twice`).toBe(false);
      idOf.set(name, bytesToHex(packId(hash, pack)));
      prevOf.set(name, bytesToHex(pack.prev));
      return leafHash(hash, bytes);
    });
    const anchor = decodeAnchor(house.node.anchorLeaf(account, batch) ?? new Uint8Array());
    expect(anchor.count).toBe(leaves.length);
    expect(bytesToHex(anchor.root)).toBe(bytesToHex(logRoot(hash, leaves)));
  }
  expect(house.node.anchorLeaf(account, batchCount)).toBeUndefined();
  const [total] = await rows(house, 'SELECT count() AS n FROM packs');
  expect(Number(total?.n)).toBe(idOf.size);

  let signed = 0;
  for (const [device, own] of notes) {
    expect(own.acknowledged.size).toBe(own.signed.size);
    let prev = '0'.repeat(64);
    for (let seq = 0; seq < own.signed.size; seq++) {
      const name = `${device} 1/${seq}`;
      expect(own.acknowledged.has(`1/${seq}`)).toBe(true);
      expect(idOf.get(name), `${name} is lost`).toBe(own.signed.get(`1/${seq}`));
      expect(prevOf.get(name)).toBe(prev);
      prev = idOf.get(name) ?? '';
    }
    signed += own.signed.size;
  }
  expect(idOf.size).toBe(signed);
}
