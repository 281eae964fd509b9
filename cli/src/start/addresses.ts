// Under which name others reach what listens here.

import { networkInterfaces } from 'node:os';

/** As it stands in a URL: the machine's first address in its network when everyone may connect. */
export function reachableHost(host: string): string {
  if (host === '127.0.0.1' || host === '::1' || host === 'localhost') return 'localhost';
  if (host === '0.0.0.0' || host === '::') return firstAddress() ?? 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function firstAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
}
