import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Lane } from './lane.ts';
import { HourlyQuota } from './quota.ts';

it('lets packs decide in the order of their numbers, whatever finishes first', async () => {
  const arrivals = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(arrivals, fc.scheduler(), async (seqs, scheduler) => {
      const lane = new Lane();
      const decided: number[] = [];
      const places = seqs.map((seq) => ({ seq, place: lane.enter(1, seq) }));
      const done = places.map(async ({ seq, place }) => {
        await scheduler.schedule(Promise.resolve(), `verify ${seq}`);
        await lane.turn(place);
        decided.push(seq);
        lane.leave(place);
      });
      await scheduler.waitAll();
      await Promise.all(done);
      expect(decided).toEqual([...seqs].sort((a, b) => a - b));
      expect(lane.length).toBe(0);
    }),
  );
});

it('does not wait for a place that was given up', async () => {
  const lane = new Lane();
  const first = lane.enter(1, 0);
  const second = lane.enter(1, 1);
  const turn = lane.turn(second);
  lane.leave(first);
  await turn;
  lane.leave(first);
  expect(lane.length).toBe(1);
});

it('keeps so many bad packs of a device an hour', () => {
  const quota = new HourlyQuota(2);
  const uses = (name: string, hour: number) => quota.use(name, hour * 3_600_000 + 5);
  expect([1, 1, 1, 1].map((hour) => uses('a', hour))).toEqual([
    'kept',
    'kept',
    'first-over',
    'over',
  ]);
  expect(uses('b', 1)).toBe('kept');
  expect(uses('a', 2)).toBe('kept');
});
