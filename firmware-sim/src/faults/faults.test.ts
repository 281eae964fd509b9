import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFaults } from './faults.ts';

const PACK = Uint8Array.from({ length: 40 }, (_, index) => index);
const twin = (pack: Uint8Array): Uint8Array => pack.map((byte) => byte ^ 0xff);

test('a plan without faults sends the pack as it is', () => {
  const faults = createFaults({ seed: 1 }, 'dev-1');
  expect(faults.frames(PACK, twin)).toEqual([{ bytes: PACK, settles: true }]);
  expect(faults.holdsBack() || faults.cuts()).toBe(false);
  expect(faults.offlineUntil_ms(0)).toBeUndefined();
});

test('whatever the rates, the pack itself goes out once, unharmed, and settles', () => {
  const rate = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.nat(), rate, rate, rate, (seed, duplicate, corrupt, equivocate) => {
      const faults = createFaults({ seed, duplicate, corrupt, equivocate }, 'dev-1');
      for (let n = 0; n < 20; n++) {
        const settling = faults.frames(PACK, twin).filter(({ settles }) => settles);
        expect(settling).toEqual([{ bytes: PACK, settles: true }]);
      }
    }),
  );
});

test('each fault does what it says', () => {
  const all = createFaults({ seed: 1, duplicate: 1, corrupt: 1, equivocate: 1 }, 'dev-1');
  const [damaged, own, copy, other] = all.frames(PACK, twin).map(({ bytes }) => bytes);
  const turned = PACK.map((byte, index) => byte ^ (damaged?.[index] ?? 0)).filter(
    (bits) => bits > 0,
  );
  expect(turned).toHaveLength(1);
  expect(Math.log2(turned[0] ?? 0) % 1).toBe(0);
  expect(own).toEqual(PACK);
  expect(copy).toEqual(PACK);
  expect(other).toEqual(twin(PACK));
  expect(all.counts()).toMatchObject({ duplicated: 1, corrupted: 1, equivocated: 1, cuts: 0 });
});

test('the same seed gives the same faults; turning one on leaves the others', () => {
  const held = (plan: Parameters<typeof createFaults>[0], device = 'dev-1'): boolean[] => {
    const faults = createFaults(plan, device);
    return Array.from({ length: 64 }, () => {
      faults.frames(PACK, twin);
      return faults.holdsBack();
    });
  };
  const plain = held({ seed: 's', reorder: 0.5 });
  expect(held({ seed: 's', reorder: 0.5, corrupt: 0.9, cut: 0.5 })).toEqual(plain);
  expect(held({ seed: 't', reorder: 0.5 })).not.toEqual(plain);
  expect(held({ seed: 's', reorder: 0.5 }, 'dev-2')).not.toEqual(plain);
});

test('knows when it is offline', () => {
  const offline = [
    { from_ms: 100, to_ms: 200 },
    { from_ms: 50, to_ms: 60 },
  ];
  const faults = createFaults({ seed: 1, offline }, 'dev-1');
  expect([49, 50, 59, 60, 199, 200].map(faults.offlineUntil_ms)).toEqual([
    undefined,
    60,
    60,
    undefined,
    200,
    undefined,
  ]);
  expect([0, 50, 100].map(faults.nextOffline_ms)).toEqual([50, 100, undefined]);
});

test.each([
  { duplicate: -0.1 },
  { corrupt: 1.1 },
  { reorder: Number.NaN },
  { cut: 1 },
  { offline: [{ from_ms: 5, to_ms: 5 }] },
])('refuses the plan %j', (plan) => {
  expect(() => createFaults({ seed: 1, ...plan }, 'dev-1')).toThrow(
    expect.objectContaining({ code: 'faults/bad-plan' }),
  );
});
