// Every kind of sensor by name.

import { AppError } from '@suyuan/contracts';
import { createOrchardSensor, createPaddySensor } from './outdoors.ts';
import { createSiloSensor } from './silo.ts';
import { createTruckSensor } from './truck.ts';
import type { Sensor } from './types.ts';
import { createForcedAgeingSensor, createWarehouseSensor } from './warehouse.ts';
import { createYardSensor } from './yard.ts';

export * from './outdoors.ts';
export * from './silo.ts';
export * from './truck.ts';
export * from './types.ts';
export * from './warehouse.ts';
export * from './yard.ts';

export const SENSOR_KINDS = [
  'orchard',
  'yard',
  'warehouse',
  'paddy',
  'silo',
  'truck',
  'forced-ageing',
] as const;

export type SensorKind = (typeof SENSOR_KINDS)[number];

/** True for a name of `SENSOR_KINDS`. */
export function isSensorKind(value: unknown): value is SensorKind {
  return (SENSOR_KINDS as readonly unknown[]).includes(value);
}

/** A sensor of that kind with its usual figures; `start_ms` is when a yard's peel was laid out. Throws `sensor/unknown-kind`. */
export function createSensor(
  kind: SensorKind,
  options: { seed: string | number; climateSeed?: string | number; start_ms?: number },
): Sensor {
  switch (kind) {
    case 'orchard':
      return createOrchardSensor(options);
    case 'yard':
      return createYardSensor({ ...options, start_ms: options.start_ms ?? 0 });
    case 'warehouse':
      return createWarehouseSensor(options);
    case 'paddy':
      return createPaddySensor(options);
    case 'silo':
      return createSiloSensor(options);
    case 'truck':
      return createTruckSensor(options);
    case 'forced-ageing':
      return createForcedAgeingSensor(options);
    default:
      throw new AppError('sensor/unknown-kind', `use one of ${SENSOR_KINDS.join(', ')}`);
  }
}
