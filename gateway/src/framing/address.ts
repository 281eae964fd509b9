// Whom a limit counts: an IPv4 customer has an address, an IPv6 customer a whole /64.

import { isIPv4, isIPv6 } from 'node:net';

const SUBNET_GROUPS = 4;

/** An IPv4 address as it is, also when it comes mapped into IPv6; of an IPv6 address its /64; other text as it is. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  const text = address.split('%')[0] ?? '';
  const mapped = /^::ffff:([\d.]+)$/i.exec(text)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  const [head = '', tail] = text.split('::');
  const before = groupsOf(head);
  if (tail !== undefined) {
    const after = groupsOf(tail);
    // `::` stands for as many zeros as are missing; a dotted end counts as two groups.
    const missing = 8 - before.length - after.length - (tail.includes('.') ? 1 : 0);
    before.push(...Array.from({ length: Math.max(0, missing) }, () => '0'), ...after);
  }
  const subnet = before.slice(0, SUBNET_GROUPS).map((group) => Number.parseInt(group, 16));
  return `${subnet.map((group) => group.toString(16)).join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
