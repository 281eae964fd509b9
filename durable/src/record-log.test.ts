import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryDisk, type MemoryDisk } from './memory-disk.ts';
import type { TailNotice } from './record-file.ts';
import { openRecordLog, type RecordLogOptions } from './record-log.ts';

const path = '/data/log';
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (payload: Uint8Array) => new TextDecoder().decode(payload);
const newDisk = () => createMemoryDisk(() => 0.5);

async function open(disk: MemoryDisk, options: Partial<RecordLogOptions> = {}) {
  const records: string[] = [];
  const positions: number[] = [];
  const tails: TailNotice[] = [];
  const log = await openRecordLog(
    { path, maxRecord_bytes: 1000, disk, onTail: (notice) => tails.push(notice), ...options },
    (payload, position) => {
      records.push(text(payload));
      positions.push(position);
    },
  );
  return { log, records, positions, tails };
}

async function filled(disk: MemoryDisk, records: readonly string[]): Promise<number[]> {
  const { log } = await open(disk);
  const positions: number[] = [];
  for (const item of records) positions.push(await log.append(bytes(item)));
  await log.close();
  return positions;
}

test('what was appended is read back, in order, at its position', async () => {
  const disk = newDisk();
  const { log } = await open(disk);
  const first = await log.append(bytes('one'));
  const [second, third] = await log.appendMany([bytes('two'), bytes('three')]);
  expect(text(await log.read(second!))).toBe('two');
  await log.close();
  const again = await open(disk);
  expect(again.records).toEqual(['one', 'two', 'three']);
  expect(again.positions).toEqual([first, second, third]);
  expect(text(await again.log.read(third!))).toBe('three');
  expect(text(again.log.readNow(third!))).toBe('three');
  expect(again.tails).toEqual([]);
});

test('reading can begin at a position', async () => {
  const disk = newDisk();
  const [, second] = await filled(disk, ['one', 'two', 'three']);
  expect((await open(disk, { from: second! })).records).toEqual(['two', 'three']);
  await expect(open(disk, { from: 100_000 })).rejects.toMatchObject({ code: 'durable/damaged' });
});

test('appends that wait for a sync share the next one', async () => {
  const disk = newDisk();
  const { log } = await open(disk);
  const before = disk.calls;
  await Promise.all(Array.from({ length: 50 }, (_, i) => log.append(bytes(`record ${i}`))));
  // One write, one sync; the sync mark may have been written too.
  expect(disk.calls - before).toBeLessThanOrEqual(3);
});

test.each([1, 10, 16, 20, 35])('a tail torn by %i bytes is cut and said', async (cut) => {
  const disk = newDisk();
  await filled(disk, ['one', 'two', 'three']);
  const content = disk.contentOf(path);
  disk.setContent(path, content.subarray(0, content.length - cut));
  const again = await open(disk);
  expect(again.records).toEqual(cut <= 16 ? ['one', 'two', 'three'] : ['one', 'two']);
  expect(again.tails.length).toBe(cut === 16 ? 0 : 1);
  await again.log.append(bytes('four'));
  await again.log.close();
  expect((await open(disk)).records).toEqual([...again.records, 'four']);
});

test('a damaged record that was durable stops the log and nothing is touched', async () => {
  const whole = newDisk();
  const positions = await filled(whole, ['one', 'two', 'three']);
  const content = whole.contentOf(path);
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: positions[0]!, max: content.length - 17 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, flip) => {
        const disk = newDisk();
        await filled(disk, ['x']);
        const damaged = content.slice();
        damaged[at] = damaged[at]! ^ flip;
        disk.setContent(path, damaged);
        await expect(open(disk)).rejects.toMatchObject({
          code: 'durable/damaged',
          message: expect.stringContaining(path),
          details: { path, offset: expect.any(Number) },
        });
        expect(disk.contentOf(path)).toEqual(damaged);
      },
    ),
  );
});

test('bytes of a stranger that look like a record do not turn a torn tail into damage', async () => {
  const other = newDisk();
  await filled(other, ['inner']);
  const image = other.contentOf(path).subarray(20);
  const disk = newDisk();
  await filled(disk, ['one']);
  const { log } = await open(disk);
  await log.append(new Uint8Array([...new Uint8Array(100), ...image, ...image]));
  await log.close();
  const content = disk.contentOf(path);
  // The record's first half never reached the disk, nor did the mark that follows it.
  const torn = content.slice(0, content.length - 16);
  torn.fill(1, torn.length - 2 * image.length - 100, torn.length - 2 * image.length - 50);
  disk.setContent(path, torn);
  const again = await open(disk);
  expect(again.records).toEqual(['one']);
  expect(again.tails.length).toBe(1);
});

test('damage in the header, a foreign file and another version are told apart from a new file', async () => {
  const disk = newDisk();
  await filled(disk, ['one']);
  const content = disk.contentOf(path);
  disk.setContent(
    path,
    content.map((byte, i) => (i === 3 ? byte ^ 1 : byte)),
  );
  await expect(open(disk)).rejects.toMatchObject({ code: 'durable/damaged' });
  disk.setContent(path, content.subarray(0, 7));
  expect((await open(disk)).records).toEqual([]);
});

test.each([
  ['write', 'ENOSPC', 'Free space'],
  ['dataSync', 'EIO', 'Check the disk'],
] as const)('a failed %s is final and names the reason', async (call, code, advice) => {
  const disk = newDisk();
  const { log } = await open(disk);
  await log.append(bytes('safe'));
  await log.drained();
  disk.failNext(call, code);
  const refused = { code: 'durable/failed', message: expect.stringContaining(advice) };
  await expect(log.append(bytes('lost'))).rejects.toMatchObject(refused);
  const calls = disk.calls;
  await expect(log.append(bytes('later'))).rejects.toMatchObject(refused);
  await expect(log.drained()).rejects.toMatchObject(refused);
  expect(disk.calls).toBe(calls);
  await log.close();
  disk.restart();
  expect((await open(disk)).records[0]).toBe('safe');
});

test('the queue is bounded; drained() says when there is room', async () => {
  const disk = newDisk();
  const { log } = await open(disk, { maxQueue_bytes: 2000 });
  const first = log.append(new Uint8Array(900));
  const second = log.append(new Uint8Array(900));
  await expect(log.append(new Uint8Array(900))).rejects.toMatchObject({
    code: 'durable/queue-full',
  });
  await log.drained();
  await log.append(new Uint8Array(900));
  await Promise.all([first, second]);
  expect(log.queued_bytes).toBe(0);
});

test('records that are empty or too long, and positions that are none, are refused', async () => {
  const disk = newDisk();
  const { log } = await open(disk);
  for (const size of [0, 1001]) {
    await expect(log.append(new Uint8Array(size))).rejects.toMatchObject({
      code: 'durable/bad-record',
    });
  }
  const position = await log.append(bytes('one'));
  for (const wrong of [0, -1, 1.5, position + 1, 1_000_000, Number.NaN]) {
    await expect(log.read(wrong)).rejects.toMatchObject({ code: 'durable/no-record' });
    expect(() => log.readNow(wrong)).toThrow(
      expect.objectContaining({ code: 'durable/no-record' }),
    );
  }
  await log.close();
  await expect(log.append(bytes('two'))).rejects.toMatchObject({ code: 'durable/closed' });
});

test('what recovery shows stays, even if the power goes right after', async () => {
  const disk = createMemoryDisk(() => 0.99);
  const { log } = await open(disk);
  // Killed after the write, before the sync: whole in the system's cache only.
  disk.losePowerAfter(2);
  await expect(log.append(bytes('one'))).rejects.toMatchObject({ code: 'durable/failed' });
  disk.restartKeepingCache();
  expect((await open(disk)).records).toEqual(['one']);
  disk.restart();
  expect((await open(disk)).records).toEqual(['one']);
});
