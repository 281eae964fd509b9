import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packReadings } from '@suyuan/contracts';
import { describe, expect, test } from 'vitest';
import { generateLoggerYear } from '../replay/generate.ts';
import { createSensor } from '../sensors/index.ts';
import { startTestBroker, type TestBroker } from '../testing/broker.ts';
import { collect } from '../testing/collect.ts';
import { assertChain, SECRET, withFolder } from '../testing/fixtures.ts';
import { readSecretKey } from './keys.ts';
import { runSim, type SimProgress } from './run-sim.ts';

async function withBroker(use: (folder: string, broker: TestBroker) => Promise<void>) {
  await withFolder(async (folder) => {
    const broker = await startTestBroker();
    try {
      await use(folder, broker);
    } finally {
      await broker.stop();
    }
  });
}

function receivedBy(broker: TestBroker, id: string) {
  return broker.received.flatMap(({ pack }) => (pack?.deviceId === id ? [pack] : []));
}

describe('runSim', () => {
  test('plays a file over a broker until everything is acknowledged', async () => {
    await withBroker(async (folder, broker) => {
      const sensors = (['warehouse', 'orchard'] as const).map((kind) => ({
        name: kind,
        sensor: createSensor(kind, { seed: 1 }),
      }));
      const start_ms = Date.UTC(2024, 0, 1);
      const lines = await collect(
        generateLoggerYear({
          seed: 1,
          sensors,
          start_ms,
          rows: 400,
          gaps: { count: 1, longest_rows: 5 },
        }),
      );
      const replayFile = join(folder, 'logger.csv');
      await writeFile(replayFile, lines.join(''));
      const phases = new Set<SimProgress['phase']>();
      const report = await runSim({
        mqttUrl: broker.url,
        directory: folder,
        profile: 'international',
        devices: [{ id: 'dev-w', secret: SECRET, kind: 'warehouse', replaySensor: 'warehouse' }],
        replayFile,
        onProgress: ({ phase }) => phases.add(phase),
        faults: { seed: 1, cut: 0.05, duplicate: 0.1 },
      });
      expect(report).toMatchObject({ rows: 400, refused: 0, drained: true });
      expect(report.missing).toBeGreaterThan(0);
      expect(phases).toEqual(new Set(['replay', 'drain']));
      const packs = assertChain(receivedBy(broker, 'dev-w'));
      expect(packs).toHaveLength(report.packs);
      const rows = packs.flatMap((pack) => packReadings(pack)).length / 2;
      expect(rows).toBe(400 - report.missing);
      const [device] = report.devices;
      expect(device?.uplink.connections).toBe(1 + (device?.faults?.cuts ?? Number.NaN));
    });
  });

  test('fills the past and goes on live', async () => {
    await withBroker(async (folder, broker) => {
      const keyFile = join(folder, 'key.json');
      const hex = Buffer.from(SECRET.secret).toString('hex');
      await writeFile(keyFile, JSON.stringify({ suite: SECRET.suite, secret: hex }));
      const report = await runSim({
        mqttUrl: broker.url,
        directory: folder,
        profile: 'international',
        devices: [
          { id: 'dev-1', keyFile, kind: 'yard' },
          { id: 'dev-2', secret: SECRET, kind: 'truck' },
        ],
        backfillFrom_ms: Date.now() - 20_000,
        interval_s: 0.1,
        rowsPerPack: 10,
        rows: 3,
      });
      expect(report.drained).toBe(true);
      expect(report.rows).toBeGreaterThanOrEqual(2 * 199 + 6);
      for (const id of ['dev-1', 'dev-2']) {
        expect(assertChain(receivedBy(broker, id)).length).toBeGreaterThan(20);
      }
    });
  });

  test('says so when the broker does not acknowledge in time, and keeps the packs', async () => {
    await withBroker(async (folder, broker) => {
      broker.answer = () => 'silence';
      const options = {
        mqttUrl: broker.url,
        directory: folder,
        profile: 'international',
        devices: [{ id: 'dev-1', secret: SECRET, kind: 'silo' }],
        interval_s: 0.01,
        rowsPerPack: 1,
      } as const;
      const first = await runSim({ ...options, rows: 4, drain_s: 0.01 });
      expect(first).toMatchObject({ drained: false, packs: 4 });
      expect(first.devices[0]).toMatchObject({ bootEpoch: 1, waiting: 4, acknowledged: 0 });
      broker.answer = () => 'ack';
      const second = await runSim({ ...options, rows: 1 });
      expect(second.devices[0]).toMatchObject({ bootEpoch: 2, waiting: 0, acknowledged: 5 });
    });
  });

  test('stops when it is told to, though no broker ever answers', async () => {
    await withFolder(async (directory) => {
      const stop = new AbortController();
      const report = await runSim({
        mqttUrl: 'mqtt://127.0.0.1:1',
        directory,
        devices: [{ id: 'dev-1', secret: SECRET, kind: 'paddy' }],
        backfillFrom_ms: 0,
        rowsPerPack: 1,
        signal: stop.signal,
        onProgress: ({ waiting }) => {
          if (waiting === 512) stop.abort();
        },
      });
      expect(report.drained).toBe(false);
      expect(report.devices[0]).toMatchObject({ waiting: 512, acknowledged: 0 });
    });
  });

  test.each([
    [{ devices: [] }, 'sim/bad-option'],
    [{ devices: [{ id: 'dev-1', kind: 'yard' as const }] }, 'sim/bad-option'],
    [{ replayFile: '/nowhere.csv' }, 'replay/unreadable'],
    [{ faults: { seed: 1, cut: 2 } }, 'faults/bad-plan'],
  ])('refuses %j', async (bad, code) => {
    await withFolder(async (directory) => {
      const devices = [{ id: 'dev-1', secret: SECRET, kind: 'yard' as const }];
      const options = { mqttUrl: 'mqtt://127.0.0.1:1', directory, devices, ...bad };
      await expect(runSim(options)).rejects.toMatchObject({ code });
      // The refusal gave the devices back.
      await expect(runSim(options)).rejects.toMatchObject({ code });
    });
  });
});

test.each(['', '{', 'null', '{"suite":"rsa","secret":"00"}', '{"suite":"sm2","secret":"c0ffee"}'])(
  'refuses the key file %s without quoting it',
  async (text) => {
    await withFolder(async (folder) => {
      const path = join(folder, 'key.json');
      await writeFile(path, text);
      const error: unknown = await readSecretKey(path).catch((refusal: unknown) => refusal);
      expect(error).toMatchObject({ code: 'sim/bad-key-file' });
      expect(String(error)).not.toContain('c0ffee');
    });
  },
);
