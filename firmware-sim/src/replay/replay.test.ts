import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packReadings } from '@suyuan/contracts';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../clock/manual.ts';
import type { Device } from '../device/device.ts';
import { createSensor } from '../sensors/index.ts';
import { collect } from '../testing/collect.ts';
import { assertChain, startDevice, withFolder } from '../testing/fixtures.ts';
import { createSink } from '../testing/sink.ts';
import { generateLoggerYear } from './generate.ts';
import { LOGGER_HEADER } from './logger-file.ts';
import { type ReplayOptions, replayLogger } from './replay.ts';

async function* csv(...rows: string[]): AsyncGenerator<string> {
  yield [LOGGER_HEADER, ...rows, ''].join('\n');
}

/** A sensor's row at the n-th quarter hour. */
function row(sensor: string, n: number, values: string): string {
  const time = new Date(Date.UTC(2024, 0, 1) + n * 900_000).toISOString().replace('.000', '');
  return `site,${sensor},${time},${values}`;
}

async function play(
  options: Omit<ReplayOptions, 'devices'>,
  names: readonly string[] = ['a', 'b'],
) {
  return withFolder(async (folder) => {
    const devices = new Map<string, Device>();
    for (const name of names) devices.set(name, await startDevice(`${folder}/${devices.size}`));
    const sinks = [...devices.values()].map(createSink);
    try {
      const reports = await collect(replayLogger({ ...options, devices }));
      for (const device of devices.values()) await device.outbox.below(1);
      const report = reports.at(-1);
      if (report === undefined) throw new Error('no report');
      return { report, reports, chains: sinks.map(({ packs }) => assertChain(packs)) };
    } finally {
      for (const device of devices.values()) await device.close();
    }
  });
}

describe('replayLogger', () => {
  test('signs each sensor by its device, rows of a pack together, and leaves missing missing', async () => {
    const source = csv(
      row('a', 0, '21.8,36.8'),
      row('b', 0, '-1.25,99'),
      row('a', 1, ','),
      row('a', 2, ',37'),
      row('b', 1, ','),
      row('b', 2, ','),
    );
    const { report, chains } = await play({ source, rowsPerPack: 2 });
    expect(report).toMatchObject({
      rows: 6,
      skipped: 0,
      values: 5,
      missing: 3,
      missingValues: 7,
      packs: 3,
      done: true,
    });
    const shown = chains.map((packs) =>
      packs.map((pack) =>
        packReadings(pack).map(({ quantity, time_ms, value }) => [
          quantity,
          (time_ms - Date.UTC(2024, 0, 1)) / 900_000,
          value,
        ]),
      ),
    );
    expect(shown).toEqual([
      [
        [
          ['temperature', 0, 21_800],
          ['humidity', 0, 36_800],
        ],
        [['humidity', 2, 37_000]],
      ],
      [
        [
          ['temperature', 0, -1250],
          ['humidity', 0, 99_000],
        ],
      ],
    ]);
  });

  test('finds a device by site and sensor first, and shifts times', async () => {
    const source = csv(row('a', 0, '1,1'));
    const { chains } = await play({ source, shift_ms: 86_400_000 }, ['a', 'site/a']);
    expect(chains.map((packs) => packs.length)).toEqual([0, 1]);
    const [reading] = packReadings(chains[1]?.[0] ?? { payload: new Uint8Array(), deviceId: '' });
    expect(reading?.time_ms).toBe(Date.UTC(2024, 0, 2));
  });

  test('refuses a sensor nobody plays, or leaves it out and counts it', async () => {
    const rows = [row('a', 0, '1,1'), row('c', 0, '1,1'), row('c', 1, '1,1')];
    await expect(play({ source: csv(...rows) })).rejects.toMatchObject({
      code: 'replay/unmapped-sensor',
      details: { line: 3 },
    });
    const { report } = await play({ source: csv(...rows), unmapped: 'skip' });
    expect(report).toMatchObject({ rows: 3, skipped: 2, packs: 1 });
  });

  test('refuses rows out of order within a sensor, or signs them where they stand', async () => {
    const rows = [row('a', 1, '1,1'), row('b', 0, '1,1'), row('a', 0, '2,2'), row('a', 1, '3,3')];
    await expect(play({ source: csv(...rows) })).rejects.toMatchObject({
      code: 'replay/out-of-order',
      details: { line: 4 },
    });
    const { report } = await play({ source: csv(...rows), outOfOrder: 'accept' });
    expect(report).toMatchObject({ rows: 4, outOfOrder: 2, values: 8, packs: 2 });
  });

  test('refuses two sensors on one device', async () => {
    const rows = ['x,a,2024-01-01T00:00:00Z,1,1', 'y,a,2024-01-01T00:00:00Z,1,1'];
    await expect(play({ source: csv(...rows) })).rejects.toMatchObject({
      code: 'replay/shared-device',
    });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses the speed %d',
    async (speed) => {
      await expect(play({ source: csv(), speed })).rejects.toMatchObject({
        code: 'replay/bad-option',
      });
    },
  );

  test('keeps the pace asked for', async () => {
    const clock = createManualClock(0);
    const rows = Array.from({ length: 5 }, (_, n) => row('a', n, '1,1'));
    const playing = play({ source: csv(...rows), speed: 900, clock, reportEvery_rows: 1 });
    let seconds = 0;
    const done = playing.then(() => true);
    const tick = () => new Promise<false>((resolve) => setImmediate(() => resolve(false)));
    while (!(await Promise.race([done, tick()]))) {
      if (clock.waiting() === 0) continue;
      await clock.advance(1000);
      seconds += 1;
    }
    expect(seconds).toBe(4);
    expect((await playing).report.packs).toBe(2);
  });

  test('stops when it is told to, with what it has signed', async () => {
    const stop = new AbortController();
    async function* source(): AsyncGenerator<string> {
      yield* csv(row('a', 0, '1,1'));
      stop.abort();
      yield `${row('a', 1, '1,1')}\n`;
    }
    const { report } = await play({ source: source(), signal: stop.signal });
    expect(report).toMatchObject({ rows: 1, packs: 1, done: true });
  });

  test('plays a generated year of one sensor', async () => {
    const sensors = [{ name: 'a', sensor: createSensor('warehouse', { seed: 1 }) }];
    const start_ms = Date.UTC(2024, 0, 1);
    const source = generateLoggerYear({ seed: 1, sensors, start_ms });
    const { report, chains } = await play({ source, rowsPerPack: 64 });
    expect(report.rows).toBe(35_136);
    expect(report.missing).toBeGreaterThan(5);
    expect(report.values).toBe(2 * (report.rows - report.missing));
    expect(chains[0]).toHaveLength(report.packs);
  });
});

const museum = fileURLToPath(
  new URL('../../../../shared/data/museum-store-2024.csv.gz', import.meta.url),
);

test.skipIf(!existsSync(museum))('plays a real year of three loggers', async () => {
  const names = ['London/External', 'London/Room 1', 'London/Room 1 Case'];
  const { report, reports, chains } = await play({ source: museum, rowsPerPack: 64 }, names);
  expect(report).toMatchObject({
    rows: 105_408,
    missing: 582,
    missingValues: 1164,
    values: 209_652,
    skipped: 0,
    outOfOrder: 0,
  });
  expect(reports.length).toBe(106);
  expect(chains.reduce((sum, packs) => sum + packs.length, 0)).toBe(report.packs);
  const readings = chains.flatMap((packs) => packs.map((pack) => packReadings(pack).length));
  expect(readings.reduce((sum, count) => sum + count, 0)).toBe(report.values);
});
