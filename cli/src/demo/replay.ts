// A real logger's file in the place of a sensor: what the logger saw and nothing else, so what it missed is missing.

import {
  createPacker,
  type Device,
  type LoggerRow,
  readLogger,
  readMaybeGzip,
} from '@suyuan/firmware-sim';
import { CliError } from '../errors.ts';
import type { Span } from './devices.ts';
import { DAY_MS } from './ids.ts';

export interface LoggerTrack {
  /** Between its rows. */
  readonly interval_s: number;
  /** Signs the rows of that stretch; later stretches only. */
  report(span: Span, signal: AbortSignal): Promise<void>;
}

export interface LoggerSeason {
  readonly device: Device;
  /** The stretch of the season that it stands in for. */
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Rows that are looked at to learn the interval. */
const FIRST_ROWS = 100;
const BACKLOG_PACKS = 512;
const HOUR_S = 3600;
const INTERVAL_S_MAX = 86_400;

/**
 * Plays the first sensor of the file. Its times are kept where its first row lies in the season; otherwise the whole of it is
 * moved by whole days, so that it begins with the season. Throws CliError when it has no two rows, `replay/*` on a bad line.
 */
export async function openLoggerTrack(path: string, season: LoggerSeason): Promise<LoggerTrack> {
  const { sensor, first_ms, interval_s } = await firstOf(path);
  const inSeason = first_ms >= season.from_ms && first_ms < season.to_ms;
  const shift_ms = inSeason ? 0 : Math.ceil((season.from_ms - first_ms) / DAY_MS) * DAY_MS;
  const rowsPerPack = Math.min(32, Math.max(1, Math.floor(HOUR_S / interval_s)));
  const packer = createPacker(season.device, rowsPerPack);
  const rows = rowsOf(path, sensor);
  let next = await rows.next();
  return {
    interval_s,
    async report({ from_ms, to_ms }, signal) {
      for (; next.done !== true && !signal.aborted; next = await rows.next()) {
        const time_ms = next.value.time_ms + shift_ms;
        if (time_ms >= to_ms) break;
        // Before the stretch: signed by an earlier start.
        if (time_ms < from_ms) continue;
        await season.device.outbox.below(BACKLOG_PACKS, signal);
        await packer.add(next.value.readings.map((one) => ({ ...one, time_ms })));
      }
      await packer.flush();
    },
  };
}

async function* rowsOf(path: string, sensor?: string): AsyncGenerator<LoggerRow, void> {
  let played = sensor;
  for await (const row of readLogger(readMaybeGzip(path))) {
    played ??= nameOf(row);
    if (nameOf(row) === played) yield row;
  }
}

const nameOf = ({ site, sensor }: LoggerRow): string => `${site}/${sensor}`;

async function firstOf(path: string) {
  const steps: number[] = [];
  let first: LoggerRow | undefined;
  let last_ms = 0;
  for await (const row of rowsOf(path)) {
    if (first !== undefined) steps.push(row.time_ms - last_ms);
    first ??= row;
    last_ms = row.time_ms;
    if (steps.length >= FIRST_ROWS) break;
  }
  const step_ms = Math.min(...steps.filter((step) => step > 0));
  if (first === undefined || !Number.isFinite(step_ms))
    throw new CliError(`${path} holds no two rows of one sensor; give a longer logger file`);
  const interval_s = Math.min(INTERVAL_S_MAX, Math.max(1, Math.round(step_ms / 1000)));
  return { sensor: nameOf(first), first_ms: first.time_ms, interval_s };
}
