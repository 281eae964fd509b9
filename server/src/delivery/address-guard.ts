// Which addresses this server may send to on a stranger's word. Without a guard a subscriber could make the server talk to
// its own neighbours (server-side request forgery).

import { BlockList, isIP } from 'node:net';
import { AppError } from '@suyuan/contracts';

const URL_CHARS_MAX = 2_048;

/** IANA special-purpose registries: what is not a public host. */
const V4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Whatever is outside 2000::/3 is no public host; inside it, tunnels that carry IPv4 addresses and documentation. */
const V6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const inside = new BlockList();
for (const [net, bits] of V4) inside.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of V6) inside.addSubnet(net, bits, 'ipv6');
const publicV6 = new BlockList();
publicV6.addSubnet('2000::', 3, 'ipv6');

/** True for the address of a host on the public internet. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !inside.check(address, 'ipv4');
  if (version === 6) return publicV6.check(address, 'ipv6') && !inside.check(address, 'ipv6');
  return false;
}

/**
 * The target as a URL: http or https, no user name or password, no fragment, and a literal address only if it is public or
 * `allowPrivate`. A name is looked at when it is resolved. Throws `delivery/bad-target`.
 */
export function assertTarget(text: unknown, allowPrivate: boolean): URL {
  if (typeof text !== 'string' || text.length > URL_CHARS_MAX || !URL.canParse(text)) {
    throw badTarget(`Give an http(s) address of at most ${URL_CHARS_MAX} characters.`);
  }
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw badTarget('Use http or https.');
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw badTarget('Leave out user name, password and fragment.');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (allowPrivate) return url;
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw privateTarget();
  if (/(^|\.)(localhost|local|internal)\.?$/i.test(host)) throw privateTarget();
  return url;
}

export function privateTarget(): AppError {
  return badTarget('The address is not on the public internet; this server does not send there.');
}

function badTarget(message: string): AppError {
  return new AppError('delivery/bad-target', message);
}
