// Threads that take one seed after another. A thread that says nothing for long is stuck in a loop: that is a finding too.

import { Worker } from 'node:worker_threads';
import type { SeedResult, SeedTask } from './types.ts';

const STUCK_MS = 60_000;
/** A fresh thread now and then: what a run leaves behind must not add up. */
const SEEDS_PER_THREAD = 2000;

export interface Pool {
  run(task: SeedTask): Promise<SeedResult>;
  close(): Promise<void>;
}

export function createPool(path: string, threads: number): Pool {
  const idle: { worker: Worker; done: number }[] = [];
  const waiting: (() => void)[] = [];
  let running = 0;

  async function take(): Promise<{ worker: Worker; done: number }> {
    while (running >= threads) await new Promise<void>((wake) => waiting.push(wake));
    running += 1;
    return idle.pop() ?? { worker: new Worker(path), done: 0 };
  }

  async function give(slot: { worker: Worker; done: number }, whole: boolean): Promise<void> {
    running -= 1;
    if (whole && slot.done < SEEDS_PER_THREAD) idle.push(slot);
    else await slot.worker.terminate();
    waiting.shift()?.();
  }

  return {
    async run(task) {
      const slot = await take();
      slot.done += 1;
      let whole = false;
      try {
        const result = await ask(slot.worker, task);
        whole = result.violation?.invariant !== 'ends';
        return result;
      } finally {
        await give(slot, whole);
      }
    },
    async close() {
      await Promise.all(idle.splice(0).map(({ worker }) => worker.terminate()));
    },
  };
}

function ask(worker: Worker, task: SeedTask): Promise<SeedResult> {
  return new Promise((resolve) => {
    const fail = (message: string) => {
      done();
      resolve({
        seed: task.seed,
        profile: task.profile ?? 'mixed',
        plan: '',
        trace: '',
        steps: 0,
        blocks: 0,
        violation: { invariant: 'ends', message },
        lines: [],
      });
    };
    const timer = setTimeout(() => fail(`the run did not end in ${STUCK_MS} ms`), STUCK_MS);
    const onMessage = (result: SeedResult) => {
      done();
      resolve(result);
    };
    const onError = (error: Error) => fail(`the thread died: ${error.stack ?? error.message}`);
    function done(): void {
      clearTimeout(timer);
      worker.off('message', onMessage);
      worker.off('error', onError);
    }
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.postMessage(task);
  });
}
