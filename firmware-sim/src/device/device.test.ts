import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodePack, equalBytes } from '@suyuan/contracts';
import { createMemoryDisk, PowerLoss } from '@suyuan/durable';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSeededRandom } from '../random/random.ts';
import {
  assertChain,
  DEVICE_ID,
  packName,
  reading,
  startDevice,
  withFolder,
} from '../testing/fixtures.ts';
import type { Device } from './device.ts';

async function waitingPacks(device: Device) {
  const packs = [];
  let entry = device.outbox.nextAfter(-1);
  while (entry !== undefined) {
    packs.push(decodePack(await device.outbox.bytesOf(entry)));
    entry = device.outbox.nextAfter(entry.ordinal);
  }
  return packs;
}

function acknowledge(device: Device, count: number): void {
  for (let done = 0; done < count; done++) {
    const entry = device.outbox.nextAfter(-1);
    if (entry !== undefined) device.outbox.acknowledge(entry);
  }
}

describe('createDevice', () => {
  test('numbers and chains packs, also those of concurrent calls', async () => {
    await withFolder(async (folder) => {
      const device = await startDevice(folder);
      const recorded = await Promise.all([0, 1, 2, 3].map((n) => device.record([reading(n)])));
      expect(recorded.map(packName)).toEqual(['1/0', '1/1', '1/2', '1/3']);
      expect(assertChain(await waitingPacks(device))).toHaveLength(4);
      await device.close();
    });
  });

  test('goes on with the chain after a restart, under a new boot epoch', async () => {
    await withFolder(async (folder) => {
      const first = await startDevice(folder);
      await first.record([reading(0)]);
      await first.record([reading(1)]);
      const before = await waitingPacks(first);
      acknowledge(first, 1);
      await first.close();
      const second = await startDevice(folder);
      expect(second.bootEpoch).toBe(2);
      await second.record([reading(2)]);
      const after = await waitingPacks(second);
      expect(after.map(packName)).toEqual(['1/1', '2/0']);
      assertChain([...before, ...after]);
      await second.close();
    });
  });

  test('keeps the chain when everything was acknowledged and compacted away', async () => {
    await withFolder(async (folder) => {
      const seen = [];
      for (let boot = 0; boot < 3; boot++) {
        const device = await startDevice(folder, { segment_bytes: 2048 });
        for (let n = 0; n < 30; n++) {
          await device.record([reading(boot * 30 + n)]);
          seen.push(...(await waitingPacks(device)));
          acknowledge(device, 1);
        }
        await device.close();
      }
      expect(assertChain(seen)).toHaveLength(90);
      const last = await startDevice(folder, { segment_bytes: 2048 });
      expect(last.outbox.waiting).toBe(0);
      await last.close();
    });
  });

  test('resends what was acknowledged out of order only up to the first gap', async () => {
    await withFolder(async (folder) => {
      const first = await startDevice(folder);
      for (let n = 0; n < 4; n++) await first.record([reading(n)]);
      const second = first.outbox.nextAfter(0);
      if (second !== undefined) first.outbox.acknowledge(second);
      expect(first.outbox.waiting).toBe(3);
      acknowledge(first, 1);
      await first.close();
      const again = await startDevice(folder);
      expect((await waitingPacks(again)).map(packName)).toEqual(['1/2', '1/3']);
      await again.close();
    });
  });

  test('refuses new packs when the backlog is full, and uses no number for them', async () => {
    await withFolder(async (folder) => {
      const device = await startDevice(folder, { maxBacklog_packs: 2 });
      await device.record([reading(0)]);
      await device.record([reading(1)]);
      await expect(device.record([reading(2)])).rejects.toMatchObject({
        code: 'device/backlog-full',
      });
      expect(device.status()).toMatchObject({ signed: 2, refused: 1, waiting: 2 });
      acknowledge(device, 1);
      expect(packName(await device.record([reading(3)]))).toBe('1/2');
      await device.close();
    });
  });

  test('takes the journal over an older copy of the boot count', async () => {
    await withFolder(async (folder) => {
      for (let boot = 0; boot < 3; boot++) {
        const device = await startDevice(folder);
        await device.record([reading(boot)]);
        await device.close();
      }
      const old = JSON.stringify({ device: DEVICE_ID, bootEpoch: 1 });
      await writeFile(join(folder, 'boot.json'), old);
      const device = await startDevice(folder);
      expect(device.bootEpoch).toBe(4);
      await device.close();
    });
  });

  test.each([
    ['{"device":"sim-0002","bootEpoch":1}', 'device/foreign-directory'],
    ['{"device":"sim-0001","bootEpoch":1.5}', 'device/boot-damaged'],
    ['{"device":"sim-0001","bootEpoch":-3}', 'device/boot-damaged'],
    ['{"device":"sim-', 'device/boot-damaged'],
    ['null', 'device/boot-damaged'],
    ['', 'device/boot-damaged'],
  ])('refuses the boot file %s', async (text, code) => {
    await withFolder(async (folder) => {
      await writeFile(join(folder, 'boot.json'), text);
      await expect(startDevice(folder)).rejects.toMatchObject({ code });
      // The refusal gave the lock back.
      await expect(startDevice(folder)).rejects.toMatchObject({ code });
    });
  });

  test('refuses the journal of another device', async () => {
    await withFolder(async (folder) => {
      const device = await startDevice(folder, { id: 'sim-0002' });
      await device.record([reading(0)]);
      await device.close();
      await writeFile(join(folder, 'boot.json'), '{"device":"sim-0001","bootEpoch":1}');
      await expect(startDevice(folder)).rejects.toMatchObject({ code: 'device/foreign-directory' });
    });
  });

  test('runs once at a time, and not after it was closed', async () => {
    await withFolder(async (folder) => {
      const device = await startDevice(folder);
      await expect(startDevice(folder)).rejects.toMatchObject({ code: 'durable/locked' });
      const waiting = expect(device.outbox.below(0)).rejects.toMatchObject({
        code: 'device/closed',
      });
      await device.close();
      await waiting;
      await expect(device.record([reading(0)])).rejects.toMatchObject({ code: 'device/closed' });
    });
  });

  test('refuses ids that no MQTT topic or folder should hold', async () => {
    await withFolder(async (folder) => {
      for (const id of ['', 'abc', '../up', 'a/b-c', 'a+b-c', `x${'y'.repeat(30)}`]) {
        await expect(startDevice(folder, { id })).rejects.toMatchObject({ code: 'device/bad-id' });
      }
    });
  });

  test('stops signing when the disk refuses', async () => {
    await withFolder(async (folder) => {
      const disk = createMemoryDisk(createSeededRandom(1));
      const device = await startDevice(folder, { disk });
      disk.failNext('dataSync', 'EIO');
      await expect(device.record([reading(0)])).rejects.toMatchObject({ code: 'durable/failed' });
      await expect(device.outbox.below(1)).rejects.toMatchObject({ code: 'durable/failed' });
      expect(device.outbox.nextAfter(-1)).toBeUndefined();
    });
  });
});

describe('a device whose power goes at any moment', () => {
  test('loses nothing recorded, reuses no number, tears no chain', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 6 }),
        (seed, lives) => withFolder((folder) => liveAndDie(folder, seed, lives)),
      ),
      { numRuns: 25 },
    );
  });
});

/** Starts a device again and again on a disk that dies after so many calls each time; checks all that left it. */
async function liveAndDie(folder: string, seed: number, lives: readonly number[]): Promise<void> {
  const random = createSeededRandom(seed);
  const disk = createMemoryDisk(random);
  const sent = new Map<string, ReturnType<typeof decodePack>>();
  const recorded = new Set<string>();
  const confirmed = new Set<string>();
  for (const [life, calls] of [...lives, Number.POSITIVE_INFINITY].entries()) {
    const last = life === lives.length;
    if (!last) disk.losePowerAfter(calls);
    let device: Device | undefined;
    try {
      device = await startDevice(folder, { disk, segment_bytes: 700 });
      for (let n = 0; n < 20; n++) {
        recorded.add(packName(await device.record([reading(n)])));
        for (const pack of await waitingPacks(device)) {
          const earlier = sent.get(packName(pack));
          if (earlier !== undefined) expect(equalBytes(pack.bytes, earlier.bytes)).toBe(true);
          sent.set(packName(pack), pack);
        }
        if (random() < 0.7) {
          const entry = device.outbox.nextAfter(-1);
          if (entry !== undefined) {
            confirmed.add(packName(entry));
            device.outbox.acknowledge(entry);
          }
        }
      }
    } catch (error) {
      if (last || !died(error)) throw error;
    }
    // The disk is gone and says so; closing still gives the lock back.
    await device?.close().catch((error: unknown) => {
      if (last || !died(error)) throw error;
    });
    if (!last) disk.restart();
  }
  for (const name of recorded) expect(sent.has(name)).toBe(true);
  const chain = assertChain([...sent.values()]);
  const numbers = new Set(chain.map(packName));
  for (const name of confirmed) expect(numbers.has(name)).toBe(true);
}

function died(error: unknown): boolean {
  if (error instanceof PowerLoss) return true;
  return error instanceof Error && error.cause !== undefined && died(error.cause);
}
