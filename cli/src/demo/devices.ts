// The demo's devices: where they stand, what they measure, when they have power.

import type { SuiteName } from '@suyuan/contracts';
import type { SensorKind } from '@suyuan/firmware-sim';
import { GLN } from './goods.ts';
import { HOUR_MS } from './ids.ts';
import { orchardOf } from './people.ts';
import { at, DAYS, daysBefore, type Plan } from './plan.ts';

export interface DemoDevice {
  readonly id: string;
  readonly suite: SuiteName;
  readonly kind: SensorKind;
  readonly place: string;
  readonly holder: string;
  readonly interval_s: number;
  readonly rowsPerPack: number;
  readonly from_ms: number;
  /** Unless it goes on live. */
  readonly until_ms?: number;
  /** Stretches without power. */
  readonly outages?: readonly Span[];
  /** Of a truck: when its cooling fails. */
  readonly breakdowns?: readonly Span[];
  /** A logger's file stands in for its sensor. */
  readonly replay?: string;
}

export interface Span {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Room B-3 loses its mains: days before the end. What falls before the room's first day did not happen. */
const OUTAGES_DAYS = [
  [1_190, 1_189.2],
  [204, 201.6],
  [77.5, 77.1],
] as const;

/** ES256 is what secure elements of sensors speak, and the fastest to check: it is the suite of the long years. */
export function devicesOf(plan: Plan): readonly DemoDevice[] {
  const span = (from: number, to: number): Span => ({
    from_ms: at(plan, from),
    to_ms: at(plan, to),
  });
  const hourly = { suite: 'es256', interval_s: 3600, rowsPerPack: 1 } as const;
  const stored_ms = at(plan, daysBefore(plan, 'stored'));
  // Hung up before the peel comes.
  const hung_ms = stored_ms - HOUR_MS;
  const orchard = orchardOf('grower-sanjiang');
  return [
    {
      id: '9520000-ORCHARD-9',
      suite: 'ed25519',
      kind: 'orchard',
      place: orchard.gln,
      holder: orchard.grower,
      interval_s: 10,
      rowsPerPack: 1,
      from_ms: plan.end_ms,
    },
    {
      ...hourly,
      id: '9520000-YARD-1',
      kind: 'yard',
      place: GLN.yard,
      holder: 'sanjiang-coop',
      from_ms: at(plan, daysBefore(plan, 'picked')),
      until_ms: stored_ms,
    },
    {
      ...hourly,
      id: '9520000-ROOM-A1',
      kind: 'warehouse',
      place: GLN.roomA,
      holder: 'sanjiang-coop',
      from_ms: hung_ms,
      ...(plan.replay === undefined ? {} : { replay: plan.replay }),
    },
    {
      ...hourly,
      id: '9520000-ROOM-B3',
      kind: 'warehouse',
      place: GLN.roomB,
      holder: 'sanjiang-coop',
      from_ms: hung_ms,
      outages: OUTAGES_DAYS.map(([from, to]) => span(from, to)).filter(
        ({ from_ms }) => from_ms > stored_ms,
      ),
    },
    {
      id: '9520000-SILO-2',
      suite: 'sm2',
      kind: 'silo',
      place: GLN.silo,
      holder: 'taishan-coop',
      interval_s: 3600,
      rowsPerPack: 4,
      from_ms: at(plan, DAYS.siloed),
    },
    {
      id: '9520000-MILL-1',
      suite: 'sm2',
      kind: 'warehouse',
      place: GLN.mill,
      holder: 'taishan-coop',
      interval_s: 3600,
      rowsPerPack: 4,
      from_ms: at(plan, DAYS.milled),
    },
    {
      id: '9520000-SHED-1',
      suite: 'es256',
      kind: 'truck',
      place: GLN.melonShed,
      holder: 'duruan-farm',
      interval_s: 600,
      rowsPerPack: 6,
      from_ms: at(plan, DAYS.melonHarvest),
    },
    {
      id: '9520000-TRUCK-7',
      suite: 'sm2',
      kind: 'truck',
      place: GLN.truck,
      holder: 'carrier',
      interval_s: 600,
      rowsPerPack: 6,
      from_ms: at(plan, DAYS.melonPacked),
      breakdowns: [span(DAYS.melonWarm, DAYS.melonCold)],
    },
  ];
}
