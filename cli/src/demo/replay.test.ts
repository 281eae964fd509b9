import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePack, packReadings, type Reading } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { createDevice, createSeededBytes, type Device, LOGGER_HEADER } from '@suyuan/firmware-sim';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from './ids.ts';
import { openLoggerTrack } from './replay.ts';

const SEASON_MS = Date.parse('2025-03-01T00:00:00Z');
const season = { from_ms: SEASON_MS, to_ms: SEASON_MS + 30 * DAY_MS };

let directory: string;
let device: Device;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'suyuan-logger-'));
  device = await createDevice({
    id: 'TEST-1',
    secret: { suite: 'ed25519', secret: new Uint8Array(32).fill(7) },
    directory: join(directory, 'device'),
    crypto: nodeCrypto,
    hash: nodeCrypto.hash('sm3'),
    clock: { now_ms: () => SEASON_MS },
    random: createSeededBytes(1),
  });
});
afterEach(async () => {
  await device.close();
  rmSync(directory, { recursive: true, force: true });
});

function file(lines: readonly string[]): string {
  const path = join(directory, 'logger.csv');
  writeFileSync(path, [LOGGER_HEADER, ...lines, ''].join('\n'));
  return path;
}

/** Rows of a sensor each half hour from a time on; every tenth without its humidity. */
function rows(sensor: string, from: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const time = new Date(Date.parse(from) + (i * HOUR_MS) / 2).toISOString().replace('.000', '');
    return `A,${sensor},${time},${20 + i / 100},${i % 10 === 9 ? '' : '55.5'}`;
  });
}

async function signed(): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (let entry = device.outbox.nextAfter(-1); entry !== undefined; ) {
    readings.push(...packReadings(decodePack(await device.outbox.bytesOf(entry))));
    entry = device.outbox.nextAfter(entry.ordinal);
  }
  return readings;
}

const never = new AbortController().signal;

describe('a logger file in the place of a sensor', () => {
  test('keeps its times where it begins within the season, plays one sensor, and leaves out what is missing', async () => {
    const path = file([
      ...rows('one', '2025-03-02T00:00:00Z', 20),
      ...rows('two', '2025-03-02T00:00:00Z', 20),
    ]);
    const track = await openLoggerTrack(path, { device, ...season });
    expect(track.interval_s).toBe(1_800);
    await track.report({ from_ms: SEASON_MS, to_ms: SEASON_MS + 2 * DAY_MS }, never);
    const readings = await signed();
    expect(readings.filter(({ quantity }) => quantity === 'temperature')).toHaveLength(20);
    expect(readings.filter(({ quantity }) => quantity === 'humidity')).toHaveLength(18);
    expect(readings[0]).toEqual({
      quantity: 'temperature',
      time_ms: SEASON_MS + DAY_MS,
      value: 20_000,
    });
  });

  test('is moved by whole days to the beginning of the season where it lies elsewhere', async () => {
    const path = file(rows('one', '2019-07-01T05:30:00Z', 4));
    const track = await openLoggerTrack(path, { device, ...season });
    await track.report({ from_ms: SEASON_MS, to_ms: SEASON_MS + DAY_MS }, never);
    expect((await signed())[0]?.time_ms).toBe(SEASON_MS + 5.5 * HOUR_MS);
  });

  test('is signed stretch by stretch, and a start in the middle leaves the past alone', async () => {
    const path = file(rows('one', '2025-03-01T00:00:00Z', 96));
    const track = await openLoggerTrack(path, { device, ...season });
    await track.report({ from_ms: SEASON_MS + DAY_MS, to_ms: SEASON_MS + 1.5 * DAY_MS }, never);
    await track.report({ from_ms: SEASON_MS + 1.5 * DAY_MS, to_ms: SEASON_MS + 9 * DAY_MS }, never);
    const times = (await signed())
      .filter(({ quantity }) => quantity === 'temperature')
      .map(({ time_ms }) => time_ms);
    expect(times).toEqual(
      Array.from({ length: 48 }, (_, i) => SEASON_MS + DAY_MS + (i * HOUR_MS) / 2),
    );
  });

  test.each([
    [[], /no two rows/],
    [rows('one', '2025-03-01T00:00:00Z', 1), /no two rows/],
    [['A,one,2025-03-01T00:00:00Z,hot,50'], /number|decimal|temperature_C/],
    [['A,one,2025-03-01,20,50'], /write times as/],
  ])('refuses %j', async (lines, words) => {
    await expect(openLoggerTrack(file(lines), { device, ...season })).rejects.toThrow(words);
  });
});
