// A logger file played back through devices: what a real logger saw, signed as if the devices had seen it.

import { AppError } from '@suyuan/contracts';
import { systemClock, type WaitingClock } from '../clock/clock.ts';
import type { Device } from '../device/device.ts';
import { createInFlight } from '../fleet/in-flight.ts';
import { createPacker, type Packer } from '../fleet/packer.ts';
import { lineError, readMaybeGzip } from './csv.ts';
import { type LoggerRow, readLogger } from './logger-file.ts';

export interface ReplayOptions {
  /** A path to a CSV or CSV.gz file, or its text in pieces. */
  readonly source: string | AsyncIterable<Uint8Array | string>;
  /** Which device plays which sensor: by `site/sensor`, or by `sensor` when the site does not matter. */
  readonly devices: ReadonlyMap<string, Device>;
  readonly rowsPerPack?: number;
  /**
   * How many times faster than it was; `max` goes as fast as the broker acknowledges. Each sensor is paced from its own first
   * row: a file sorted by sensor plays one sensor after the other.
   */
  readonly speed?: number | 'max';
  /** A row of a sensor that no device plays: stop, or leave it out and count it. */
  readonly unmapped?: 'refuse' | 'skip';
  /** A row no later than the sensor's row before it: stop, or sign it where it stands. */
  readonly outOfOrder?: 'refuse' | 'accept';
  /** Added to every time of the file. */
  readonly shift_ms?: number;
  /** Packs of one device that may wait for the broker at speed `max`. */
  readonly backlog_packs?: number;
  readonly clock?: WaitingClock;
  readonly signal?: AbortSignal;
  /** A progress report every so many rows. */
  readonly reportEvery_rows?: number;
}

export interface ReplayProgress {
  /** Rows read; rows of sensors that nobody plays are among them and in `skipped`. */
  readonly rows: number;
  readonly skipped: number;
  /** Values signed or about to be. */
  readonly values: number;
  /** Rows without any value, and single fields left empty, those of such rows included. */
  readonly missing: number;
  readonly missingValues: number;
  /** Rows out of order that were accepted. */
  readonly outOfOrder: number;
  /** Packs signed and durable. */
  readonly packs: number;
  /** Time of the last row read, as in the file. */
  readonly time_ms: number;
  readonly done: boolean;
}

const DURABLE_IN_FLIGHT = 64;
const BACKLOG_PACKS = 512;
const SENSORS_MAX = 1024;

interface Track {
  readonly device: Device;
  readonly packer: Packer;
  readonly pace: (time_ms: number) => Promise<void>;
  last_ms: number;
}

/**
 * Plays the file; yields progress and, last, a report with `done`. Packs are durable when the last report comes; wait for the
 * devices' outboxes to know them acknowledged. Throws `replay/*` naming the line; what was signed before it stays signed.
 */
export async function* replayLogger(options: ReplayOptions): AsyncGenerator<ReplayProgress, void> {
  const { source, signal, speed = 'max' } = options;
  if (speed !== 'max' && !(speed > 0 && speed < Number.POSITIVE_INFINITY)) {
    throw new AppError('replay/bad-option', 'speed is a number above 0, or max');
  }
  const tracks = createTracks(options);
  const writes = createInFlight(DURABLE_IN_FLIGHT);
  const shift_ms = options.shift_ms ?? 0;
  const every = options.reportEvery_rows ?? 1000;
  const progress = {
    ...{ rows: 0, skipped: 0, values: 0, missing: 0, missingValues: 0, outOfOrder: 0, packs: 0 },
    time_ms: 0,
    done: false,
  };
  const count = async (signing: Promise<boolean>): Promise<void> => {
    if (await signing) progress.packs += 1;
  };

  const stopped = (): boolean => signal?.aborted === true;
  const rows = readLogger(typeof source === 'string' ? readMaybeGzip(source) : source);
  for await (const row of rows) {
    if (stopped()) break;
    const track = tracks.of(row);
    if (track === undefined) progress.skipped += 1;
    else {
      await track.pace(row.time_ms);
      await track.device.outbox.below(options.backlog_packs ?? BACKLOG_PACKS, signal);
      // A row that was still waiting its turn when the replay was stopped was not played.
      if (stopped()) break;
      if (row.time_ms <= track.last_ms) {
        if (options.outOfOrder !== 'accept') throw backwards(row);
        progress.outOfOrder += 1;
      }
      track.last_ms = Math.max(track.last_ms, row.time_ms);
      progress.values += row.readings.length;
      progress.missingValues += row.missing;
      if (row.readings.length === 0) progress.missing += 1;
      const readings = row.readings.map((one) => ({ ...one, time_ms: one.time_ms + shift_ms }));
      await writes.start(() => count(track.packer.add(readings)));
    }
    progress.rows += 1;
    progress.time_ms = row.time_ms;
    if (progress.rows % every === 0) yield { ...progress };
  }
  await writes.settled();
  for (const { packer } of tracks.all()) await count(packer.flush());
  yield { ...progress, done: true };
}

function createTracks(options: ReplayOptions) {
  const tracks = new Map<string, Track>();
  const skipped = new Set<string>();
  const of = ({ site, sensor, line }: LoggerRow): Track | undefined => {
    const key = `${site}/${sensor}`;
    const known = tracks.get(key);
    if (known !== undefined || skipped.has(key)) return known;
    if (tracks.size + skipped.size >= SENSORS_MAX) {
      throw lineError(
        'replay/too-many-sensors',
        line,
        `split the file: at most ${SENSORS_MAX} sensors`,
      );
    }
    const device = options.devices.get(key) ?? options.devices.get(sensor);
    if (device === undefined) {
      if (options.unmapped !== 'skip') {
        throw lineError(
          'replay/unmapped-sensor',
          line,
          `no device plays ${key}; name one, or skip it`,
        );
      }
      skipped.add(key);
      return undefined;
    }
    if ([...tracks.values()].some((other) => other.device === device)) {
      throw lineError('replay/shared-device', line, `give ${key} a device of its own`);
    }
    const packer = createPacker(device, options.rowsPerPack);
    const pace = createPace(options);
    const track = { device, packer, pace, last_ms: Number.NEGATIVE_INFINITY };
    tracks.set(key, track);
    return track;
  };
  return { of, all: () => tracks.values() };
}

/** Waits until a row is due at the speed asked for; the first row is due at once. */
function createPace(options: ReplayOptions): (time_ms: number) => Promise<void> {
  const { speed = 'max', clock = systemClock, signal } = options;
  if (speed === 'max') return async () => {};
  let start: { readonly clock_ms: number; readonly row_ms: number } | undefined;
  return async (time_ms) => {
    start ??= { clock_ms: clock.now_ms(), row_ms: time_ms };
    const due_ms = start.clock_ms + (time_ms - start.row_ms) / speed;
    await clock.wait(due_ms - clock.now_ms(), signal);
  };
}

function backwards(row: LoggerRow): AppError {
  return lineError(
    'replay/out-of-order',
    row.line,
    `${row.site}/${row.sensor} has a row at or after this time already; sort the file by time, or accept rows out of order`,
  );
}
