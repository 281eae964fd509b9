// The ledger's records of devices, read once and again after each block that changes them.

import {
  type Device,
  deviceKey,
  type LedgerPort,
  type PublicKey,
  toDevice,
  toPublicKey,
} from '@suyuan/contracts';

export interface RegisteredDevice {
  readonly key: PublicKey;
  readonly active: boolean;
  readonly interval_s: number;
  /** When it stood at a place: ascending by `from`, the last one open while it stands there. */
  readonly assignments: readonly { readonly from: number; readonly to?: number }[];
}

/** From when on the device stood somewhere; infinite when it never did. */
export function firstAssigned_ms({ assignments }: RegisteredDevice): number {
  return assignments[0]?.from ?? Number.POSITIVE_INFINITY;
}

/** True if it stood somewhere at some time in [from_ms, to_ms). */
export function isAssignedDuring(
  { assignments }: RegisteredDevice,
  { from_ms, to_ms }: { readonly from_ms: number; readonly to_ms: number },
): boolean {
  return assignments.some(({ from, to }) => from < to_ms && (to === undefined || to > from_ms));
}

export interface DeviceRegistry {
  /** Undefined for a device that the ledger does not know. */
  find(id: string): RegisteredDevice | undefined;
  close(): void;
}

const DEVICES_PREFIX = deviceKey('');
/** Names that the ledger does not know are not remembered, so this is bounded by its devices; a safety net only. */
const CACHED_MAX = 1_000_000;

/** `onChanged` is told of each device that a block changed, and whether it is active then. */
export function createDeviceRegistry(
  ledger: LedgerPort,
  onChanged: (id: string, active: boolean) => void,
): DeviceRegistry {
  const cache = new Map<string, RegisteredDevice>();

  function load(id: string): RegisteredDevice | undefined {
    const value = ledger.read(deviceKey(id));
    if (value === undefined) return undefined;
    const device: Device = toDevice(value);
    const found = {
      key: toPublicKey(device.key),
      active: device.status === 'active',
      interval_s: device.interval_s,
      assignments: device.assignments,
    };
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(id, found);
    return found;
  }

  const close = ledger.subscribe((notice) => {
    for (const key of notice.changedKeys) {
      if (!key.startsWith(DEVICES_PREFIX)) continue;
      const id = key.slice(DEVICES_PREFIX.length);
      cache.delete(id);
      onChanged(id, load(id)?.active === true);
    }
  });
  return { find: (id) => cache.get(id) ?? load(id), close };
}
