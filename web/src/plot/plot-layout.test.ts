import { expect, test } from 'vitest';
import type { Bin } from './bins.ts';
import { type Frame, layoutPlot, timeToX, xToTime } from './plot-layout.ts';

const frame: Frame = { left: 40, right: 340, top: 10, bottom: 110, from_ms: 0, to_ms: 300 };
const bin = (
  from_ms: number,
  to_ms: number,
  mean: number,
  grade: Bin['grade'] = 'attested',
): Bin => ({
  from_ms,
  to_ms,
  min: mean - 1000,
  max: mean + 1000,
  mean,
  grade,
});

test('time and pixels map both ways and stop at the frame', () => {
  expect(timeToX(150, frame)).toBe(190);
  expect(xToTime(190, frame)).toBe(150);
  expect(timeToX(-5, frame)).toBe(40);
  expect(xToTime(9999, frame)).toBe(300);
});

test('a run is one band and one line; a hole between runs is hatched and at least 2 px wide', () => {
  const layout = layoutPlot(
    [bin(0, 100, 20_000), bin(100.5, 300, 22_000)],
    'temperature',
    frame,
    0,
  );
  expect(layout.band.match(/M/g)).toHaveLength(2);
  expect(layout.line.match(/M/g)).toHaveLength(2);
  expect(layout.holes).toHaveLength(1);
  expect(layout.holes[0]?.width).toBe(2);
});

test('nothing known is one hole from edge to edge', () => {
  expect(layoutPlot([], 'humidity', frame, 0).holes).toEqual([{ x: 40, width: 300 }]);
});

test('the rail tells proven from attested', () => {
  const { rail } = layoutPlot(
    [bin(0, 100, 1), bin(100, 200, 1), bin(200, 300, 1, 'proven')],
    'temperature',
    frame,
    0,
  );
  expect(rail).toEqual([
    { x: 40, width: 200, grade: 'attested' },
    { x: 240, width: 100, grade: 'proven' },
  ]);
});

test('everything drawn lies inside the frame', () => {
  const layout = layoutPlot([bin(0, 150, -3_200), bin(150, 300, 41_000)], 'temperature', frame, 0);
  const numbers = [...layout.band.matchAll(/([\d.]+) (-?[\d.]+)/g)];
  expect(numbers.length).toBeGreaterThan(6);
  for (const [, x, y] of numbers) {
    expect(Number(x)).toBeGreaterThanOrEqual(40);
    expect(Number(x)).toBeLessThanOrEqual(340);
    expect(Number(y)).toBeGreaterThanOrEqual(10);
    expect(Number(y)).toBeLessThanOrEqual(110);
  }
  expect(layout.ticks.map((tick) => tick.label)).toEqual(['-20', '0', '20', '40', '60']);
});
