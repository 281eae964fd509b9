// Sets of time as ascending, disjoint, half-open intervals [from, to) in milliseconds.

export interface Interval {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** The union of any intervals; empty ones vanish, touching ones join. */
export function union(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals.filter((i) => i.to_ms > i.from_ms).sort((a, b) => a.from_ms - b.from_ms);
  const result: { from_ms: number; to_ms: number }[] = [];
  for (const { from_ms, to_ms } of sorted) {
    const last = result.at(-1);
    if (last !== undefined && from_ms <= last.to_ms) last.to_ms = Math.max(last.to_ms, to_ms);
    else result.push({ from_ms, to_ms });
  }
  return result;
}

/** What both sets (each a union) hold. */
export function intersect(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i] as Interval, b[j] as Interval];
    const from_ms = Math.max(x.from_ms, y.from_ms);
    const to_ms = Math.min(x.to_ms, y.to_ms);
    if (to_ms > from_ms) result.push({ from_ms, to_ms });
    if (x.to_ms < y.to_ms) i += 1;
    else j += 1;
  }
  return result;
}

/** What `a` holds and `b` does not (each a union). */
export function subtract(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  let j = 0;
  for (const { from_ms, to_ms } of a) {
    let start_ms = from_ms;
    while (j < b.length && (b[j] as Interval).to_ms <= start_ms) j += 1;
    for (let k = j; k < b.length && (b[k] as Interval).from_ms < to_ms; k += 1) {
      const hole = b[k] as Interval;
      if (hole.from_ms > start_ms) result.push({ from_ms: start_ms, to_ms: hole.from_ms });
      start_ms = Math.max(start_ms, hole.to_ms);
    }
    if (start_ms < to_ms) result.push({ from_ms: start_ms, to_ms });
  }
  return result;
}

/** The parts of each of `items` (ascending by start, perhaps overlapping) that no earlier item and not `b` (a union) holds, ascending. */
export function cutEach<T extends Interval>(items: readonly T[], b: readonly Interval[]): T[] {
  const result: T[] = [];
  let end_ms = Number.NEGATIVE_INFINITY;
  let j = 0;
  for (const item of items) {
    let start_ms = Math.max(item.from_ms, end_ms);
    end_ms = Math.max(end_ms, item.to_ms);
    while (j < b.length && (b[j] as Interval).to_ms <= start_ms) j += 1;
    for (let k = j; k < b.length && (b[k] as Interval).from_ms < item.to_ms; k += 1) {
      const hole = b[k] as Interval;
      if (hole.from_ms > start_ms) result.push({ ...item, from_ms: start_ms, to_ms: hole.from_ms });
      start_ms = Math.max(start_ms, hole.to_ms);
    }
    if (start_ms < item.to_ms) result.push({ ...item, from_ms: start_ms, to_ms: item.to_ms });
  }
  return result;
}

/** The interval of the set (a union) that holds `time_ms`. */
export function intervalAt(set: readonly Interval[], time_ms: number): Interval | undefined {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((set[middle] as Interval).to_ms <= time_ms) low = middle + 1;
    else high = middle;
  }
  const found = set[low];
  return found !== undefined && found.from_ms <= time_ms ? found : undefined;
}

/** The part of a set within [from, to). */
export function clip(set: readonly Interval[], from_ms: number, to_ms: number): Interval[] {
  return intersect(set, [{ from_ms, to_ms }]);
}

/** Total length of a set. */
export function length_ms(set: readonly Interval[]): number {
  return set.reduce((total, { from_ms, to_ms }) => total + to_ms - from_ms, 0);
}
