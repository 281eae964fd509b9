// What sensors said of goods, in EPCIS (§7.3.7): extremes and mean over a span, with the packs of readings that they rest on.

import { bytesToHex } from '../../../encoding/bytes.ts';
import { deviceLink } from '../ids.ts';
import { formatTime } from '../time.ts';
import type { EpcisSensorElement, JsonValue } from '../types.ts';

export interface SensorSummary {
  /** Device id (GIAI), when all readings are of one. */
  readonly device?: string;
  readonly quantity: 'temperature' | 'humidity' | 'mass' | 'battery';
  readonly from_ms: number;
  readonly to_ms: number;
  /** Integers as packs store them: milli-°C, milli-%, grams, millivolts. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Ids of the signed packs, 32 bytes each. */
  readonly packHashes: readonly Uint8Array[];
}

/** Packs that one event names; the others are found through the anchors. */
export const SENSOR_PACKS_MAX = 256;

const REPORTED: Readonly<Record<SensorSummary['quantity'], { type: string; uom: string }>> = {
  temperature: { type: 'Temperature', uom: 'CEL' },
  humidity: { type: 'RelativeHumidity', uom: 'P1' },
  mass: { type: 'Mass', uom: 'KGM' },
  battery: { type: 'Voltage', uom: 'VLT' },
};

const packUrn = (id: Uint8Array): string => `urn:suyuan:pack:${bytesToHex(id)}`;

/** The sensor element of a summary. All four quantities are stored as thousandths of the unit that is reported. */
export function sensorElement(summary: SensorSummary): EpcisSensorElement {
  const packs = summary.packHashes.slice(0, SENSOR_PACKS_MAX).map(packUrn);
  const [only, ...others] = packs;
  const several: Record<`${string}:${string}`, JsonValue> =
    others.length === 0 ? {} : { 'suyuan:packs': packs };
  return {
    sensorMetadata: {
      startTime: formatTime(summary.from_ms),
      endTime: formatTime(summary.to_ms),
      ...(summary.device === undefined ? {} : { deviceID: deviceLink(summary.device) }),
      ...(only === undefined || others.length > 0 ? {} : { rawData: only }),
      ...several,
    },
    sensorReport: [
      {
        ...REPORTED[summary.quantity],
        minValue: summary.min / 1000,
        maxValue: summary.max / 1000,
        meanValue: summary.mean / 1000,
      },
    ],
  };
}
