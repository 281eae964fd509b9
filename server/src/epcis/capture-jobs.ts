// Capture jobs: documents on the disk, worked off one after another. A job is durable before it is answered for; after a
// restart one that was cut short begins again, from nothing.

import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, isAppError, readEpcisEnvelope } from '@suyuan/contracts';
import type { JsonStore } from '../delivery/json-store.ts';
import type { NodeLogger } from '../engine/logger.ts';
import { type CheckedEvent, checkEventText, type Surroundings } from './checked-event.ts';
import {
  JOB_ERRORS_MAX,
  JOBS_KEPT_MAX,
  JOBS_WAITING_MAX,
  JOBS_WAITING_PER_ACCOUNT_MAX,
} from './limits.ts';
import { type EpcisProblemJson, problemJson } from './problem.ts';
import { createSplitter } from './split-document.ts';
import type { SpooledDocument } from './spool.ts';
import type { EventWriter } from './writer.ts';

export type ErrorBehaviour = 'rollback' | 'proceed';

export interface Job {
  readonly captureID: string;
  readonly account: string;
  /** The account signed the very bytes. */
  readonly signed: boolean;
  readonly behaviour: ErrorBehaviour;
  readonly createdAt_ms: number;
  readonly finishedAt_ms?: number;
  readonly running: boolean;
  readonly success: boolean;
  readonly errors: readonly EpcisProblemJson[];
  /** All of them, also those that are not listed. */
  readonly errorCount: number;
  readonly events: number;
  readonly stored: number;
}

export interface NewJob {
  readonly account: string;
  readonly signed: boolean;
  readonly behaviour: ErrorBehaviour;
  readonly document: SpooledDocument;
}

export interface CaptureJobs {
  /** Durable when it resolves. Throws `epcis/busy`, as `assertRoom` does. */
  add(job: NewJob): Promise<Job>;
  get(captureID: string): Job | undefined;
  /** Newest first. */
  list(account: string, options: { readonly before?: string; readonly limit: number }): Job[];
  /** What is wrong with the events of a document, at most 100 lines. */
  check(document: SpooledDocument): Promise<EpcisProblemJson[]>;
  /** Throws `epcis/busy` when too many documents wait, or too many of this account. */
  assertRoom(account: string): void;
  /** Takes up what was cut short. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when no job waits. */
  idle(): Promise<void>;
}

const JOB = 'job/';
const OF_ACCOUNT = 'jobs-of/';

export function createCaptureJobs(parts: {
  readonly store: JsonStore;
  readonly writer: EventWriter;
  readonly directory: string;
  readonly now_ms: () => number;
  readonly logger: NodeLogger;
}): CaptureJobs {
  const { store, writer, directory, now_ms, logger } = parts;
  const waiting: { readonly id: string; readonly account: string }[] = [];
  /** On their way to the disk, and not to be worked off before they are there. */
  const coming: { readonly account: string }[] = [];
  let working: Promise<void> | undefined;
  let stopped = false;
  const pathOf = (id: string) => join(directory, `${id}.json`);

  async function save(job: Job): Promise<void> {
    await store.putMany([
      [JOB + job.captureID, job],
      [`${OF_ACCOUNT}${job.account}/${job.captureID}`, true],
    ]);
  }

  async function work(): Promise<void> {
    for (let next = waiting[0]; next !== undefined && !stopped; next = waiting[0]) {
      const job = store.get<Job>(JOB + next.id);
      if (job !== undefined) await run(job);
      waiting.shift();
    }
  }

  function wake(): void {
    if (stopped || working !== undefined) return;
    working = work()
      .catch((error: unknown) => logger.error({ err: error }, 'capture jobs stopped'))
      .finally(() => {
        working = undefined;
      });
  }

  async function run(job: Job): Promise<void> {
    const { captureID, behaviour } = job;
    const errors: EpcisProblemJson[] = [];
    let errorCount = 0;
    const note = (error: AppError, path: string) => {
      errorCount += 1;
      if (errors.length < JOB_ERRORS_MAX) errors.push(problemJson(error, path));
    };
    let stored = 0;
    try {
      // All of it is looked at before anything is written, so that a rollback has nothing to undo but conflicts.
      if (behaviour === 'rollback') {
        for await (const _ of readEvents(pathOf(captureID), note)) if (stopped) return;
      }
      if (errorCount === 0 || behaviour === 'proceed') {
        ({ stored } = await writer.write(
          {
            capture: captureID,
            account: job.account,
            grade: 'attested',
            signed: job.signed,
          },
          untilStopped(readEvents(pathOf(captureID), behaviour === 'proceed' ? note : () => {})),
          (error) => {
            note(error, '');
            if (behaviour === 'rollback') throw error;
          },
        ));
      }
    } catch (error) {
      // The process is going down: the job stays as it is, and begins again.
      if (stopped) return;
      if (!isAppError(error)) logger.error({ err: error, captureID }, 'a capture job failed');
      if (errorCount === 0) {
        const words = 'The server could not store the events; capture the document again.';
        note(isAppError(error) ? error : new AppError('epcis/capture-failed', words), '');
      }
      stored = 0;
    }
    await save({
      ...job,
      running: false,
      success: errorCount === 0,
      finishedAt_ms: now_ms(),
      errors,
      errorCount,
      stored,
    });
    await rm(pathOf(captureID), { force: true });
  }

  async function* untilStopped(events: AsyncIterable<CheckedEvent>): AsyncIterable<CheckedEvent> {
    for await (const event of events) {
      if (stopped) throw new AppError('epcis/stopped', 'The server is stopping.');
      yield event;
    }
  }

  async function prune(): Promise<void> {
    const jobs = store.list<Job>(JOB, { limit: JOBS_KEPT_MAX + JOBS_WAITING_MAX });
    const surplus = jobs.slice(0, Math.max(0, jobs.length - JOBS_KEPT_MAX));
    const done = surplus.filter(([, { running }]) => !running);
    await store.putMany(
      done.flatMap(([key, { account, captureID }]) => [
        [key, undefined] as const,
        [`${OF_ACCOUNT}${account}/${captureID}`, undefined] as const,
      ]),
    );
  }

  function assertRoom(account: string): void {
    const all = [...waiting, ...coming];
    const own = all.filter((job) => job.account === account).length;
    if (all.length < JOBS_WAITING_MAX && own < JOBS_WAITING_PER_ACCOUNT_MAX) return;
    throw new AppError('epcis/busy', 'Too many documents wait to be captured; try again later.');
  }

  return {
    assertRoom,
    async add({ account, signed, behaviour, document }) {
      // Others may have come while the document was on its way.
      assertRoom(account);
      const job: Job = {
        captureID: document.id,
        account,
        signed,
        behaviour,
        createdAt_ms: now_ms(),
        running: true,
        success: true,
        errors: [],
        errorCount: 0,
        events: document.events,
        stored: 0,
      };
      const entry = { id: job.captureID, account };
      coming.push(entry);
      try {
        await save(job);
      } finally {
        coming.splice(coming.indexOf(entry), 1);
      }
      waiting.push(entry);
      wake();
      return job;
    },
    get: (captureID) => store.get<Job>(JOB + captureID),
    list(account, { before, limit }) {
      const prefix = `${OF_ACCOUNT}${account}/`;
      const after = before === undefined ? {} : { after: prefix + before };
      return store
        .list<boolean>(prefix, { ...after, limit, reverse: true })
        .flatMap(([key]) => store.get<Job>(JOB + key.slice(prefix.length)) ?? []);
    },
    async check(document) {
      const problems: EpcisProblemJson[] = [];
      for await (const _ of readEvents(document.path, (error, path) => {
        if (problems.length < JOB_ERRORS_MAX) problems.push(problemJson(error, path));
      }));
      return problems;
    },
    async start() {
      await prune();
      const cut = store
        .list<Job>(JOB, { limit: JOBS_KEPT_MAX + JOBS_WAITING_MAX })
        .filter(([, { running }]) => running);
      for (const [, { captureID, account }] of cut) {
        await writer.discard(captureID);
        waiting.push({ id: captureID, account });
      }
      wake();
    },
    async stop() {
      stopped = true;
      await working;
    },
    async idle() {
      while (working !== undefined) await working;
    },
  };
}

/** Ids in the order of their making, and not to be guessed. */
export function newCaptureId(now_ms: number): string {
  return `${now_ms.toString(36).padStart(9, '0')}-${randomBytes(16).toString('hex')}`;
}

/** The events of a spooled document that are right; the others are told to `onError`. */
async function* readEvents(
  path: string,
  onError: (error: AppError, path: string) => void,
): AsyncGenerator<CheckedEvent> {
  const around = await readSurroundings(path);
  const splitter = createSplitter();
  let index = 0;
  for await (const chunk of createReadStream(path)) {
    for (const text of splitter.push(chunk as Buffer)) {
      const at = `/eventList/${index}`;
      index += 1;
      try {
        yield checkEventText(text, around);
      } catch (error) {
        if (!isAppError(error, 'epcis')) throw error;
        onError(error, at);
      }
    }
  }
}

/** The context may stand behind the events. */
async function readSurroundings(path: string): Promise<Surroundings> {
  const splitter = createSplitter();
  for await (const chunk of createReadStream(path)) splitter.push(chunk as Buffer);
  return surroundingsOf(splitter.end().envelope);
}

/** Throws `epcis/invalid-document`. */
export function surroundingsOf(envelope: unknown): Surroundings {
  const { context } = readEpcisEnvelope(envelope);
  const json = (envelope as Record<string, unknown>)['@context'];
  return { context, contextJson: json };
}
