import { expect, test } from 'vitest';
import type { Series } from '../verify/types.ts';
import { devicesOf, linesOf } from './lines.ts';

const series = (
  device: string,
  place: string,
  quantity: string,
  ...times: [number, number][]
): Series => ({
  device,
  place,
  quantity,
  points: times.map(([from_ms, to_ms]) => ({
    from_ms,
    to_ms,
    min: 1,
    max: 3,
    mean: 2,
    grade: 'proven',
  })),
});

test('the sensor with most readings comes first', () => {
  const all = [
    series('a', 'x', 'humidity', [0, 10]),
    series('b', 'y', 'humidity', [0, 5], [20, 40]),
    series('c', 'z', 'battery', [0, 99]),
  ];
  expect(devicesOf(all, ['humidity']).map((device) => device.id)).toEqual(['b', 'a']);
});

test('one sensor over two stays is one line, without saying a time twice', () => {
  const all = [
    series('a', 'x', 'temperature', [10, 20], [20, 30]),
    series('a', 'y', 'temperature', [0, 15]),
    series('b', 'x', 'battery', [0, 5]),
  ];
  expect(devicesOf(all, ['temperature', 'humidity'])).toEqual([{ id: 'a', place: 'x' }]);
  const [line, ...rest] = linesOf(all, 'a', ['temperature', 'humidity']);
  expect(rest).toEqual([]);
  expect(line?.points.map((point) => [point.from_ms, point.to_ms])).toEqual([
    [0, 15],
    [15, 20],
    [20, 30],
  ]);
});
