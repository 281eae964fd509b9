import { expect, test } from 'vitest';
import { createMemoryDisk, type MemoryDisk } from './memory-disk.ts';
import {
  comparePositions,
  openSegmentedLog,
  type SegmentedLogOptions,
  type SegmentPosition,
} from './segmented-log.ts';

const directory = '/data/journal';
const newDisk = () => createMemoryDisk(() => 0.5);
const file = (segment: number) => `${directory}/${segment.toString().padStart(10, '0')}.log`;

async function open(disk: MemoryDisk, options: Partial<SegmentedLogOptions> = {}) {
  const records: number[] = [];
  const log = await openSegmentedLog(
    { directory, maxRecord_bytes: 1000, segment_bytes: 500, disk, ...options },
    (payload) => {
      records.push(payload[0]!);
    },
  );
  return { log, records };
}

async function filled(disk: MemoryDisk, count: number): Promise<SegmentPosition[]> {
  const { log } = await open(disk);
  const positions: SegmentPosition[] = [];
  for (let i = 0; i < count; i++) positions.push(await log.append(new Uint8Array(100).fill(i)));
  await log.close();
  return positions;
}

test('rolls, reads across segments, tells the roll and continues after reopening', async () => {
  const disk = newDisk();
  const positions = await filled(disk, 12);
  expect(new Set(positions.map(({ segment }) => segment)).size).toBeGreaterThan(2);
  expect(positions).toEqual([...positions].sort(comparePositions));
  const rolls: number[] = [];
  const { log, records } = await open(disk, { onRoll: (segment) => void rolls.push(segment) });
  expect(records).toEqual([...Array(12).keys()]);
  for (const [i, position] of positions.entries()) {
    expect((await log.read(position))[0]).toBe(i);
  }
  const before = log.segments().length;
  await log.appendMany(Array.from({ length: 6 }, () => new Uint8Array(100).fill(99)));
  await log.append(new Uint8Array([100]));
  expect(rolls.length).toBeGreaterThan(0);
  expect(rolls).toEqual(log.segments().slice(before));
});

test('reading can begin at a position, and what is before it can be dropped', async () => {
  const disk = newDisk();
  const positions = await filled(disk, 12);
  const from = positions[7]!;
  const { log, records } = await open(disk, { from });
  expect(records).toEqual([7, 8, 9, 10, 11]);
  await log.dropBefore(from);
  expect(log.segments()[0]).toBe(from.segment);
  await expect(log.read(positions[0]!)).rejects.toMatchObject({ code: 'durable/damaged' });
  await log.dropBefore({ segment: 1000, offset: 0 });
  expect(log.segments().length).toBe(1);
  await log.close();
  await expect(open(disk, { from: positions[0]! })).rejects.toMatchObject({
    code: 'durable/damaged',
  });
});

test('a missing segment, and a torn one before the last, are damage', async () => {
  const disk = newDisk();
  await filled(disk, 12);
  const content = disk.contentOf(file(0));
  disk.setContent(file(0), content.subarray(0, content.length - 30));
  await expect(open(disk)).rejects.toMatchObject({
    code: 'durable/damaged',
    message: expect.stringContaining(file(0)),
  });
  disk.setContent(file(0), content);
  await disk.remove(file(1));
  await expect(open(disk)).rejects.toMatchObject({
    code: 'durable/damaged',
    message: expect.stringContaining('Segment 1'),
  });
});
