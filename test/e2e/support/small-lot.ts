// Five days of a lot in its room, one sensor with a silence of its own: enough for every part of the pages, made in seconds.

import { join } from 'node:path';
import {
  backfill,
  createSensor,
  createUplink,
  type Device,
  type Uplink,
} from '@suyuan/firmware-sim';
import { GTIN, issueLabels, makeLots, registerWorld } from './aged-lot.ts';
import { openTestHouse, type TestHouse } from './house.ts';
import { DAY_MS, QUARTER_MS } from './logger-file.ts';
import { createYearDevice, registerYearDevice, YEAR_DEVICES } from './replay-year.ts';

const HOUR_MS = 3_600_000;
const DAYS = 5;
/** Readings stay on time: within 48 h. */
const STEP_MS = 40 * HOUR_MS;

export interface SmallLot {
  readonly house: TestHouse;
  /** Still connected; what it records arrives. */
  readonly device: Device;
  /** Digital Link paths of the units. */
  readonly paths: readonly string[];
  /** When nothing was recorded. */
  readonly silence: { readonly from_ms: number; readonly to_ms: number };
  close(): Promise<void>;
}

export async function openSmallLot(units = 40): Promise<SmallLot> {
  let paths: readonly string[] = [];
  const end_ms = Math.floor(Date.now() / QUARTER_MS) * QUARTER_MS;
  const start_ms = end_ms - DAYS * DAY_MS;
  const silence = { from_ms: start_ms + 30 * HOUR_MS, to_ms: start_ms + 33 * HOUR_MS };
  const house = await openTestHouse({
    start_ms: start_ms - DAY_MS,
    sampleLink: (gtin) => (gtin === GTIN.peel ? paths[0] : undefined),
  });
  let uplink: Uplink | undefined;
  let device: Device | undefined;
  const close = async (): Promise<void> => {
    await uplink?.stop();
    await device?.close();
    await house.close();
  };
  try {
    await registerWorld(house);
    house.clock.standAt(start_ms);
    await makeLots(house, start_ms);
    const [spec] = YEAR_DEVICES;
    if (spec === undefined) throw new Error('no device');
    await registerYearDevice(house, spec, start_ms);
    device = await createYearDevice(house, spec, join(house.directory, 'devices', spec.id));
    const member = {
      device,
      sensor: createSensor('warehouse', { seed: 'small-lot' }),
      interval_ms: QUARTER_MS,
      rowsPerPack: 8,
    };
    const { clock, mqttUrl: url } = house;
    for (let from_ms = start_ms; from_ms < end_ms; from_ms += STEP_MS) {
      const to_ms = Math.min(end_ms, from_ms + STEP_MS);
      clock.standAt(to_ms);
      uplink ??= createUplink({ device, url, clock });
      const heard = [
        { from_ms, to_ms: Math.min(to_ms, silence.from_ms) },
        { from_ms: Math.max(from_ms, silence.to_ms), to_ms },
      ];
      for (const span of heard) {
        if (span.from_ms < span.to_ms) await backfill({ members: [member], ...span });
      }
      await uplink.drained();
      await house.gateway.drained();
    }
    paths = await issueLabels(house, units);
    await house.gateway.reconcileStatements();
    clock.letGo();
    return { house, device, paths, silence, close };
  } catch (error) {
    await close();
    throw error;
  }
}
