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
}

export interface DeviceRegistry {
  /** Undefined for a device that the ledger does not know. */
  find(id: string): RegisteredDevice | undefined;
  close(): void;
}

const DEVICES_PREFIX = deviceKey('');
/** Names that the ledger does not know are not remembered, so this is bounded by its devices; a safety net only. */
const CACHED_MAX = 1_000_000;

/** `onRevoked` is told of each device that a block revoked. */
export function createDeviceRegistry(
  ledger: LedgerPort,
  onRevoked: (id: string) => void,
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
      if (load(id)?.active === false) onRevoked(id);
    }
  });
  return { find: (id) => cache.get(id) ?? load(id), close };
}
