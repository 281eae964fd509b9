import { AppError, encodeCbor } from '@suyuan/contracts';
import { createMemoryDisk, type MemoryDisk, openSegmentedLog, PowerLoss } from '@suyuan/durable';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, test } from 'vitest';
import { type JournalOptions, type JournalRecord, openJournal } from './index.ts';

const directory = '/data/journal';
let disk: MemoryDisk;
const open = (options: Partial<JournalOptions> = {}) =>
  openJournal({ disk, directory, segment_bytes: 4096, ...options });

function record(slot: number, size_bytes = 100, epoch = 0): JournalRecord {
  const message = new Uint8Array(size_bytes).fill(slot & 255);
  return { type: slot % 2 === 0 ? 'candidate' : 'certificate', epoch, slot, message };
}

beforeEach(() => {
  disk = createMemoryDisk(() => 0.5);
});

describe('the journal', () => {
  it('gives back an epoch in the order in which it was kept, also after a restart', async () => {
    const journal = await open();
    const kept = [record(3), record(1), record(2)];
    await journal.append(kept.slice(0, 2));
    await journal.append([record(0, 10, 1)]);
    await journal.append(kept.slice(2));
    await journal.release(0, -1);
    await journal.append([]);
    disk.restart();
    for (const seen of [journal, await open()]) {
      expect(seen.records(0)).toEqual(kept);
      expect(seen.records(1)).toEqual([record(0, 10, 1)]);
      expect(seen.records(2)).toEqual([]);
    }
  });

  it('takes the largest message, and shares syncs', async () => {
    const journal = await open();
    const before = disk.calls;
    await Promise.all(Array.from({ length: 50 }, (_, slot) => journal.append([record(slot, 10)])));
    expect(disk.calls - before).toBeLessThan(10);
    await journal.append([record(60, 5 * 1024 * 1024)]);
    disk.restart();
    expect((await open()).records(0).at(-1)?.message.length).toBe(5 * 1024 * 1024);
  });

  it('forgets what is committed: earlier epochs, and slots up to the one released', async () => {
    const journal = await open();
    await journal.append([record(1), record(2), record(3), record(0, 10, 1)]);
    await journal.release(0, 2);
    expect(journal.records(0)).toEqual([record(3)]);
    await journal.append([record(2), record(4)]);
    expect(journal.records(0)).toEqual([record(3), record(4)]);
    await journal.release(1, -1);
    expect(journal.records(0)).toEqual([]);
    expect(journal.records(1)).toEqual([record(0, 10, 1)]);
    await journal.append([record(1, 10, 1)]);
    disk.restart();
    expect((await open()).records(1)).toEqual([record(0, 10, 1), record(1, 10, 1)]);
  });

  it('forgets an epoch for good when it is closed', async () => {
    const journal = await open();
    await journal.append([record(3), record(0, 10, 1)]);
    await journal.release(1, 5);
    await journal.release(0, 0);
    expect(journal.records(0)).toEqual([]);
    expect(journal.records(1)).toEqual([]);
    await journal.close();
    const again = await open();
    expect([...again.records(0), ...again.records(1)]).toEqual([]);
  });

  it('keeps the disk short at any length of the chain, and calls it little', async () => {
    const journal = await open();
    let most = 0;
    for (let slot = 0; slot < 500; slot++) {
      await journal.append([record(slot, 400)]);
      const before = disk.calls;
      await journal.release(0, slot - 2);
      expect(disk.calls - before).toBeLessThan(8);
      most = Math.max(most, (await disk.list(directory)).length);
    }
    expect(most).toBeLessThanOrEqual(3);
  });

  it('moves what lives long out of old segments, in its place among the others', async () => {
    let journal = await open();
    const late = record(100_000, 300);
    const later = record(100_001, 300);
    await journal.append([late]);
    for (let slot = 0; slot < 300; slot++) {
      await journal.append([record(slot, 400)]);
      if (slot === 150) await journal.append([later]);
      await journal.release(0, slot);
    }
    expect(journal.records(0)).toEqual([late, later]);
    expect((await disk.list(directory)).length).toBeLessThanOrEqual(6);
    disk.restart();
    journal = await open();
    expect(journal.records(0).filter(({ slot }) => slot >= 100_000)).toEqual([late, later]);
  });

  it('refuses more than it may keep, until something is released', async () => {
    const journal = await open({ maxLive_bytes: 1000 });
    const waits = [1, 2, 3].map((slot) => journal.append([record(slot, 400)]));
    await expect(Promise.all(waits)).rejects.toMatchObject({ code: 'consensus/journal-full' });
    await Promise.allSettled(waits);
    expect(journal.records(0).map(({ slot }) => slot)).toEqual([1, 2]);
    await journal.release(0, 1);
    await journal.append([record(3, 400)]);
    await expect(journal.append([record(4, 400)])).rejects.toMatchObject({
      code: 'consensus/journal-full',
    });
  });

  it('damaged before its end does not open, and stays as it is', async () => {
    const journal = await open();
    for (let slot = 0; slot < 30; slot++) await journal.append([record(slot, 400)]);
    await journal.close();
    for (const name of await disk.list(directory)) {
      const good = disk.contentOf(`${directory}/${name}`);
      const bad = good.slice();
      bad[100]! ^= 1;
      disk.setContent(`${directory}/${name}`, bad);
      await expect(open()).rejects.toMatchObject({ code: 'durable/damaged' });
      expect(disk.contentOf(`${directory}/${name}`)).toEqual(bad);
      disk.setContent(`${directory}/${name}`, good);
    }
    expect((await open()).records(0)).toHaveLength(30);
  });

  it.each([encodeCbor(['later', 0, 0]), encodeCbor(7), Uint8Array.of(0xff)])(
    'of another program does not open',
    async (foreign) => {
      const log = await openSegmentedLog({ directory, maxRecord_bytes: 100, disk }, () => {});
      await log.append(foreign);
      await log.close();
      await expect(open()).rejects.toMatchObject({ code: 'consensus/journal-foreign' });
    },
  );

  it('takes nothing more when the disk has refused', async () => {
    const journal = await open();
    disk.failNext('dataSync', 'ENOSPC');
    await expect(journal.append([record(1)])).rejects.toMatchObject({ code: 'durable/failed' });
    await expect(journal.append([record(2)])).rejects.toMatchObject({ code: 'durable/failed' });
    expect(journal.records(0)).toEqual([]);
  });
});

const life = fc.record({
  steps: fc.array(
    fc.record({
      slots: fc.array(fc.nat(30), { maxLength: 4 }),
      size_bytes: fc.nat(700),
      release: fc.option(fc.nat(25), { nil: undefined, freq: 2 }),
      wait: fc.boolean(),
    }),
    { maxLength: 30 },
  ),
  powerAfter: fc.option(fc.integer({ min: 1, max: 150 }), { nil: undefined }),
  failsSync: fc.option(fc.constant(true), { nil: undefined, freq: 6 }),
  keepCache: fc.boolean(),
});

test('what was kept and not released is there after any crash, once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(life, { minLength: 1, maxLength: 5 }),
      fc.nat(),
      async (lives, seed) => {
        disk = createMemoryDisk(generator(seed));
        let number = 0;
        let released = -1;
        /** Slots by the number in their message: promised, and perhaps. */
        let kept = new Map<number, number>();
        const maybe = new Map<number, number>();

        const check = (found: readonly JournalRecord[]) => {
          const numbers = found.map(({ message }) => new DataView(message.buffer).getUint32(0));
          expect(numbers).toEqual([...new Set(numbers)]);
          for (const [known, slot] of kept) {
            if (slot > released) expect(numbers).toContain(known);
          }
          for (const [i, { slot }] of found.entries()) expect(maybe.get(numbers[i]!)).toBe(slot);
          kept = new Map(found.map(({ slot }, i) => [numbers[i]!, slot]));
          return numbers;
        };

        for (const { steps, powerAfter, failsSync, keepCache } of lives) {
          if (powerAfter !== undefined) disk.losePowerAfter(powerAfter);
          try {
            const journal = await open({ segment_bytes: 1500 });
            const before = check(journal.records(0));
            expect(before).toEqual([...before].sort((a, b) => a - b));
            if (failsSync) disk.failNext('dataSync', 'EIO');
            // A release is only kept with what is appended after it.
            let releasedNow = -1;
            const waits: Promise<unknown>[] = [];
            for (const { slots, size_bytes, release, wait } of steps) {
              const records = slots.map((slot): JournalRecord => {
                const message = new Uint8Array(4 + size_bytes);
                new DataView(message.buffer).setUint32(0, number);
                maybe.set(number++, slot);
                return { type: 'candidate', epoch: 0, slot, message };
              });
              const first = number - slots.length;
              const appended = journal.append(records).then(() => {
                for (const [i, slot] of slots.entries()) kept.set(first + i, slot);
              });
              waits.push(appended);
              appended.catch(() => {});
              if (wait) await appended;
              if (release === undefined) continue;
              released = Math.max(released, release);
              releasedNow = Math.max(releasedNow, release);
              const dropped = journal.release(0, release);
              waits.push(dropped);
              dropped.catch(() => {});
              if (wait) await dropped;
            }
            await Promise.all(waits);
            expect(journal.records(0).every(({ slot }) => slot > releasedNow)).toBe(true);
            check(journal.records(0));
          } catch (error) {
            expectDiskToBlame(error);
          }
          if (keepCache) disk.restartKeepingCache();
          else disk.restart();
        }
        check((await open({ segment_bytes: 1500 })).records(0));
      },
    ),
    { numRuns: 400 },
  );
});

test('a power loss at each single call while old segments are moved and dropped loses nothing', async () => {
  let moved = false;
  for (let calls = 1, alive = false; !alive; calls++) {
    disk = createMemoryDisk(generator(calls));
    disk.losePowerAfter(calls);
    const kept: number[] = [];
    alive = true;
    try {
      const journal = await open({ segment_bytes: 600 });
      await journal.append([record(1000)]);
      kept.push(1000);
      for (let slot = 0; slot < 40; slot++) {
        await journal.append([record(slot)]);
        kept.push(slot);
        await journal.release(0, slot - 1);
      }
      moved = !(await disk.list(directory)).includes('0000000000.log');
      await journal.close();
    } catch (error) {
      expectDiskToBlame(error);
      alive = false;
    }
    disk.restart();
    const slots = (await open({ segment_bytes: 600 })).records(0).map(({ slot }) => slot);
    const [first, last] = [kept[0], kept.at(-1)];
    if (first !== undefined) expect(slots[0]).toBe(first);
    if (last !== undefined) expect(slots).toContain(last);
    expect(new Set(slots).size).toBe(slots.length);
  }
  expect(moved).toBe(true);
});

function expectDiskToBlame(error: unknown): void {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (cause instanceof PowerLoss) return;
  if (!(error instanceof AppError) && cause instanceof Error && /^EIO/.test(cause.message)) return;
  throw error;
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
