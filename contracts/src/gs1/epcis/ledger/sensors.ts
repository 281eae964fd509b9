// What sensors said of goods, in EPCIS (§7.3.7): extremes and mean over a span, with the packs of readings that they rest on.

import { bytesToBase64url, bytesToHex } from '../../../encoding/bytes.ts';
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
  /** Readings that were counted. */
  readonly count: number;
  /** Signed packs that hold them. */
  readonly packCount: number;
  /** Ids of the packs in the order of boot epoch and number, 32 bytes each; empty when there are more than `SENSOR_PACKS_MAX`. */
  readonly packHashes: readonly Uint8Array[];
  /** SHA-256 of all these ids one after another, 32 bytes. */
  readonly packsHash: Uint8Array;
}

/** Packs that one event names; of more it has the hash. */
export const SENSOR_PACKS_MAX = 256;

/** How a summary is made: least, greatest, mean of all readings in the span whose packs were anchored before the event's block. */
const METHOD = 'urn:suyuan:summary:1';

const REPORTED: Readonly<Record<SensorSummary['quantity'], { type: string; uom: string }>> = {
  temperature: { type: 'Temperature', uom: 'CEL' },
  humidity: { type: 'RelativeHumidity', uom: 'P1' },
  mass: { type: 'Mass', uom: 'KGM' },
  battery: { type: 'Voltage', uom: 'VLT' },
};

const packUrn = (id: Uint8Array): string => `urn:suyuan:pack:${bytesToHex(id)}`;

/** The sensor element of a summary. All four quantities are stored as thousandths of the unit that is reported. */
export function sensorElement(summary: SensorSummary): EpcisSensorElement {
  const { packCount, packHashes, packsHash } = summary;
  const [only] = packHashes;
  const listed = packCount > 1 && packHashes.length > 0 && packHashes.length <= SENSOR_PACKS_MAX;
  const several: Record<`${string}:${string}`, JsonValue> = listed
    ? { 'suyuan:packs': packHashes.map(packUrn) }
    : {};
  return {
    sensorMetadata: {
      startTime: formatTime(summary.from_ms),
      endTime: formatTime(summary.to_ms),
      ...(summary.device === undefined ? {} : { deviceID: deviceLink(summary.device) }),
      dataProcessingMethod: METHOD,
      rawData:
        packCount === 1 && only !== undefined
          ? packUrn(only)
          : `ni:///sha-256;${bytesToBase64url(packsHash)}`,
      'suyuan:packCount': packCount,
      ...several,
    },
    sensorReport: [
      {
        ...REPORTED[summary.quantity],
        minValue: summary.min / 1000,
        maxValue: summary.max / 1000,
        meanValue: summary.mean / 1000,
        'suyuan:count': summary.count,
      },
    ],
  };
}
