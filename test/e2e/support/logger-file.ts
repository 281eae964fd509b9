// A logger's year as text, counted by other means than the code under test: split at commas, sorted, hashed.

import { createHash } from 'node:crypto';
import { createSensor, generateLoggerYear, readMaybeGzip } from '@suyuan/firmware-sim';

export const QUARTER_MS = 15 * 60_000;
export const DAY_MS = 86_400_000;
/** The museum's year, and that of the generated file. */
export const YEAR_START_MS = Date.UTC(2024, 0, 1);
export const YEAR_END_MS = Date.UTC(2025, 0, 1);

const QUANTITIES = ['temperature', 'humidity'] as const;

export interface LoggerFile {
  readonly header: string;
  /** Data lines without line ends, in the order of time: sensors take turns, as they did in life. */
  readonly lines: readonly string[];
}

async function textOf(source: AsyncIterable<Uint8Array | string>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of source) {
    text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
  }
  return text;
}

function toLoggerFile(text: string): LoggerFile {
  const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const timed = lines.map((line) => ({ line, time: line.split(',')[2] ?? '' }));
  timed.sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
  return { header, lines: timed.map(({ line }) => line) };
}

export async function readLoggerFile(path: string): Promise<LoggerFile> {
  return toLoggerFile(await textOf(readMaybeGzip(path)));
}

/** A leap year of three sensors with gaps, of the same shape as the museum's. */
export async function generateLoggerFile(seed: string): Promise<LoggerFile> {
  const sensor = (kind: 'warehouse' | 'orchard', name: string) => ({
    name,
    sensor: createSensor(kind, { seed: `${seed}/${name}`, climateSeed: seed }),
  });
  const pieces = generateLoggerYear({
    seed,
    start_ms: YEAR_START_MS,
    sensors: [
      sensor('warehouse', 'Room 1'),
      sensor('orchard', 'External'),
      sensor('warehouse', 'Room 1 Case'),
    ],
    gaps: { count: 4, longest_rows: 260 },
  });
  const { header, lines } = toLoggerFile(await textOf(pieces));
  return { header, lines: lines.map((line) => (isPowerCut(line) ? withoutValues(line) : line)) };
}

/** When the mains failed and no sensor wrote: gaps of one sensor alone are none of the room. */
const POWER_CUTS = [
  { from_ms: Date.UTC(2024, 3, 10, 3), to_ms: Date.UTC(2024, 3, 10, 4, 15) },
  { from_ms: Date.UTC(2024, 8, 26, 5, 15), to_ms: Date.UTC(2024, 8, 26, 5, 30) },
  { from_ms: Date.UTC(2024, 9, 2, 21), to_ms: Date.UTC(2024, 9, 5, 6) },
];

function isPowerCut(line: string): boolean {
  const time_ms = Date.parse(line.split(',')[2] ?? '');
  return POWER_CUTS.some(({ from_ms, to_ms }) => time_ms >= from_ms && time_ms < to_ms);
}

function withoutValues(line: string): string {
  return `${line.split(',').slice(0, 3).join(',')},,`;
}

export interface FileReading {
  readonly sensor: string;
  readonly quantity: (typeof QUANTITIES)[number];
  readonly time_ms: number;
  /** Thousandths. */
  readonly value: number;
}

export interface FileCounts {
  readonly rows: number;
  /** Empty fields. */
  readonly missingValues: number;
  readonly readings: readonly FileReading[];
}

export function countFile(file: LoggerFile): FileCounts {
  let missingValues = 0;
  const readings = file.lines.flatMap((line) => {
    const [, sensor = '', time = '', ...values] = line.split(',');
    return QUANTITIES.flatMap((quantity, i) => {
      const text = values[i] ?? '';
      if (text === '') {
        missingValues += 1;
        return [];
      }
      return [
        { sensor, quantity, time_ms: Date.parse(time), value: Math.round(Number(text) * 1000) },
      ];
    });
  });
  return { rows: file.lines.length, missingValues, readings };
}

/** Count, sum and hash of readings by `device/quantity`: `device` is what plays the sensor. */
export interface Digest {
  readonly count: number;
  readonly sum: number;
  /** SHA-256 over the lines `time,value` in the order of time. */
  readonly sha256: string;
}

export function digestOf(
  readings: readonly FileReading[],
  deviceOf: (sensor: string) => string,
): Map<string, Digest> {
  const groups = new Map<string, FileReading[]>();
  for (const reading of readings) {
    const key = `${deviceOf(reading.sensor)}/${reading.quantity}`;
    const group = groups.get(key) ?? [];
    group.push(reading);
    groups.set(key, group);
  }
  return new Map(
    [...groups].sort().map(([key, group]) => {
      group.sort((a, b) => a.time_ms - b.time_ms);
      const sha256 = createHash('sha256');
      for (const { time_ms, value } of group) sha256.update(`${time_ms},${value}\n`);
      const sum = group.reduce((total, { value }) => total + value, 0);
      return [key, { count: group.length, sum, sha256: sha256.digest('hex') }];
    }),
  );
}

export interface Gap {
  readonly from_ms: number;
  readonly to_ms: number;
}

/**
 * When nothing is known of the room: quarter hours of the year in which temperature or humidity has no reading of any of
 * `sensors`, neighbours joined.
 */
export function gapsOf(readings: readonly FileReading[], sensors: readonly string[]): Gap[] {
  const known = new Map(QUANTITIES.map((quantity) => [quantity, new Set<number>()]));
  for (const { sensor, quantity, time_ms } of readings) {
    if (sensors.includes(sensor)) known.get(quantity)?.add(Math.floor(time_ms / QUARTER_MS));
  }
  const gaps: { from_ms: number; to_ms: number }[] = [];
  for (let from_ms = YEAR_START_MS; from_ms < YEAR_END_MS; from_ms += QUARTER_MS) {
    if ([...known.values()].every((slots) => slots.has(from_ms / QUARTER_MS))) continue;
    const last = gaps.at(-1);
    if (last?.to_ms === from_ms) last.to_ms += QUARTER_MS;
    else gaps.push({ from_ms, to_ms: from_ms + QUARTER_MS });
  }
  return gaps;
}
