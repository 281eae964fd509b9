// Which keys a bundle proves when there are more than one bundle may: what the verdict cannot do without goes first, and what is
// left out is unknown on the page, not wrong.

import { accountKey, deviceKey } from '@suyuan/contracts';

const ACCOUNTS = accountKey('');

/** Above this a node proves nothing at once (`ledger/too-many-keys`). */
export const SHOWN_KEYS_MAX = 2_048;

/** What vouches for readings at the lot's places: a device is of use with its own record only, a gateway with all its keys. */
export interface Vouching {
  readonly device?: string;
  readonly keys: readonly string[];
}

export interface ShownKeys {
  /** Ascending, each once. */
  readonly keys: readonly string[];
  readonly devices: ReadonlySet<string>;
}

/**
 * `needed` first, of these the accounts last: they give names and roles. Then as many of `vouching` as there is room for, each
 * whole or not at all.
 */
export function shownKeys(
  needed: readonly string[],
  vouching: Iterable<Vouching>,
  max = SHOWN_KEYS_MAX,
): ShownKeys {
  const records = needed.filter((key) => !key.startsWith(ACCOUNTS));
  const room = Math.max(0, max - records.length);
  const accounts = needed.filter((key) => key.startsWith(ACCOUNTS)).slice(0, room);
  const keys = new Set([...records, ...accounts]);
  const devices = new Set<string>();
  for (const { device, keys: more } of vouching) {
    if (device !== undefined && devices.has(device)) continue;
    const fresh = more.filter((key) => !keys.has(key));
    if (keys.size + fresh.length > max) continue;
    for (const key of fresh) keys.add(key);
    if (device !== undefined) devices.add(device);
  }
  return { keys: [...keys].sort(), devices };
}

export function vouchingDevice(id: string, holder: string, registeredBy: string): Vouching {
  return { device: id, keys: [deviceKey(id), accountKey(holder), accountKey(registeredBy)] };
}
