// One thread and what waits for it.

import { Worker } from 'node:worker_threads';
import { AppError } from '../errors.ts';
import type { Sm2Answer, Sm2Job } from './sm2-job.ts';
import { Turns } from './turns.ts';

/** Jobs that go to a thread in one message: a thread that takes a new batch is busy for some milliseconds. */
const JOBS_PER_MESSAGE = 16;

export interface Waiting {
  readonly job: Omit<Sm2Job, 'id'>;
  readonly resolve: (valid: boolean) => void;
  readonly reject: (error: unknown) => void;
}

export class Sm2Lane {
  /** By door, and in each by key: both take turns. */
  readonly #doors = new Map<number, Turns<Waiting>>();
  readonly #sent = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #closed = false;
  #nextId = 0;

  add(door: number, keyName: string, waiting: Waiting): void {
    if (this.#closed) {
      waiting.reject(stopped());
      return;
    }
    const turns = this.#doors.get(door) ?? new Turns<Waiting>();
    this.#doors.set(door, turns);
    turns.push(keyName, waiting);
    if (this.#sent.size === 0) queueMicrotask(() => this.#send());
  }

  #next(): Waiting | undefined {
    for (const [door, turns] of this.#doors) {
      const waiting = turns.shift();
      this.#doors.delete(door);
      if (turns.size > 0) this.#doors.set(door, turns);
      if (waiting !== undefined) return waiting;
    }
    return undefined;
  }

  #send(): void {
    if (this.#closed || this.#sent.size > 0) return;
    const jobs: Sm2Job[] = [];
    while (jobs.length < JOBS_PER_MESSAGE) {
      const waiting = this.#next();
      if (waiting === undefined) break;
      this.#nextId += 1;
      this.#sent.set(this.#nextId, waiting);
      jobs.push({ id: this.#nextId, ...waiting.job });
    }
    if (jobs.length === 0) return;
    this.#worker ??= this.#start();
    this.#worker.postMessage(jobs);
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
    // A thread that dies takes its answers along; the next job starts another.
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', () => this.#lost(worker));
    return worker;
  }

  #lost(worker: Worker, cause?: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const waiting of this.#sent.values()) waiting.reject(stopped(cause));
    this.#sent.clear();
    this.#send();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const waiting = [...this.#doors.values()].flatMap((turns) => turns.clear());
    for (const { reject } of waiting) reject(stopped());
    this.#doors.clear();
    await this.#worker?.terminate();
  }
}

function stopped(cause?: unknown): AppError {
  return new AppError(
    'crypto/stopped',
    'The signature was not checked: its thread is gone. Send it again.',
    {},
    cause,
  );
}
