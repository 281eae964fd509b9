// Which devices ever stood at a place. The ledger's state is keyed by device, so this is kept beside it: filled at start,
// renewed after every block.

import { deviceKey, toDevice } from '@suyuan/contracts';
import type { LedgerNode } from '../http/ports.ts';

const PREFIX = 'devices/';
const PAGE = 1_000;

export interface DeviceIndex {
  /** Ids, ascending. */
  at(gln: string): readonly string[];
  stop(): void;
}

export function createDeviceIndex(node: LedgerNode): DeviceIndex {
  const byPlace = new Map<string, Set<string>>();

  // A device record remembers all its moves and none is ever taken back: the index only grows with the ledger's state.
  const learn = (key: string) => {
    const value = node.read(key);
    if (value === undefined) return;
    const device = toDevice(value);
    for (const { place } of device.assignments) {
      const ids = byPlace.get(place) ?? new Set();
      byPlace.set(place, ids.add(device.id));
    }
  };

  const unsubscribe = node.subscribe((notice) => {
    for (const key of notice.changedKeys) if (key.startsWith(PREFIX)) learn(key);
  });
  for (let after: string | undefined, more = true; more; ) {
    const keys = node.keys(PREFIX, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const key of keys) learn(key);
    after = keys.at(-1);
    more = keys.length === PAGE;
  }

  return {
    at: (gln) =>
      [...(byPlace.get(gln) ?? [])].sort((a, b) => (deviceKey(a) < deviceKey(b) ? -1 : 1)),
    stop: unsubscribe,
  };
}
