// Several devices on a schedule: live, each interval by the clock, or through the past as fast as it can be journaled and
// acknowledged.

import { AppError, isAppError } from '@suyuan/contracts';
import type { WaitingClock } from '../clock/clock.ts';
import type { Device } from '../device/device.ts';
import type { Sensor } from '../sensors/types.ts';
import { createInFlight } from './in-flight.ts';
import { createPacker } from './packer.ts';

export interface FleetMember {
  readonly device: Device;
  readonly sensor: Sensor;
  readonly interval_ms: number;
  readonly rowsPerPack?: number;
}

export interface FleetProgress {
  readonly device: string;
  readonly time_ms: number;
  readonly rows: number;
  readonly packs: number;
  /** Packs that a full journal refused: their time is missing for good. */
  readonly refused: number;
}

export interface FleetReport {
  readonly rows: number;
  readonly packs: number;
  readonly refused: number;
}

interface Common {
  readonly members: readonly FleetMember[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FleetProgress) => void;
}

export interface RunFleetOptions extends Common {
  /** True time: it paces the schedule and the sensors' weather; each reading carries its device's own clock. */
  readonly clock: WaitingClock;
  /** Stop after this many rows of each device; without it, when `signal` aborts. */
  readonly rows?: number;
}

export interface BackfillOptions extends Common {
  /** From the first multiple of the interval at or after `from_ms` up to, not including, `to_ms`. */
  readonly from_ms: number;
  readonly to_ms: number;
  /** Packs of one device that may wait for the broker. */
  readonly backlog_packs?: number;
}

export const MEMBERS_MAX = 1024;
const INTERVAL_MS_MIN = 10;
const DURABLE_IN_FLIGHT = 64;
const BACKLOG_PACKS = 512;

function assertMembers(members: readonly FleetMember[]): void {
  const right = members.every(
    ({ interval_ms }) => Number.isInteger(interval_ms) && interval_ms >= INTERVAL_MS_MIN,
  );
  if (!right || members.length === 0 || members.length > MEMBERS_MAX) {
    throw new AppError(
      'fleet/bad-option',
      `give 1 to ${MEMBERS_MAX} devices, each with an interval of at least ${INTERVAL_MS_MIN} ms`,
    );
  }
}

/** Publishes live. Rows fall on multiples of the interval. A full journal is counted, any other failure rejects. */
export async function runFleet(options: RunFleetOptions): Promise<FleetReport> {
  assertMembers(options.members);
  const reports = await Promise.all(options.members.map((member) => runMember(member, options)));
  return total(reports);
}

async function runMember(member: FleetMember, options: RunFleetOptions): Promise<FleetReport> {
  const { clock, signal } = options;
  const { device, sensor, interval_ms } = member;
  const packer = createPacker(device, member.rowsPerPack);
  const report = { rows: 0, packs: 0, refused: 0 };
  const keep = async (signing: Promise<boolean>): Promise<void> => {
    try {
      if (await signing) report.packs += 1;
    } catch (error) {
      if (!isAppError(error, 'device/backlog-full')) throw error;
      report.refused += 1;
    }
  };
  let due_ms = Math.ceil(clock.now_ms() / interval_ms) * interval_ms;
  const stopped = (): boolean => signal?.aborted === true;
  while (!stopped() && report.rows < (options.rows ?? Number.POSITIVE_INFINITY)) {
    await clock.wait(due_ms - clock.now_ms(), signal);
    if (stopped()) break;
    const shown_ms = device.clock.now_ms();
    await keep(packer.add(sensor.read(due_ms).map((one) => ({ ...one, time_ms: shown_ms }))));
    report.rows += 1;
    options.onProgress?.({ device: device.id, time_ms: shown_ms, ...report });
    // A machine that slept takes up the schedule where it is now: rows of the past are not invented.
    const passed = Math.floor((clock.now_ms() - due_ms) / interval_ms);
    due_ms += Math.max(1, passed) * interval_ms;
  }
  await keep(packer.flush());
  return report;
}

/** Lives through the past: each device signs what it would have signed, waiting for room instead of refusing. */
export async function backfill(options: BackfillOptions): Promise<FleetReport> {
  assertMembers(options.members);
  return total(await Promise.all(options.members.map((member) => fillMember(member, options))));
}

async function fillMember(member: FleetMember, options: BackfillOptions): Promise<FleetReport> {
  const { device, sensor, interval_ms } = member;
  const packer = createPacker(device, member.rowsPerPack);
  const writes = createInFlight(DURABLE_IN_FLIGHT);
  const report = { rows: 0, packs: 0, refused: 0 };
  const count = async (signing: Promise<boolean>): Promise<void> => {
    if (!(await signing)) return;
    report.packs += 1;
    options.onProgress?.({ device: device.id, time_ms: last_ms, ...report });
  };
  let last_ms = options.from_ms;
  const first_ms = Math.ceil(options.from_ms / interval_ms) * interval_ms;
  for (let time_ms = first_ms; time_ms < options.to_ms; time_ms += interval_ms) {
    await device.outbox.below(options.backlog_packs ?? BACKLOG_PACKS, options.signal);
    if (options.signal?.aborted === true) break;
    last_ms = time_ms;
    report.rows += 1;
    await writes.start(() => count(packer.add(sensor.read(time_ms))));
  }
  await writes.settled();
  await count(packer.flush());
  return report;
}

function total(reports: readonly FleetReport[]): FleetReport {
  const sum = { rows: 0, packs: 0, refused: 0 };
  for (const { rows, packs, refused } of reports) {
    sum.rows += rows;
    sum.packs += packs;
    sum.refused += refused;
  }
  return sum;
}
