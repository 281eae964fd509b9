// The quantities that devices report: SenML name and unit (RFC 8428 §4, §12.1), the integer each is stored as and its
// physical limits (docs/formats.md §3). A value outside the limits is a broken sensor or a lie, never a reading.

export type Quantity = 'temperature' | 'humidity' | 'mass' | 'battery';

export interface QuantitySpec {
  readonly unit: string;
  /** Decimal digits between the SenML unit and the stored integer: 3 for Cel → milli-°C. */
  readonly scale: number;
  readonly min: number;
  readonly max: number;
}

export const QUANTITIES: Readonly<Record<Quantity, QuantitySpec>> = {
  temperature: { unit: 'Cel', scale: 3, min: -90_000, max: 150_000 },
  humidity: { unit: '%RH', scale: 3, min: 0, max: 100_000 },
  mass: { unit: 'kg', scale: 3, min: 0, max: 100_000_000 },
  battery: { unit: 'V', scale: 3, min: 0, max: 60_000 },
};

export function isQuantity(name: string): name is Quantity {
  return Object.hasOwn(QUANTITIES, name);
}

/** One value of one device at one time; `value` is an integer of the quantity's stored scale. */
export interface Reading {
  readonly quantity: Quantity;
  readonly time_ms: number;
  readonly value: number;
}
