// Virtual time. One event at a time; after each, everything that it set going in promises runs to its end before the next one,
// so a run is one sequence of events and nothing else.

import type { Prng } from './prng.ts';

export interface Scheduler {
  /** Milliseconds since the run began; whole. */
  now_ms(): number;
  /** Runs `act` after `delay_ms`; what is due at the same moment runs in an order drawn from the seed. Returns what cancels it. */
  after(delay_ms: number, act: () => void): () => void;
  /** The next event and all that follows from it. False when there is none up to `until_ms`; time then stands there. */
  step(until_ms: number): Promise<boolean>;
  readonly steps: number;
  readonly waiting: number;
}

interface Entry {
  readonly at_ms: number;
  readonly order: number;
  act: (() => void) | undefined;
}

/** Lets every promise that can go on do so: nothing in the simulation waits for the machine. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function createScheduler(random: Prng): Scheduler {
  const heap: Entry[] = [];
  let now_ms = 0;
  let steps = 0;

  const before = (x: Entry, y: Entry) =>
    x.at_ms < y.at_ms || (x.at_ms === y.at_ms && x.order < y.order);

  function push(entry: Entry): void {
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!before(entry, heap[up]!)) break;
      heap[at] = heap[up]!;
      at = up;
    }
    heap[at] = entry;
  }

  function pop(): Entry {
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  return {
    now_ms: () => now_ms,
    after(delay_ms, act) {
      const entry: Entry = {
        at_ms: now_ms + Math.max(0, Math.ceil(delay_ms)),
        order: random.next(),
        act,
      };
      push(entry);
      return () => {
        entry.act = undefined;
      };
    },
    async step(until_ms) {
      while (heap.length > 0 && heap[0]!.at_ms <= until_ms) {
        const { at_ms, act } = pop();
        if (act === undefined) continue;
        now_ms = at_ms;
        steps += 1;
        act();
        await settled();
        return true;
      }
      now_ms = Math.max(now_ms, until_ms);
      return false;
    },
    get steps() {
      return steps;
    },
    get waiting() {
      return heap.length;
    },
  };
}
