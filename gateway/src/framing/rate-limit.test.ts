import { expect, it } from 'vitest';
import { ConnectRateLimit } from './rate-limit.ts';

const LIMITS = { connectBurst: 3, connectRate_perSecond: 2, connectAddresses: 2 };

it('lets an address connect in bursts and then at its rate', () => {
  const limit = new ConnectRateLimit(LIMITS);
  const tries = (count: number, now_ms: number) =>
    Array.from({ length: count }, () => limit.allow('a', now_ms)).filter(Boolean).length;
  expect(tries(5, 0)).toBe(3);
  expect(tries(5, 1000)).toBe(2);
  expect(tries(5, 3_600_000)).toBe(3);
  // A clock that is set back gives nothing and takes nothing.
  expect(tries(1, 0)).toBe(0);
});

it('remembers a bounded number of addresses', () => {
  const limit = new ConnectRateLimit(LIMITS);
  for (let i = 0; i < 100; i += 1) limit.allow(`address ${i}`, 0);
  expect(limit.addresses).toBe(2);
});
