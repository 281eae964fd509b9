// SM2 takes most of a millisecond even with a precomputed key, so it is verified on threads of its own.

import { Worker } from 'node:worker_threads';
import type { PublicKey } from '@suyuan/contracts';
import { gatewayError } from '../errors.ts';
import type { Sm2Answer, Sm2Job } from './sm2-job.ts';

/** Jobs that go to a thread in one message: a thread that takes a new batch is busy for some milliseconds. */
const JOBS_PER_MESSAGE = 16;

interface Waiting {
  readonly job: Sm2Job;
  readonly resolve: (valid: boolean) => void;
  readonly reject: (error: unknown) => void;
}

export interface Sm2Pool {
  /** `affinity` is the device: the same for all signatures of one key. Rejects with `gateway/stopped` when the pool is closed. */
  verify(
    affinity: string,
    key: PublicKey,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
  close(): Promise<void>;
}

/** One thread and what waits for it: by device, in turn, so that none waits for all that another has sent. */
class Lane {
  readonly #queues = new Map<string, Waiting[]>();
  readonly #sent = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #closed = false;
  #nextId = 0;

  verify(affinity: string, work: Omit<Sm2Job, 'id'>): Promise<boolean> {
    if (this.#closed) return Promise.reject(stopped());
    return new Promise((resolve, reject) => {
      this.#nextId += 1;
      const waiting = { job: { id: this.#nextId, ...work }, resolve, reject };
      const queue = this.#queues.get(affinity);
      if (queue === undefined) this.#queues.set(affinity, [waiting]);
      else queue.push(waiting);
      if (this.#sent.size === 0) queueMicrotask(() => this.#send());
    });
  }

  #takeTurns(): Waiting[] {
    const batch: Waiting[] = [];
    for (const [affinity, queue] of this.#queues) {
      const next = queue.shift();
      this.#queues.delete(affinity);
      // Last in line again: the loop comes back to it after the others.
      if (queue.length > 0) this.#queues.set(affinity, queue);
      if (next !== undefined) batch.push(next);
      if (batch.length === JOBS_PER_MESSAGE) break;
    }
    return batch;
  }

  #send(): void {
    if (this.#closed || this.#sent.size > 0) return;
    const batch = this.#takeTurns();
    if (batch.length === 0) return;
    for (const waiting of batch) this.#sent.set(waiting.job.id, waiting);
    this.#worker ??= this.#start();
    this.#worker.postMessage(batch.map((waiting) => waiting.job));
  }

  #start(): Worker {
    const worker = new Worker(new URL('./sm2-thread.mjs', import.meta.url), { execArgv: [] });
    worker.unref();
    worker.on('message', (answers: Sm2Answer[]) => {
      for (const [id, valid] of answers) {
        this.#sent.get(id)?.resolve(valid);
        this.#sent.delete(id);
      }
      this.#send();
    });
    // A thread that dies takes its answers along: their packs are not acknowledged and come again.
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', () => this.#lost(worker, stopped()));
    return worker;
  }

  #lost(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const waiting of this.#sent.values()) waiting.reject(error);
    this.#sent.clear();
    this.#send();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const queue of this.#queues.values()) {
      for (const waiting of queue) waiting.reject(stopped());
    }
    this.#queues.clear();
    await this.#worker?.terminate();
  }
}

function stopped(): Error {
  return gatewayError('gateway/stopped', 'The signature was not checked: the gateway is stopping.');
}

export function createSm2Pool(workers: number): Sm2Pool {
  const lanes = Array.from({ length: workers }, () => new Lane());
  return {
    verify(affinity, key, message, signature) {
      let hash = 0;
      for (let i = 0; i < affinity.length; i += 1) {
        hash = (hash * 31 + affinity.charCodeAt(i)) >>> 0;
      }
      const lane = lanes[hash % lanes.length];
      if (lane === undefined) return Promise.reject(stopped());
      return lane.verify(affinity, { key, message, signature });
    },
    async close() {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}
