// Everything of this room put together: devices with keys and journals, their uplinks, and one source of readings: a logger
// file, a stretch of the past, or the schedule of now.

import { join } from 'node:path';
import {
  AppError,
  type CryptoProvider,
  type Profile,
  profileHash,
  type SecretKey,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { systemClock, type WaitingClock } from '../clock/clock.ts';
import { createDriftingClock } from '../clock/drifting.ts';
import { createDevice, type Device, type DeviceStatus } from '../device/device.ts';
import { createFaults, type FaultCounts, type FaultPlan, type Faults } from '../faults/faults.ts';
import { backfill, type FleetMember, type FleetProgress, runFleet } from '../fleet/fleet.ts';
import { type RandomBytes, secureRandom } from '../random/random.ts';
import { replayLogger } from '../replay/replay.ts';
import { createSensor, type SensorKind } from '../sensors/index.ts';
import {
  createUplink,
  type Uplink,
  type UplinkOptions,
  type UplinkStatus,
} from '../uplink/uplink.ts';
import { readSecretKey } from './keys.ts';

export interface SimDevice {
  readonly id: string;
  /** The key itself, or the path of its file. */
  readonly secret?: SecretKey;
  readonly keyFile?: string;
  readonly kind: SensorKind;
  /** Devices of one place see the same rooms; the default is the device's id. */
  readonly place?: string;
  /** Which sensor of a logger file it plays: `site/sensor` or `sensor`. */
  readonly replaySensor?: string;
}

export interface SimOptions {
  readonly mqttUrl: string;
  /** Each device keeps its journal in a folder of its own name in here. */
  readonly directory: string;
  readonly devices: readonly SimDevice[];
  /** The ledger's profile. */
  readonly profile?: Profile;
  readonly replayFile?: string;
  readonly rowsPerPack?: number;
  /** For a replay: times faster than it was, or `max`. */
  readonly speed?: number | 'max';
  /** Seconds between rows of a device when there is no file. */
  readonly interval_s?: number;
  /** Sign the time from here until now first, without a file; then go on live. */
  readonly backfillFrom_ms?: number;
  /** End after so many seconds, or so many live rows of each device; without both, when `signal` aborts or the file ends. */
  readonly duration_s?: number;
  readonly rows?: number;
  /** How long to wait at the end for the last acknowledgements; not at all once `signal` aborts. */
  readonly drain_s?: number;
  readonly faults?: FaultPlan;
  readonly tls?: UplinkOptions['tls'];
  readonly onProgress?: (progress: SimProgress) => void;
  /** Told each time the connection of a device ends or does not come about, with the reason; never a secret. */
  readonly onDisconnect?: (device: string, reason: string) => void;
  readonly signal?: AbortSignal;
  readonly clock?: WaitingClock;
  readonly random?: RandomBytes;
  readonly crypto?: CryptoProvider;
}

export interface SimProgress {
  readonly phase: 'replay' | 'backfill' | 'live' | 'drain';
  /** Time of the newest reading. */
  readonly time_ms: number;
  readonly rows: number;
  /** Packs signed in this run and acknowledged in it, and those still waiting, earlier runs' included. */
  readonly packs: number;
  readonly acknowledged: number;
  readonly waiting: number;
}

export interface SimReport {
  readonly rows: number;
  readonly packs: number;
  /** Rows of the file without a value; 0 without a file. */
  readonly missing: number;
  readonly refused: number;
  /** True when the broker acknowledged every pack. */
  readonly drained: boolean;
  readonly devices: readonly (DeviceStatus & {
    readonly uplink: UplinkStatus;
    readonly faults?: FaultCounts;
  })[];
}

interface Running {
  readonly spec: SimDevice;
  readonly device: Device;
  readonly uplink: Uplink;
  readonly faults: Faults | undefined;
}

const DRAIN_S = 60;
const INTERVAL_S = 900;
const DEVICES_MAX = 1024;

/** Runs until its source ends; everything is stopped when it settles. Throws what the parts throw, `sim/bad-option` first. */
export async function runSim(options: SimOptions): Promise<SimReport> {
  if (options.devices.length === 0 || options.devices.length > DEVICES_MAX) {
    throw new AppError('sim/bad-option', `give 1 to ${DEVICES_MAX} devices`);
  }
  if (new Set(options.devices.map(({ id }) => id)).size < options.devices.length) {
    throw new AppError('sim/bad-option', 'two devices have the same id; rename one');
  }
  const clock = options.clock ?? systemClock;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  options.signal?.addEventListener('abort', end, { once: true });
  if (options.signal?.aborted === true) end();
  if (options.duration_s !== undefined) {
    void clock.wait(options.duration_s * 1000, ending.signal).then(end);
  }
  const running: Running[] = [];
  try {
    for (const spec of options.devices) running.push(await startDevice(spec, options, clock));
    const counts = await play(options, running, clock, ending.signal);
    const drained = await drain(options, running, clock, counts.rows);
    return {
      ...counts,
      drained,
      devices: running.map(({ device, uplink, faults }) => ({
        ...device.status(),
        uplink: uplink.status(),
        ...(faults === undefined ? {} : { faults: faults.counts() }),
      })),
    };
  } finally {
    end();
    options.signal?.removeEventListener('abort', end);
    await Promise.all(running.map(({ uplink }) => uplink.stop()));
    await Promise.all(running.map(({ device }) => device.close()));
  }
}

async function startDevice(
  spec: SimDevice,
  options: SimOptions,
  clock: WaitingClock,
): Promise<Running> {
  if (spec.secret === undefined && spec.keyFile === undefined) {
    throw new AppError('sim/bad-option', `give ${spec.id} a secret or a keyFile`);
  }
  const faults = options.faults === undefined ? undefined : createFaults(options.faults, spec.id);
  const secret = spec.secret ?? (await readSecretKey(spec.keyFile ?? ''));
  const crypto = options.crypto ?? nodeCrypto;
  const random = options.random ?? secureRandom;
  const device = await createDevice({
    id: spec.id,
    secret,
    directory: join(options.directory, spec.id),
    crypto,
    hash: profileHash(crypto, options.profile ?? 'guomi'),
    clock: createDriftingClock(clock, options.faults?.clock ?? {}),
    // A wrong clock is a fault of the readings here; a device that cannot connect at all shows nothing.
    tokenClock: clock,
    random,
  });
  const uplink = createUplink({
    device,
    url: options.mqttUrl,
    clock,
    random,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    onDisconnect: (reason) => options.onDisconnect?.(spec.id, reason),
    ...(faults === undefined ? {} : { faults }),
  });
  return { spec, device, uplink, faults };
}

type Counts = Pick<SimReport, 'rows' | 'packs' | 'missing' | 'refused'>;

async function play(
  options: SimOptions,
  running: readonly Running[],
  clock: WaitingClock,
  signal: AbortSignal,
): Promise<Counts> {
  if (options.replayFile !== undefined) return playFile(options, running, clock, signal);
  const members = running.map(({ spec, device }) => toMember(spec, device, options, clock));
  const tell = (phase: 'backfill' | 'live') => {
    const rowsOf = new Map<string, number>();
    return ({ device, time_ms, rows }: FleetProgress): void => {
      rowsOf.set(device, rows);
      const sum = [...rowsOf.values()].reduce((total, one) => total + one, 0);
      options.onProgress?.({ phase, time_ms, rows: sum, ...outboxes(running) });
    };
  };
  const counts = { rows: 0, packs: 0, missing: 0, refused: 0 };
  const add = (more: Pick<Counts, 'rows' | 'packs' | 'refused'>): void => {
    counts.rows += more.rows;
    counts.packs += more.packs;
    counts.refused += more.refused;
  };
  if (options.backfillFrom_ms !== undefined) {
    const span = { from_ms: options.backfillFrom_ms, to_ms: clock.now_ms() };
    add(await backfill({ members, ...span, signal, onProgress: tell('backfill') }));
  }
  const rows = options.rows === undefined ? {} : { rows: options.rows };
  add(await runFleet({ members, clock, signal, onProgress: tell('live'), ...rows }));
  return counts;
}

async function playFile(
  options: SimOptions,
  running: readonly Running[],
  clock: WaitingClock,
  signal: AbortSignal,
): Promise<Counts> {
  const counts = { rows: 0, packs: 0, missing: 0, refused: 0 };
  const playing = replayLogger({
    source: options.replayFile ?? '',
    devices: new Map(running.map(({ spec, device }) => [spec.replaySensor ?? spec.id, device])),
    unmapped: 'skip',
    clock,
    signal,
    ...(options.rowsPerPack === undefined ? {} : { rowsPerPack: options.rowsPerPack }),
    ...(options.speed === undefined ? {} : { speed: options.speed }),
  });
  for await (const { rows, packs, missing, skipped, time_ms, done } of playing) {
    options.onProgress?.({ phase: 'replay', time_ms, rows, ...outboxes(running) });
    Object.assign(counts, { rows: rows - skipped, packs, missing });
    if (done && rows > 0 && rows === skipped) {
      throw new AppError(
        'sim/nothing-played',
        'no device plays a sensor of the file; set replaySensor to `site/sensor` or `sensor` of a row',
      );
    }
  }
  return counts;
}

function toMember(
  spec: SimDevice,
  device: Device,
  options: SimOptions,
  clock: WaitingClock,
): FleetMember {
  const start_ms = options.backfillFrom_ms ?? clock.now_ms();
  return {
    device,
    sensor: createSensor(spec.kind, { seed: spec.place ?? spec.id, start_ms }),
    interval_ms: Math.round((options.interval_s ?? INTERVAL_S) * 1000),
    ...(options.rowsPerPack === undefined ? {} : { rowsPerPack: options.rowsPerPack }),
  };
}

async function drain(
  options: SimOptions,
  running: readonly Running[],
  clock: WaitingClock,
  rows: number,
): Promise<boolean> {
  options.onProgress?.({ phase: 'drain', time_ms: clock.now_ms(), rows, ...outboxes(running) });
  const patience = new AbortController();
  const lose = (): void => patience.abort();
  options.signal?.addEventListener('abort', lose, { once: true });
  if (options.signal?.aborted === true) lose();
  void clock.wait((options.drain_s ?? DRAIN_S) * 1000, patience.signal).then(lose);
  try {
    await Promise.all(running.map(({ device }) => device.outbox.below(1, patience.signal)));
  } finally {
    lose();
    options.signal?.removeEventListener('abort', lose);
  }
  return running.every(({ device }) => device.outbox.waiting === 0);
}

function outboxes(
  running: readonly Running[],
): Pick<SimProgress, 'packs' | 'acknowledged' | 'waiting'> {
  return {
    packs: running.reduce((sum, { device }) => sum + device.status().signed, 0),
    acknowledged: running.reduce((sum, { device }) => sum + device.status().acknowledged, 0),
    waiting: running.reduce((sum, { device }) => sum + device.outbox.waiting, 0),
  };
}
