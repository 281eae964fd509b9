// A logger's year lived through by a house: three devices of three suites, MQTT, a clock that stands along the way.

import { join } from 'node:path';
import { profileHash, type SuiteName } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import {
  createDevice,
  createUplink,
  type Device,
  type ReplayProgress,
  replayLogger,
  secureRandom,
  type Uplink,
} from '@suyuan/firmware-sim';
import { GLN, HOLDER } from './aged-lot.ts';
import type { TestHouse } from './house.ts';
import { type LoggerFile, QUARTER_MS, YEAR_END_MS, YEAR_START_MS } from './logger-file.ts';

export interface YearDevice {
  readonly sensor: string;
  readonly id: string;
  readonly suite: SuiteName;
  readonly place: string;
}

/** The case stands in the room. */
export const YEAR_DEVICES: readonly YearDevice[] = [
  { sensor: 'Room 1', id: '9520001-ROOM-1', suite: 'sm2', place: GLN.room },
  { sensor: 'Room 1 Case', id: '9520001-CASE-1', suite: 'es256', place: GLN.room },
  { sensor: 'External', id: '9520001-OUTSIDE-1', suite: 'ed25519', place: GLN.outside },
];

const ROWS_PER_PACK = 60;
/** Three packs of each sensor are 45 h: within the 48 h in which a reading counts as on time. */
const STEP_ROWS = 3 * ROWS_PER_PACK;
/** The last reading speaks for 22.5 minutes: by then its room is still known. */
export const YEAR_CLOSED_MS = YEAR_END_MS + 5 * 60_000;

/** The device itself; `directory` is its own. */
export async function createYearDevice(
  house: Pick<TestHouse, 'keys' | 'clock' | 'profile'>,
  { id, suite }: YearDevice,
  directory: string,
): Promise<Device> {
  const hash = profileHash(nodeCrypto, house.profile);
  const secret = await house.keys.get(id, suite);
  const { clock } = house;
  return createDevice({
    ...{ id, secret, directory, crypto: nodeCrypto, hash, clock, random: secureRandom },
  });
}

/** Enters the device into the ledger, at its place from `from_ms`, or from now on. */
export async function registerYearDevice(
  house: TestHouse,
  { id, suite, place }: YearDevice,
  from_ms?: number,
): Promise<void> {
  const { bytes } = nodeCrypto.publicKeyOf(await house.keys.get(id, suite));
  await house.submit(HOLDER, 'devices', 'register', {
    ...{ id, place, key: { suite, key: bytes }, holder: HOLDER, interval_s: 900 },
    quantities: ['temperature', 'humidity'],
    ...(from_ms === undefined ? {} : { from: from_ms }),
  });
}

/** Registers the devices and plays the file through them; gives the last report once everything is anchored. */
export async function replayYear(house: TestHouse, file: LoggerFile): Promise<ReplayProgress> {
  const devices = new Map<string, Device>();
  const uplinks: Uplink[] = [];
  try {
    for (const spec of YEAR_DEVICES) {
      const device = await createYearDevice(house, spec, join(house.directory, 'devices', spec.id));
      devices.set(spec.sensor, device);
      await registerYearDevice(house, spec, YEAR_START_MS);
      uplinks.push(createUplink({ device, url: house.mqttUrl, clock: house.clock }));
    }
    const standAtStep = (step: number): void =>
      house.clock.standAt(Math.min(YEAR_CLOSED_MS, YEAR_START_MS + step * STEP_ROWS * QUARTER_MS));
    const settled = async (): Promise<void> => {
      await Promise.all(uplinks.map((uplink) => uplink.drained()));
      await house.gateway.drained();
    };
    standAtStep(1);
    let last: ReplayProgress | undefined;
    for await (const progress of replayLogger({
      source: linesOf(file),
      devices,
      rowsPerPack: ROWS_PER_PACK,
      reportEvery_rows: STEP_ROWS * YEAR_DEVICES.length,
    })) {
      await settled();
      standAtStep(Math.floor(progress.rows / (STEP_ROWS * YEAR_DEVICES.length)) + 1);
      last = progress;
    }
    if (last?.done !== true) throw new Error('the replay did not come to its end');
    return last;
  } finally {
    await Promise.all(uplinks.map((uplink) => uplink.stop()));
    for (const device of devices.values()) await device.close();
  }
}

/** The file's text in pieces, as `replayLogger` takes it. */
export async function* linesOf(file: LoggerFile): AsyncGenerator<string, void> {
  yield `${file.header}\n`;
  for (let at = 0; at < file.lines.length; at += 512) {
    yield `${file.lines.slice(at, at + 512).join('\n')}\n`;
  }
}
