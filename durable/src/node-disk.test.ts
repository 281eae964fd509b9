import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFileAtomically } from './atomic-file.ts';
import { lockDirectory } from './lock.ts';
import { createMemoryDisk, PowerLoss } from './memory-disk.ts';
import { openRecordLog } from './record-log.ts';
import { openSegmentedLog } from './segmented-log.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'suyuan-durable-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('on the real disk: appends, reopening, a torn tail', async () => {
  const path = join(directory, 'deep', 'er', 'log');
  const log = await openRecordLog({ path, maxRecord_bytes: 100 }, () => {});
  await log.appendMany([new Uint8Array([1]), new Uint8Array([2])]);
  await log.close();
  await writeFile(path, (await readFile(path)).subarray(0, -17));
  const records: number[] = [];
  const again = await openRecordLog({ path, maxRecord_bytes: 100 }, (payload) => {
    records.push(payload[0]!);
  });
  expect(records).toEqual([1]);
  const position = await again.append(new Uint8Array([3, 4]));
  expect([...again.readNow(position)]).toEqual([3, 4]);
  await again.close();
});

test('on the real disk: segments roll under load and read back', async () => {
  const options = { directory, maxRecord_bytes: 100, segment_bytes: 2000 };
  const log = await openSegmentedLog(options, () => {});
  for (let i = 0; i < 20; i++) {
    const positions = await log.appendMany(
      Array.from({ length: 20 }, (_, k) => new Uint8Array([i, k])),
    );
    expect([...(await log.read(positions[3]!))]).toEqual([i, 3]);
  }
  await log.close();
  let count = 0;
  await openSegmentedLog(options, () => void count++);
  expect(count).toBe(400);
});

const holdLock = `
import { lockDirectory } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
await lockDirectory(process.argv[1]);
console.log('held');
setInterval(() => {}, 1000);
`;

test('a second process is refused, naming the first; a killed one leaves nothing in the way', async () => {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', holdLock, directory],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  await expect(lockDirectory(directory)).rejects.toMatchObject({
    code: 'durable/locked',
    message: expect.stringContaining(`Process ${child.pid}`),
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  // Of many that see the stale lock, one gets it.
  const takes = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory)));
  const won = takes.filter((take) => take.status === 'fulfilled');
  expect(won.length).toBe(1);
  await won[0]?.value.release();
  await won[0]?.value.release();
  expect(await readdir(directory)).toEqual([]);
  await (await lockDirectory(directory)).release();
});

test('a lock of another boot is stale, one of another container is not, nor is an unreadable one', async () => {
  const lock = await lockDirectory(directory);
  const path = join(directory, 'lock');
  const holder = JSON.parse(await readFile(path, 'utf8'));
  await lock.release();
  await writeFile(path, JSON.stringify({ ...holder, boot: 'another' }));
  await (await lockDirectory(directory)).release();
  await writeFile(path, JSON.stringify({ ...holder, started: '1' }));
  await (await lockDirectory(directory)).release();
  for (const other of [JSON.stringify({ ...holder, namespace: 'pid:[1]' }), 'not json']) {
    await writeFile(path, other);
    await expect(lockDirectory(directory)).rejects.toMatchObject({
      code: 'durable/locked',
      message: expect.stringContaining(`remove ${path}`),
    });
  }
});

test('writeFileAtomically leaves the old file or the new one, wherever the power goes', async () => {
  const whole = (letter: string) => new TextEncoder().encode(letter.repeat(2000));
  for (let call = 1; call <= 9; call++) {
    for (const keep of [0, 0.4, 0.9]) {
      const disk = createMemoryDisk(() => keep);
      await writeFileAtomically('/data/file', whole('a'), disk);
      disk.losePowerAfter(call);
      const done = await writeFileAtomically('/data/file', whole('b'), disk).then(
        () => true,
        (error) => {
          if (!(error instanceof PowerLoss)) throw error;
          return false;
        },
      );
      disk.restart();
      const found = new TextDecoder().decode(disk.contentOf('/data/file'));
      expect(done ? ['b'] : ['a', 'b']).toContain(found[0]);
      expect(found).toBe(found[0]!.repeat(2000));
      await writeFileAtomically('/data/file', whole('c'), disk);
    }
  }
});
