// The promise of the room: after any crash every acknowledged record is there, in order, and nothing is half there.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemCode } from './disk.ts';
import { createMemoryDisk, type MemoryDisk, PowerLoss } from './memory-disk.ts';
import { openRecordLog } from './record-log.ts';
import { openSegmentedLog } from './segmented-log.ts';

interface AnyLog {
  appendMany(payloads: readonly Uint8Array[]): Promise<unknown[]>;
  close(): Promise<void>;
}
type OpenLog = (disk: MemoryDisk, onRecord: (payload: Uint8Array) => void) => Promise<AnyLog>;

const kinds: [string, OpenLog][] = [
  [
    'record log',
    (disk, onRecord) => openRecordLog({ path: '/data/log', maxRecord_bytes: 5000, disk }, onRecord),
  ],
  [
    'segmented log',
    (disk, onRecord) =>
      openSegmentedLog(
        { directory: '/data/log', maxRecord_bytes: 5000, segment_bytes: 3000, disk },
        onRecord,
      ),
  ],
];

/** A record that says which one it is, so that order, loss and damage show. */
function record(number: number, size: number): Uint8Array {
  const bytes = new Uint8Array(4 + size).fill(number & 0xff);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

const round = fc.record({
  groups: fc.array(fc.array(fc.nat(1500), { minLength: 1, maxLength: 6 }), { maxLength: 8 }),
  /** How many of the groups are handed in before the first is awaited. */
  together: fc.integer({ min: 1, max: 4 }),
  powerAfter: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
  /** A sync that fails leaves what it should have written in the cache, as if it were on the disk. */
  failsSync: fc.boolean(),
  keepCache: fc.boolean(),
  closes: fc.boolean(),
});

test.each(kinds)('%s: acknowledged records survive any crash', async (_name, openLog) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(round, { minLength: 1, maxLength: 6 }),
      fc.nat(),
      async (rounds, seed) => {
        const disk = createMemoryDisk(generator(seed));
        let recovered: Uint8Array[] = [];
        let acknowledged = 0;
        let number = 0;
        const submitted: Uint8Array[] = [];
        for (const { groups, together, powerAfter, failsSync, keepCache, closes } of rounds) {
          if (powerAfter !== undefined) disk.losePowerAfter(powerAfter);
          try {
            const log = await openLog(disk, (payload) => recovered.push(payload.slice()));
            check(recovered, submitted, acknowledged);
            // What recovery showed is acted upon: it must stay, even if the power goes now.
            submitted.length = recovered.length;
            acknowledged = recovered.length;
            if (failsSync) disk.failNext('dataSync', 'EIO');
            for (let i = 0; i < groups.length; i += together) {
              const waits = groups.slice(i, i + together).map(async (sizes) => {
                const payloads = sizes.map((size) => record(number++, size));
                submitted.push(...payloads);
                const upTo = submitted.length;
                await log.appendMany(payloads);
                acknowledged = Math.max(acknowledged, upTo);
              });
              for (const wait of await Promise.allSettled(waits)) {
                if (wait.status === 'rejected') throw wait.reason;
              }
            }
            if (closes) await log.close();
          } catch (error) {
            const cause = (error as Error).cause ?? error;
            const failedSync = systemCode(cause) === 'EIO';
            if (!(cause instanceof PowerLoss || failedSync)) throw error;
          }
          if (keepCache) disk.restartKeepingCache();
          else disk.restart();
          recovered = [];
        }
        await openLog(disk, (payload) => recovered.push(payload.slice()));
        check(recovered, submitted, acknowledged);
      },
    ),
    { numRuns: 400 },
  );
});

function check(recovered: Uint8Array[], submitted: Uint8Array[], acknowledged: number): void {
  expect(recovered.length).toBeGreaterThanOrEqual(acknowledged);
  expect(recovered.length).toBeLessThanOrEqual(submitted.length);
  for (const [i, payload] of recovered.entries()) {
    if (Buffer.compare(payload, submitted[i]!) !== 0) expect(payload).toEqual(submitted[i]);
  }
}

function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
