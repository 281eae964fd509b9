// The demo's devices with their uplinks: who reports when, in the season and after it.

import { join } from 'node:path';
import { getDevice, profileHash, toPublicKey } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import {
  backfill,
  createDevice,
  createSensor,
  createUplink,
  type Device,
  type FleetMember,
  runFleet,
  secureRandom,
  type Uplink,
} from '@suyuan/firmware-sim';
import type { HouseClock } from '../house/clock.ts';
import type { House } from '../house/house.ts';
import { DAY_MS, DEVICES, type DemoDevice } from './story.ts';

interface Span {
  readonly from_ms: number;
  readonly to_ms: number;
}

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
  readonly from_ms: number;
  readonly until_ms: number;
}

/** Live rows of a device with an hourly interval would leave the status page still: a quarter of an hour is the longest. */
const LIVE_INTERVAL_S_MAX = 900;

export async function openFleet(
  house: House,
  clock: HouseClock,
  directory: string,
  end_ms: number,
): Promise<Fleet> {
  const hash = profileHash(nodeCrypto, house.profile);
  const url = `mqtt://127.0.0.1:${house.mqttPort}`;
  const entries: Entry[] = [];
  for (const spec of DEVICES) {
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
    const from_ms = end_ms - spec.from_days * DAY_MS;
    entries.push({
      spec,
      device,
      member: {
        device,
        sensor: createSensor(spec.kind, {
          seed: spec.id,
          climateSeed: 'jiangmen',
          start_ms: from_ms,
        }),
        interval_ms: spec.interval_s * 1000,
        rowsPerPack: spec.rowsPerPack,
      },
      from_ms,
      until_ms:
        spec.until_days === undefined
          ? Number.POSITIVE_INFINITY
          : end_ms - spec.until_days * DAY_MS,
    });
  }

  async function register(now_ms: number): Promise<void> {
    for (const entry of entries) {
      const { spec, device } = entry;
      if (entry.from_ms > now_ms || house.node.read(`devices/${spec.id}`) !== undefined) continue;
      const { suite, bytes } = device.publicKey;
      await house.submit(spec.holder, 'devices', 'register', {
        id: spec.id,
        key: { suite, key: bytes },
        holder: spec.holder,
        interval_s: spec.interval_s,
        quantities: ['temperature', 'humidity', 'battery'],
        place: spec.place,
      });
    }
  }

  async function report(from_ms: number, to_ms: number, signal: AbortSignal): Promise<void> {
    await Promise.all(
      entries.map(async (entry) => {
        const { spec, member, device } = entry;
        const start_ms = Math.max(from_ms, entry.from_ms);
        const spans = powered(spec, end_ms, start_ms, Math.min(to_ms, entry.until_ms));
        if (spans.length === 0) return;
        entry.uplink ??= createUplink({ device, url, clock });
        for (const span of spans) await backfill({ members: [member], ...span, signal });
        await orAborted(entry.uplink.drained(), signal);
      }),
    );
  }

  return {
    register,
    report,
    async live(signal) {
      const living = entries.filter(({ until_ms }) => until_ms > clock.now_ms());
      for (const entry of living)
        entry.uplink ??= createUplink({ device: entry.device, url, clock });
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
  spec: Pick<DemoDevice, 'outages_days'>,
  end_ms: number,
  from_ms: number,
  to_ms: number,
): Span[] {
  let start_ms = from_ms;
  const parts: Span[] = [];
  for (const [fromDays, toDays] of spec.outages_days ?? []) {
    const dark_ms = end_ms - fromDays * DAY_MS;
    const back_ms = end_ms - toDays * DAY_MS;
    if (back_ms <= start_ms || dark_ms >= to_ms) continue;
    if (dark_ms > start_ms) parts.push({ from_ms: start_ms, to_ms: dark_ms });
    start_ms = Math.max(start_ms, back_ms);
  }
  if (start_ms < to_ms) parts.push({ from_ms: start_ms, to_ms });
  return parts;
}
