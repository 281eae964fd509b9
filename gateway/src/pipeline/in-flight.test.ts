import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InFlight } from './in-flight.ts';

const LIMITS = { inFlightPacks: 4, inFlightBytes: 100, devicePacks: 3, deviceBytes: 80 };
const of = (...ids: string[]) => ids.map((deviceId) => ({ deviceId }));

it('admits in order, up to its packs and bytes, and refuses all when it closes', async () => {
  const inFlight = new InFlight({ ...LIMITS, inFlightPacks: 2, deviceBytes: 100 });
  expect(inFlight.enter('a', 60)).toBeUndefined();
  const admitted: number[] = [];
  const second = inFlight.enter('a', 60)?.then(() => admitted.push(2));
  const third = inFlight.enter('a', 10)?.then(() => admitted.push(3));
  expect(inFlight.waiting).toBe(2);
  inFlight.leaveBytes('a', 60);
  await second;
  expect(admitted).toEqual([2]);
  inFlight.leavePacks(of('a'));
  await third;
  const fourth = inFlight.enter('a', 1);
  inFlight.close(new Error('closing'));
  await expect(fourth).rejects.toThrow('closing');
  await expect(inFlight.enter('a', 1)).rejects.toThrow('closing');
});

it('leaves room for others beside a device that has its share', () => {
  const inFlight = new InFlight(LIMITS);
  for (let i = 0; i < 3; i += 1) expect(inFlight.enter('busy', 1)).toBeUndefined();
  expect(inFlight.enter('busy', 1)).toBeInstanceOf(Promise);
  expect(inFlight.enter('quiet', 1)).toBeUndefined();
  expect(inFlight.waiting).toBe(1);
});

it('counts what comes back from the journal, and lets in after it what waits', async () => {
  const inFlight = new InFlight(LIMITS);
  inFlight.recover(of('a', 'a', 'a', 'a', 'a'));
  const waits = inFlight.enter('a', 1);
  const other = inFlight.enter('b', 1);
  inFlight.leavePacks(of('a', 'a'));
  await other;
  inFlight.leavePacks(of('a'));
  await waits;
  expect(inFlight.packs).toBe(4);
});

it('lets devices in by turns, however many packs one has waiting', async () => {
  const inFlight = new InFlight({ ...LIMITS, inFlightPacks: 1 });
  const order: string[] = [];
  inFlight.enter('busy', 1);
  for (const device of ['busy', 'busy', 'busy', 'quiet', 'busy', 'calm']) {
    void inFlight.enter(device, 1)?.then(() => order.push(device));
  }
  for (let at = 0; at < 6; at += 1) {
    inFlight.leavePacks(of(order.at(-1) ?? 'busy'));
    await Promise.resolve();
  }
  expect(order).toEqual(['busy', 'quiet', 'calm', 'busy', 'busy', 'busy']);
});

it('is never above a limit, strands nobody, and keeps the packs of a device in order', () => {
  const arrival = fc.record({
    device: fc.constantFrom('a', 'b', 'c'),
    size: fc.integer({ min: 0, max: 80 }),
  });
  const steps = fc.array(fc.oneof(arrival, fc.nat({ max: 50 })), { maxLength: 80 });
  return fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const inFlight = new InFlight(LIMITS);
      const inside: { deviceId: string; size: number; number: number }[] = [];
      const asked: Promise<unknown>[] = [];
      const latest = new Map<string, number>();
      const enter = (deviceId: string, size: number, number: number): void => {
        expect(latest.get(deviceId) ?? -1).toBeLessThan(number);
        latest.set(deviceId, number);
        inside.push({ deviceId, size, number });
        const own = inside.filter((pack) => pack.deviceId === deviceId);
        const bytes = (packs: typeof inside) => packs.reduce((sum, pack) => sum + pack.size, 0);
        expect(inside.length).toBeLessThanOrEqual(LIMITS.inFlightPacks);
        expect(own.length).toBeLessThanOrEqual(LIMITS.devicePacks);
        expect(bytes(inside)).toBeLessThanOrEqual(LIMITS.inFlightBytes);
        expect(bytes(own)).toBeLessThanOrEqual(LIMITS.deviceBytes);
      };
      const leave = async (at: number): Promise<void> => {
        const [left] = inside.splice(at % Math.max(1, inside.length), 1);
        if (left === undefined) return;
        inFlight.leaveBytes(left.deviceId, left.size);
        inFlight.leavePacks([left]);
        await new Promise(setImmediate);
      };
      for (const [number, step] of all.entries()) {
        if (typeof step === 'number') await leave(step);
        else {
          const { device, size } = step;
          const room = inFlight.enter(device, size);
          if (room === undefined) enter(device, size, number);
          else asked.push(room.then(() => enter(device, size, number)));
        }
      }
      while (inside.length > 0) await leave(0);
      await Promise.all(asked);
      expect([inFlight.waiting, inFlight.packs]).toEqual([0, 0]);
    }),
    { numRuns: 50 },
  );
});
