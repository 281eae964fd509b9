import { expect, it } from 'vitest';
import { silentLogger } from '../../../engine/logger.ts';
import { createConduct } from './conduct.ts';
import { PEER_LIMITS } from './limits.ts';
import { createNotes } from './notes.ts';
import { peerError } from './peer-error.ts';
import { Bucket, Buckets, ReceiveQuota } from './quota.ts';
import { createHandClock } from './testing/hand-clock.ts';

it('may be overdrawn, and says for how long', () => {
  const bucket = new Bucket(10, 1, 0);
  expect(bucket.take(10, 0)).toBe(0);
  expect(bucket.take(5, 0)).toBe(5);
  expect(bucket.take(0, 3)).toBe(2);
  expect(bucket.take(0, 5)).toBe(0);
  expect(bucket.take(10, 1000)).toBe(0);
  expect(bucket.take(1, 1000)).toBe(1);
});

it('gives nothing for a clock that is set back, and goes on from there', () => {
  const bucket = new Bucket(10, 1, 1000);
  bucket.take(10, 1000);
  expect(bucket.take(5, 0)).toBe(5);
  expect(bucket.take(0, 5)).toBe(0);
});

it('remembers a bounded number of names', () => {
  const buckets = new Buckets(1, 0.001, 2);
  expect(buckets.allow('a', 0)).toBe(true);
  expect(buckets.allow('a', 0)).toBe(false);
  for (const name of ['b', 'c']) expect(buckets.allow(name, 0)).toBe(true);
  // Forgotten, so it begins anew.
  expect(buckets.allow('a', 0)).toBe(true);
});

it('charges small messages by their number and large ones by their bytes, each channel by itself', () => {
  const quota = new ReceiveQuota(PEER_LIMITS.receive, 0);
  const { bytes_per_s, messages_per_s } = PEER_LIMITS.receive.transactions;
  for (let i = 0; i < 2 * messages_per_s; i++) {
    expect(quota.charge('transactions', 0, true, 0)).toBe(0);
  }
  expect(quota.charge('transactions', 0, true, 0)).toBeGreaterThan(0);
  expect(quota.charge('blocks', 1000, true, 0)).toBe(0);
  const other = new ReceiveQuota(PEER_LIMITS.receive, 0);
  expect(other.charge('transactions', 2 * bytes_per_s, false, 0)).toBe(0);
  expect(other.charge('transactions', bytes_per_s, false, 0)).toBe(1000);
});

it('keeps out after too many faults, for a while, and forgets old ones', () => {
  const clock = createHandClock();
  const conduct = createConduct(clock, { ...PEER_LIMITS, faults: 2, faultLife_ms: 1000 });
  expect([conduct.fault('a'), conduct.fault('a')]).toEqual([false, false]);
  clock.advance(1000);
  expect([conduct.fault('a'), conduct.fault('a')]).toEqual([false, true]);
  expect([conduct.isKeptOut('a'), conduct.isKeptOut('b')]).toEqual([true, false]);
  clock.advance(PEER_LIMITS.cooldown_ms);
  expect(conduct.isKeptOut('a')).toBe(false);
  expect(conduct.fault('b', 3)).toBe(true);
  conduct.stop();
  expect(clock.timers).toEqual([]);
});

it('writes the same about the same once a minute, with how often it was', () => {
  const clock = createHandClock();
  const lines: [string, object][] = [];
  const line = (level: string) => (fields: object) => void lines.push([level, fields]);
  const logger = { ...silentLogger, info: line('info'), warn: line('warn'), error: line('error') };
  const notes = createNotes(logger, clock);
  const slow = peerError('peer/too-slow', 'slow');
  for (let i = 0; i < 5; i++) notes.write(slow, 'door');
  notes.write(slow, 'org-2');
  notes.write(peerError('peer/key-used-twice', 'twice'), 'org-2');
  notes.write(peerError('peer/closed', 'closed'), 'org-2');
  expect(lines.map(([level]) => level)).toEqual(['warn', 'warn', 'error', 'info']);
  clock.advance(60_000);
  notes.write(slow, 'door');
  expect(lines.at(-1)).toEqual(['warn', { code: 'peer/too-slow', peer: 'door', times: 4 }]);
});
