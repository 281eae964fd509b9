// Visitor tokens: enough to tell two phones of one day apart, not enough to find either again tomorrow.

import { createHmac } from 'node:crypto';
import { clientOf } from '../http/unit-guard.ts';

const SALT_BYTES = 32;
/** 32 bits for the address, 32 for address and browser: many people share a value in the world, few on one pack in a day. */
const HALF_HEX = 8;

export interface Visitors {
  /** 16 hex digits; the first 8 are of the address alone: of an IPv6 one the /64 that its customer holds. */
  token(day: number, ip: string, userAgent: string): string;
}

/** The salt is made anew each day and lives in memory only: with it gone, no token leads back to an address. */
export function createVisitors(random: (size_bytes: number) => Uint8Array): Visitors {
  let salted: { day: number; salt: Uint8Array } = { day: -1, salt: new Uint8Array(0) };
  return {
    token(day, ip, userAgent) {
      const address = clientOf(ip);
      if (salted.day !== day) salted = { day, salt: random(SALT_BYTES) };
      const half = (...parts: string[]) =>
        createHmac('sha256', salted.salt)
          .update(JSON.stringify(parts))
          .digest('hex')
          .slice(0, HALF_HEX);
      return `${half(address)}${half(address, userAgent)}`;
    },
  };
}
