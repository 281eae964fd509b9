import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSensor } from '../sensors/index.ts';
import { collect } from '../testing/collect.ts';
import { readMaybeGzip } from './csv.ts';
import { decimalToScaled, textToDecimal } from './decimal-text.ts';
import { generateLoggerYear, milliToText } from './generate.ts';
import { LOGGER_HEADER, type LoggerRow, readLogger } from './logger-file.ts';

const ROW = 'London,Room 1,2024-01-01T00:00:00Z,21.8,36.8';

async function* pieces(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function rowsOf(text: string, size?: number): Promise<LoggerRow[]> {
  return collect(readLogger(pieces(text, size)));
}

describe('readLogger', () => {
  test('reads rows with their values in milli-units, whatever the pieces and line ends', async () => {
    const text = `\uFEFF${LOGGER_HEADER}\r\n${ROW}\r\nLondon,"Room ""2"", 仓库",2024-02-29T23:59:59.250Z,-0.05,`;
    for (const size of [1, 2, 3, 1000]) {
      const [first, second, ...rest] = await rowsOf(text, size);
      expect(first).toEqual({
        line: 2,
        site: 'London',
        sensor: 'Room 1',
        time_ms: Date.UTC(2024, 0, 1),
        readings: [
          { quantity: 'temperature', time_ms: Date.UTC(2024, 0, 1), value: 21_800 },
          { quantity: 'humidity', time_ms: Date.UTC(2024, 0, 1), value: 36_800 },
        ],
        missing: 0,
      });
      const time_ms = Date.UTC(2024, 1, 29, 23, 59, 59, 250);
      expect(second?.sensor).toBe('Room "2", 仓库');
      expect(second?.readings).toEqual([{ quantity: 'temperature', time_ms, value: -50 }]);
      expect(second?.missing).toBe(1);
      expect(rest).toEqual([]);
    }
  });

  test.each([
    ['replay/bad-header', 1, ''],
    ['replay/bad-header', 1, 'site,sensor,time,temp,rh\n'],
    ['replay/bad-line', 3, `${LOGGER_HEADER}\n${ROW}\nLondon,Room 1,2024-01-01T00:15:00Z,21.8\n`],
    ['replay/bad-line', 2, `${LOGGER_HEADER}\n\n`],
    ['replay/bad-line', 2, `${LOGGER_HEADER}\n${ROW},\n`],
    ['replay/bad-line', 2, `${LOGGER_HEADER}\nLondon,"Room 1,2024-01-01T00:00:00Z,1,1\n`],
    ['replay/bad-line', 2, `${LOGGER_HEADER}\nLondon,,2024-01-01T00:00:00Z,1,1\n`],
    ['replay/bad-time', 2, `${LOGGER_HEADER}\n${ROW.replace('01-01', '02-30')}\n`],
    ['replay/bad-time', 2, `${LOGGER_HEADER}\n${ROW.replace('00:00:00', '24:00:00')}\n`],
    ['replay/bad-time', 2, `${LOGGER_HEADER}\n${ROW.replace('Z', '+08:00')}\n`],
    ['replay/bad-number', 2, `${LOGGER_HEADER}\n${ROW.replace('21.8', '2.18e1')}\n`],
    ['replay/bad-number', 2, `${LOGGER_HEADER}\n${ROW.replace('21.8', 'NaN')}\n`],
    ['replay/bad-number', 2, `${LOGGER_HEADER}\n${ROW.replace('21.8', ' 21.8')}\n`],
    ['replay/bad-number', 2, `${LOGGER_HEADER}\n${ROW.replace('21.8', '21.8000000')}\n`],
    ['replay/out-of-range', 2, `${LOGGER_HEADER}\n${ROW.replace('36.8', '100.1')}\n`],
    ['replay/out-of-range', 2, `${LOGGER_HEADER}\n${ROW.replace('21.8', '-90.001')}\n`],
    ['replay/line-too-long', 2, `${LOGGER_HEADER}\n${'x'.repeat(5000)}`],
  ])('refuses with %s, naming line %i', async (code, line, text) => {
    await expect(rowsOf(text)).rejects.toMatchObject({ code, details: { line } });
  });

  test('refuses text that is not UTF-8', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode(`${LOGGER_HEADER}\nLondon,`);
      yield Uint8Array.of(0xc3, 0x28);
    }
    await expect(collect(readLogger(source()))).rejects.toMatchObject({
      code: 'replay/not-utf8',
    });
  });
});

describe('values', () => {
  test('come back as they were written, for every integer of milli-units', () => {
    fc.assert(
      fc.property(fc.integer({ min: -90_000, max: 150_000 }), (milli) => {
        expect(decimalToScaled(textToDecimal(milliToText(milli)), 3)).toBe(milli);
      }),
    );
  });

  test.each([
    ['0.0005', 1],
    ['0.00049', 0],
    ['-0.0005', -1],
    ['-0.0004', 0],
    ['-0', 0],
    ['+1.5', 1500],
    ['999999999.999999', 1_000_000_000_000],
  ])('%s is %i thousandths, rounded half away from zero', (text, milli) => {
    expect(Object.is(decimalToScaled(textToDecimal(text), 3), milli)).toBe(true);
  });
});

describe('readMaybeGzip', () => {
  test('reads a file, packed or not, and refuses a torn or missing one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'suyuan-csv-'));
    try {
      const text = `${LOGGER_HEADER}\n${ROW}\n`.repeat(5000);
      const packed = gzipSync(text);
      await writeFile(join(folder, 'plain'), text);
      await writeFile(join(folder, 'packed'), packed);
      await writeFile(join(folder, 'torn'), packed.subarray(0, packed.length - 20));
      await writeFile(join(folder, 'empty'), '');
      const read = async (name: string): Promise<string> =>
        Buffer.concat(await collect(readMaybeGzip(join(folder, name)))).toString();
      expect(await read('plain')).toBe(text);
      expect(await read('packed')).toBe(text);
      expect(await read('empty')).toBe('');
      await expect(read('torn')).rejects.toMatchObject({ code: 'replay/unreadable' });
      await expect(read('gone')).rejects.toMatchObject({ code: 'replay/unreadable' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('generateLoggerYear', () => {
  const sensors = (['warehouse', 'orchard'] as const).map((kind) => ({
    name: kind,
    sensor: createSensor(kind, { seed: 1 }),
  }));
  const start_ms = Date.UTC(2024, 0, 1);

  test('writes a file that reads back, the same for the same seed, with its gaps', async () => {
    const options = { seed: 'g', sensors, start_ms, rows: 2000 };
    const lines = await collect(generateLoggerYear(options));
    expect(lines).toHaveLength(4001);
    expect(await collect(generateLoggerYear(options))).toEqual(lines);
    const rows = await rowsOf(lines.join(''), 4096);
    expect(rows).toHaveLength(4000);
    const missing = rows.filter(({ readings }) => readings.length === 0).length;
    expect(missing).toBeGreaterThan(12);
    expect(missing).toBeLessThan(2 * 6 * 96);
    expect(rows[0]?.time_ms).toBe(start_ms);
    expect((rows[1999]?.time_ms ?? 0) - start_ms).toBe(1999 * 900_000);
  });

  test.each([{ sensors: [] }, { rows: 0 }, { site: 'a,b' }])('refuses %j', async (bad) => {
    const generating = generateLoggerYear({ seed: 1, sensors, start_ms, ...bad });
    await expect(generating.next()).rejects.toMatchObject({ code: 'generate/bad-option' });
  });
});
