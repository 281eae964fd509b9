// What a sensor is to a device: something that can be asked for its readings at a moment.

import type { Quantity } from '@suyuan/contracts';

/** One measured value: an integer of the stored scale of docs/formats.md §3 (milli-°C, milli-%RH, g, mV). */
export interface SensorReading {
  readonly quantity: Quantity;
  readonly time_ms: number;
  readonly value: number;
}

/** A pure function of time: the same moment gives the same readings, asked in any order. */
export interface Sensor {
  readonly kind: string;
  readonly quantities: readonly Quantity[];
  read(time_ms: number): SensorReading[];
}

/** What every kind takes; places that share `climateSeed` share their weather. */
export interface SensorOptions {
  readonly seed: string | number;
  readonly climateSeed?: string | number;
}
