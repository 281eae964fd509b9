import { expect, it } from 'vitest';
import { createAlarms } from './alarms.ts';

it('tells what one source does within a minute as one, and counts all', () => {
  let now_ms = 600_000;
  const alarms = createAlarms(() => now_ms, 16);
  for (let i = 0; i < 5; i += 1) alarms.raise('unknown-device', `d${i}`, 'Unknown.', '192.0.2.1');
  alarms.raise('unknown-device', 'd9', 'Unknown.', '192.0.2.2');
  now_ms += 60_000;
  alarms.raise('unknown-device', 'd5', 'Unknown.', '192.0.2.1');
  alarms.raise('chain-break', 'd5', 'Broken.');
  expect(alarms.counts()['unknown-device']).toBe(7);
  expect(alarms.recent().map(({ device, count }) => [device, count])).toEqual([
    ['d0', 5],
    ['d9', 1],
    ['d5', 1],
    ['d5', 1],
  ]);
});

it('keeps the rare kinds however many sources there are of another', () => {
  const alarms = createAlarms(() => 0, 8);
  alarms.raise('equivocation', 'logger-0001', 'Two packs.');
  alarms.raise('chain-break', 'logger-0002', 'Broken.');
  for (let i = 0; i < 1000; i += 1) alarms.raise('unknown-device', `d${i}`, 'Unknown.', `a${i}`);
  const kept = alarms.recent();
  expect(kept).toHaveLength(8);
  expect(kept.slice(0, 2).map(({ kind }) => kind)).toEqual(['equivocation', 'chain-break']);
  expect(kept.at(-1)?.device).toBe('d999');
});
