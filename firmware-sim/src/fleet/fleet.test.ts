import { packReadings, type Reading } from '@suyuan/contracts';
import { describe, expect, test } from 'vitest';
import { createDriftingClock } from '../clock/drifting.ts';
import { createManualClock } from '../clock/manual.ts';
import type { Device } from '../device/device.ts';
import { createSensor } from '../sensors/index.ts';
import { assertChain, reading, START_MS, startDevice, withFolder } from '../testing/fixtures.ts';
import { createSink } from '../testing/sink.ts';
import { backfill, runFleet } from './fleet.ts';
import { createInFlight } from './in-flight.ts';
import { createPacker } from './packer.ts';

const HOUR_MS = 3_600_000;

async function withDevice(
  use: (device: Device) => Promise<void>,
  options: Parameters<typeof startDevice>[1] = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const device = await startDevice(folder, options);
    try {
      await use(device);
    } finally {
      await device.close();
    }
  });
}

describe('runFleet', () => {
  test('publishes on multiples of the interval, by the device’s own clock', async () => {
    const clock = createManualClock(START_MS + 1);
    await withDevice(
      async (device) => {
        const sink = createSink(device);
        const sensor = createSensor('truck', { seed: 1 });
        const members = [{ device, sensor, interval_ms: 60_000, rowsPerPack: 2 }];
        const running = runFleet({ members, clock, rows: 5 });
        while (device.status().signed < 3) {
          await (clock.waiting() > 0 ? clock.advance(60_000) : new Promise(setImmediate));
        }
        expect(await running).toEqual({ rows: 5, packs: 3, refused: 0 });
        await device.outbox.below(1);
        const readings = assertChain(sink.packs).flatMap((pack) => packReadings(pack));
        const shown = readings.filter(({ quantity }) => quantity === 'temperature');
        expect(shown).toHaveLength(5);
        shown.forEach(({ time_ms, value }, index) => {
          const true_ms = time_ms - 7000;
          expect(true_ms).toBeGreaterThanOrEqual(START_MS + (index + 1) * 60_000);
          const due_ms = START_MS + (index + 1) * 60_000;
          if (true_ms === due_ms) expect(value).toBe(sensor.read(due_ms)[0]?.value);
        });
      },
      { clock: createDriftingClock(clock, { offset_ms: 7000 }) },
    );
  });

  test('counts what a full journal refused and goes on', async () => {
    const clock = createManualClock(START_MS);
    await withDevice(
      async (device) => {
        const sensor = createSensor('orchard', { seed: 1 });
        const members = [{ device, sensor, interval_ms: 1000, rowsPerPack: 1 }];
        const stop = new AbortController();
        let rows = 0;
        const onProgress = (): void => {
          rows += 1;
          if (rows === 5) stop.abort();
        };
        const running = runFleet({ members, clock, signal: stop.signal, onProgress });
        while (!stop.signal.aborted) {
          await (clock.waiting() > 0 ? clock.advance(1000) : new Promise(setImmediate));
        }
        expect(await running).toEqual({ rows: 5, packs: 2, refused: 3 });
        expect(device.status()).toMatchObject({ waiting: 2, refused: 3 });
      },
      { maxBacklog_packs: 2 },
    );
  });

  test.each([[[]], [[{ interval_ms: 0 }]], [[{ interval_ms: Number.NaN }]]])(
    'refuses members %j',
    async (members) => {
      await withDevice(async (device) => {
        const sensor = createSensor('orchard', { seed: 1 });
        const options = {
          members: members.map((member) => ({ device, sensor, ...member })),
          clock: createManualClock(0),
        };
        await expect(runFleet(options)).rejects.toMatchObject({ code: 'fleet/bad-option' });
      });
    },
  );
});

test('backfill signs the past as it was, waiting for room', async () => {
  await withDevice(
    async (device) => {
      const sink = createSink(device);
      const sensor = createSensor('warehouse', { seed: 1 });
      const members = [{ device, sensor, interval_ms: HOUR_MS / 4, rowsPerPack: 4 }];
      const span = { from_ms: START_MS - 10 * HOUR_MS, to_ms: START_MS };
      expect(await backfill({ members, ...span, backlog_packs: 3 })).toEqual({
        rows: 40,
        packs: 10,
        refused: 0,
      });
      await device.outbox.below(1);
      const readings = assertChain(sink.packs).flatMap((pack) => packReadings(pack));
      const expected: Reading[] = [];
      for (let time_ms = span.from_ms; time_ms < span.to_ms; time_ms += HOUR_MS / 4) {
        expected.push(...sensor.read(time_ms));
      }
      expect(readings).toEqual(expected);
    },
    { maxBacklog_packs: 80 },
  );
});

describe('createPacker', () => {
  test('closes a pack early rather than exceed 128 readings', async () => {
    await withDevice(async (device) => {
      const sink = createSink(device);
      const packer = createPacker(device, 100);
      const rows = Array.from({ length: 50 }, (_, n) => [0, 1, 2].map(() => reading(n)));
      await Promise.all(rows.map((row) => packer.add(row)));
      expect(await packer.flush()).toBe(true);
      expect(await packer.flush()).toBe(false);
      await device.outbox.below(1);
      expect(assertChain(sink.packs).map((pack) => packReadings(pack).length)).toEqual([126, 24]);
    });
  });

  test.each([0, 1.5, 129, Number.NaN])('refuses %d rows a pack', async (rows) => {
    await withDevice(async (device) => {
      expect(() => createPacker(device, rows)).toThrow(
        expect.objectContaining({ code: 'packer/bad-option' }),
      );
    });
  });
});

describe('createInFlight', () => {
  test('never runs more than its limit and tells the first failure', async () => {
    const flight = createInFlight(2);
    const releases: (() => void)[] = [];
    let most = 0;
    let running = 0;
    const work = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => releases.push(resolve));
      running -= 1;
    };
    const starts = Promise.all([1, 2, 3, 4].map(() => flight.start(work)));
    for (let n = 0; n < 4; n++) {
      while (releases.length === 0) await new Promise(setImmediate);
      releases.shift()?.();
    }
    await starts;
    await flight.settled();
    expect(most).toBe(2);
    await flight.start(() => Promise.reject(new Error('first')));
    await flight.start(() => Promise.reject(new Error('second'))).catch(() => {});
    await expect(flight.settled()).rejects.toThrow('first');
  });
});
