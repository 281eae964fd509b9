// The record of a device (docs/formats.md §5).

import type { CborObject, CborValue } from '../../encoding/types.ts';
import type { StateReader } from '../types.ts';

/** A stay of a device at a place; without `to` it stands there now. */
export interface Assignment {
  readonly place: string;
  readonly from: number;
  readonly to?: number;
}

export interface Device {
  readonly id: string;
  readonly key: CborObject;
  readonly holder: string;
  readonly interval_s: number;
  readonly quantities: readonly string[];
  readonly status: 'active' | 'revoked';
  /** Ascending by `from`. */
  readonly assignments: readonly Assignment[];
  readonly model?: string;
  readonly calibratedUntil?: number;
  readonly revokedAt?: number;
  readonly registeredBy: string;
}

export function deviceKey(id: string): string {
  return `devices/${id}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toDevice(value: CborValue): Device {
  return value as unknown as Device;
}

export function getDevice(state: StateReader, id: string): Device | undefined {
  const value = state.get(deviceKey(id));
  return value === undefined ? undefined : toDevice(value);
}
