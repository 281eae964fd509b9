import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type DecodedPack, equalBytes, verifyPack } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { expect, test } from 'vitest';
import { createManualClock } from '../clock/manual.ts';
import type { Device } from '../device/device.ts';
import { createFaults } from '../faults/faults.ts';
import { startTestBroker, type TestBroker } from '../testing/broker.ts';
import {
  assertChain,
  DEVICE_ID,
  packName,
  reading,
  SECRET,
  START_MS,
  startDevice,
  withFolder,
} from '../testing/fixtures.ts';
import { createUplink, type UplinkOptions } from './uplink.ts';

const QUICK = { first: 1, longest: 4 };

async function withBroker(
  use: (folder: string, broker: TestBroker) => Promise<void>,
  options: Parameters<typeof startTestBroker>[0] = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const broker = await startTestBroker(options);
    try {
      await use(folder, broker);
    } finally {
      await broker.stop();
    }
  });
}

async function withUplink(
  device: Device,
  broker: TestBroker,
  options: Partial<UplinkOptions>,
  use: (uplink: ReturnType<typeof createUplink>) => Promise<void>,
): Promise<void> {
  const uplink = createUplink({ device, url: broker.url, backoff_ms: QUICK, ...options });
  try {
    await use(uplink);
  } finally {
    await uplink.stop();
    await device.close();
  }
}

async function recordMany(device: Device, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => device.record([reading(n)])));
}

function packsOf(broker: TestBroker): DecodedPack[] {
  return broker.received.flatMap(({ pack }) => pack ?? []);
}

function isAscending(names: readonly DecodedPack[]): boolean {
  return names.every((pack, n) => n === 0 || pack.seq >= (names[n - 1]?.seq ?? 0));
}

test('sends everything once, in order, on its own topic, with a token the key verifies', async () => {
  const auth = {
    crypto: nodeCrypto,
    key: nodeCrypto.publicKeyOf(SECRET),
    now_ms: () => START_MS,
  };
  await withBroker(
    async (folder, broker) => {
      const device = await startDevice(folder);
      await recordMany(device, 60);
      await withUplink(device, broker, {}, async (uplink) => {
        await uplink.drained();
        expect(uplink.status()).toMatchObject({ connections: 1, sent: 60, acknowledged: 60 });
      });
      expect(packsOf(broker).map(packName)).toEqual(Array.from({ length: 60 }, (_, n) => `1/${n}`));
      expect(new Set(broker.received.map(({ topic }) => topic))).toEqual(
        new Set([`suyuan/v1/packs/${DEVICE_ID}`]),
      );
      expect(broker.counts).toEqual({ accepted: 1, refused: 0 });
    },
    { auth },
  );
});

test('signs a fresh token for each connection, so that a refused one is not tried again', async () => {
  let now_ms = START_MS + 3_600_000;
  const auth = { crypto: nodeCrypto, key: nodeCrypto.publicKeyOf(SECRET), now_ms: () => now_ms };
  await withBroker(
    async (folder, broker) => {
      const device = await startDevice(folder);
      await recordMany(device, 3);
      const onDisconnect = (): void => {
        now_ms = START_MS;
      };
      await withUplink(device, broker, { onDisconnect }, async (uplink) => {
        await uplink.drained();
        expect(broker.counts).toEqual({ accepted: 1, refused: 1 });
      });
    },
    { auth },
  );
});

test('sends again in order what a broken connection left unacknowledged', async () => {
  await withBroker(async (folder, broker) => {
    let breaks = 0;
    // The broker has heard the pack at a break, and what came with it; the device does not know.
    broker.answer = (index) => {
      if (index % 13 !== 12) return 'ack';
      breaks += 1;
      return 'break';
    };
    const device = await startDevice(folder);
    await recordMany(device, 100);
    await withUplink(device, broker, { window: 8 }, async (uplink) => {
      await uplink.drained();
      expect(uplink.status().connections).toBe(breaks + 1);
    });
    expect(breaks).toBeGreaterThan(5);
    expect(assertChain(packsOf(broker))).toHaveLength(100);
    expect(packsOf(broker).length).toBeGreaterThanOrEqual(100 + breaks);
  });
});

test('outlives a broker that is gone for a while', async () => {
  await withFolder(async (folder) => {
    const first = await startTestBroker();
    first.answer = () => 'silence';
    const device = await startDevice(folder);
    await recordMany(device, 5);
    const uplink = createUplink({ device, url: first.url, backoff_ms: QUICK });
    await first.until(5);
    await first.stop();
    await recordMany(device, 5);
    const second = await startTestBroker({ port: first.port });
    await uplink.drained();
    expect(assertChain(packsOf(second))).toHaveLength(10);
    expect(isAscending(packsOf(second))).toBe(true);
    await uplink.stop();
    await device.close();
    await second.stop();
  });
});

test('an uplink that is stopped leaves the rest to the next start', async () => {
  await withBroker(async (folder, broker) => {
    broker.answer = (index) => (index < 3 ? 'ack' : 'silence');
    const first = await startDevice(folder);
    await recordMany(first, 10);
    await withUplink(first, broker, {}, async () => {
      await first.outbox.below(8);
    });
    broker.answer = () => 'ack';
    const second = await startDevice(folder);
    expect(second.outbox.waiting).toBeGreaterThanOrEqual(7);
    await withUplink(second, broker, {}, (uplink) => uplink.drained());
    expect(assertChain(packsOf(broker)).map(packName)).toEqual(
      Array.from({ length: 10 }, (_, n) => `1/${n}`),
    );
  });
});

test('faults add up, lose nothing, and count what they did', async () => {
  await withBroker(async (folder, broker) => {
    const device = await startDevice(folder);
    await recordMany(device, 150);
    const plan = { duplicate: 0.2, corrupt: 0.2, equivocate: 0.2, reorder: 0.2, cut: 0.05 };
    const faults = createFaults({ seed: 'mixed', ...plan }, DEVICE_ID);
    await withUplink(device, broker, { faults }, (uplink) => uplink.drained());
    const key = nodeCrypto.publicKeyOf(SECRET);
    const genuine = packsOf(broker).filter((pack) => verifyPack(nodeCrypto, key, pack));
    const bodies = new Map<string, DecodedPack[]>();
    for (const pack of genuine) {
      const same = bodies.get(packName(pack)) ?? [];
      if (!same.some((other) => equalBytes(other.signedBytes, pack.signedBytes))) same.push(pack);
      bodies.set(packName(pack), same);
    }
    expect(bodies.size).toBe(150);
    const twins = [...bodies.values()].filter((same) => same.length === 2).length;
    const counts = faults.counts();
    expect(twins).toBeGreaterThan(5);
    expect(twins).toBeLessThanOrEqual(counts.equivocated);
    expect(broker.received.length - genuine.length).toBeGreaterThan(5);
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
    expect(isAscending(genuine)).toBe(false);
  });
});

test('stays away while the plan says offline, and comes back', async () => {
  await withBroker(async (folder, broker) => {
    const clock = createManualClock(START_MS);
    const device = await startDevice(folder);
    const offline = [{ from_ms: START_MS + 10_000, to_ms: START_MS + 60_000 }];
    const faults = createFaults({ seed: 1, offline }, DEVICE_ID);
    await withUplink(device, broker, { faults, clock }, async (uplink) => {
      await recordMany(device, 2);
      await uplink.drained();
      await clock.advance(10_000);
      await recordMany(device, 2);
      // The end of the connection and the end of the span are the only waits there are.
      while (uplink.status().connected || clock.waiting() === 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(device.outbox.waiting).toBe(2);
      expect(uplink.status().connections).toBe(1);
      const back = uplink.drained();
      await clock.advance(60_000);
      await back;
      expect(uplink.status().connections).toBe(2);
    });
  });
});

test('killed at any moment: nothing promised is lost, no number comes twice', async () => {
  await withBroker(async (folder, broker) => {
    const program = fileURLToPath(new URL('../testing/device-process.ts', import.meta.url));
    const promised: string[] = [];
    for (let life = 0; life < 2; life++) {
      const child = spawn(process.execPath, ['--import', 'tsx', program, folder, broker.url], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = new Promise((resolve) => child.on('exit', resolve));
      // Each life gets enough acknowledgements to be promising at its end, and leaves a backlog.
      const before = broker.received.length;
      broker.answer = (index) => (index > before + 120 ? 'silence' : 'ack');
      let seen = 0;
      try {
        for await (const line of createInterface({ input: child.stdout })) {
          promised.push(line);
          seen += 1;
          if (seen === 60 + life * 7) child.kill('SIGKILL');
        }
      } finally {
        child.kill('SIGKILL');
      }
      expect(await gone).toBeNull();
    }
    broker.answer = () => 'ack';
    const device = await startDevice(folder, { segment_bytes: 4096 });
    expect(device.bootEpoch).toBe(3);
    await withUplink(device, broker, {}, (uplink) => uplink.drained());
    const chain = assertChain(packsOf(broker)).map(packName);
    const arrived = new Set(chain);
    expect(promised.length).toBeGreaterThan(120);
    expect(promised.filter((name) => !arrived.has(name))).toEqual([]);
  });
});
