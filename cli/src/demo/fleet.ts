// The demo's devices with their uplinks: who reports when, in the season and after it.

import { join } from 'node:path';
import { getDevice, profileHash, toPublicKey } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import {
  backfill,
  createDevice,
  createSensor,
  createTruckSensor,
  createUplink,
  type Device,
  type FleetMember,
  runFleet,
  type Sensor,
  secureRandom,
  type Uplink,
} from '@suyuan/firmware-sim';
import type { HouseClock } from '../house/clock.ts';
import type { House } from '../house/house.ts';
import { type DemoDevice, devicesOf, type Span } from './devices.ts';
import type { Plan } from './plan.ts';
import { type LoggerTrack, openLoggerTrack } from './replay.ts';

export interface Fleet {
  /** Registers the devices whose time has come. */
  register(now_ms: number): Promise<void>;
  /** Every device reports what it saw between two times of the season; resolves when all of it is acknowledged. */
  report(from_ms: number, to_ms: number, signal: AbortSignal): Promise<void>;
  /** Reports live until `signal` aborts. */
  live(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

interface Entry {
  readonly spec: DemoDevice;
  readonly device: Device;
  /** Absent until its first report: a device that the ledger does not know yet is turned away and backs off for a minute. */
  uplink?: Uplink;
  readonly member: FleetMember;
  /** A logger's file in the place of the sensor. */
  readonly track?: LoggerTrack;
  readonly until_ms: number;
}

/** Live rows of a device with an hourly interval would leave the status page still: a quarter of an hour is the longest. */
const LIVE_INTERVAL_S_MAX = 900;

/** A whole step of hourly packs on the way at once: here the way is short. */
const WINDOW = 64;

export async function openFleet(
  house: House,
  clock: HouseClock,
  directory: string,
  plan: Plan,
): Promise<Fleet> {
  const hash = profileHash(nodeCrypto, house.profile);
  const url = `mqtt://127.0.0.1:${house.mqttPort}`;
  const entries: Entry[] = [];
  for (const spec of devicesOf(plan)) {
    const known = getDevice({ get: (key) => house.node.read(key) }, spec.id);
    const device = await createDevice({
      id: spec.id,
      secret: await (known === undefined
        ? house.keys.get(spec.id, spec.suite)
        : house.keys.held(spec.id, toPublicKey(known.key))),
      directory: join(directory, spec.id),
      crypto: nodeCrypto,
      hash,
      clock,
      random: secureRandom,
    });
    const track =
      spec.replay === undefined
        ? undefined
        : await openLoggerTrack(spec.replay, { device, from_ms: spec.from_ms, to_ms: plan.end_ms });
    entries.push({
      spec,
      device,
      member: {
        device,
        sensor: sensorOf(spec),
        interval_ms: spec.interval_s * 1000,
        rowsPerPack: spec.rowsPerPack,
      },
      ...(track === undefined ? {} : { track }),
      until_ms: spec.until_ms ?? Number.POSITIVE_INFINITY,
    });
  }

  async function register(now_ms: number): Promise<void> {
    for (const entry of entries) {
      const { spec, device, track } = entry;
      if (spec.from_ms > now_ms || house.node.read(`devices/${spec.id}`) !== undefined) continue;
      const { suite, bytes } = device.publicKey;
      await house.submit(spec.holder, 'devices', 'register', {
        id: spec.id,
        key: { suite, key: bytes },
        holder: spec.holder,
        interval_s: track?.interval_s ?? spec.interval_s,
        quantities: ['temperature', 'humidity', ...(track === undefined ? ['battery'] : [])],
        place: spec.place,
      });
    }
  }

  async function report(from_ms: number, to_ms: number, signal: AbortSignal): Promise<void> {
    await Promise.all(
      entries.map(async (entry) => {
        const { spec, member, device, track } = entry;
        const start_ms = Math.max(from_ms, spec.from_ms);
        const spans = powered(spec, start_ms, Math.min(to_ms, entry.until_ms));
        if (spans.length === 0) return;
        entry.uplink ??= createUplink({ device, url, clock, window: WINDOW });
        for (const span of spans) {
          if (track !== undefined) await track.report(span, signal);
          else await backfill({ members: [member], ...span, signal });
        }
        await orAborted(entry.uplink.drained(), signal);
      }),
    );
  }

  return {
    register,
    report,
    async live(signal) {
      // A logger's file has an end, and nobody invents what its room is like after it.
      const living = entries.filter(
        ({ until_ms, track }) => until_ms > clock.now_ms() && track === undefined,
      );
      for (const entry of living)
        entry.uplink ??= createUplink({ device: entry.device, url, clock, window: WINDOW });
      const members = living.map(({ member, spec }) => ({
        ...member,
        interval_ms: Math.min(spec.interval_s, LIVE_INTERVAL_S_MAX) * 1000,
        rowsPerPack: 1,
      }));
      await runFleet({ members, clock, signal });
    },
    async stop() {
      await Promise.all(entries.map(({ uplink }) => uplink?.stop()));
      await Promise.all(entries.map(({ device }) => device.close()));
    },
  };
}

/** Waits, but not longer than the signal lasts: a gateway that failed acknowledges nothing any more. */
export async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    work.catch(() => undefined);
    return;
  }
  let leave = (): void => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    await Promise.race([work, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** The parts of a stretch in which the device had power. */
export function powered(
  { outages = [] }: Pick<DemoDevice, 'outages'>,
  from_ms: number,
  to_ms: number,
): Span[] {
  let start_ms = from_ms;
  const parts: Span[] = [];
  for (const { from_ms: dark_ms, to_ms: back_ms } of outages) {
    if (back_ms <= start_ms || dark_ms >= to_ms) continue;
    if (dark_ms > start_ms) parts.push({ from_ms: start_ms, to_ms: dark_ms });
    start_ms = Math.max(start_ms, back_ms);
  }
  if (start_ms < to_ms) parts.push({ from_ms: start_ms, to_ms });
  return parts;
}

function sensorOf({ id, kind, from_ms, breakdowns }: DemoDevice): Sensor {
  const options = { seed: id, climateSeed: 'jiangmen' };
  return kind === 'truck'
    ? createTruckSensor({ ...options, ...(breakdowns === undefined ? {} : { breakdowns }) })
    : createSensor(kind, { ...options, start_ms: from_ms });
}
