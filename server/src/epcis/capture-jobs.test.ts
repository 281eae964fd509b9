import { expect, it } from 'vitest';
import type { JsonStore } from '../delivery/json-store.ts';
import { silentLogger } from '../engine/logger.ts';
import { createCaptureJobs } from './capture-jobs.ts';
import { JOBS_WAITING_PER_ACCOUNT_MAX } from './limits.ts';
import type { SpooledDocument } from './spool.ts';
import type { EventWriter } from './writer.ts';

it('one account that captures more than the server can store leaves room for the others', async () => {
  const values = new Map<string, unknown>();
  const store = {
    get: (key: string) => values.get(key),
    putMany: async (entries: readonly (readonly [string, unknown])[]) => {
      for (const [key, value] of entries) values.set(key, value);
    },
  } as unknown as JsonStore;
  const writer = { write: () => new Promise(() => {}) } as unknown as EventWriter;
  const jobs = createCaptureJobs({
    store,
    writer,
    directory: '/nowhere',
    now_ms: () => 0,
    logger: silentLogger,
  });
  const add = (account: string, id: string) =>
    jobs.add({
      account,
      signed: false,
      behaviour: 'proceed',
      document: { id, events: 1 } as SpooledDocument,
    });
  // Together, as requests come: those that are not on the disk yet count too.
  const asked = Array.from({ length: JOBS_WAITING_PER_ACCOUNT_MAX + 3 }, (_, i) =>
    add('greedy', `g${i}`).then(
      () => 'taken',
      (error: { code: string }) => error.code,
    ),
  );
  const answers = await Promise.all(asked);
  expect(answers.filter((answer) => answer === 'taken')).toHaveLength(JOBS_WAITING_PER_ACCOUNT_MAX);
  expect(answers.at(-1)).toBe('epcis/busy');
  expect(() => jobs.assertRoom('greedy')).toThrow();
  jobs.assertRoom('modest');
  expect((await add('modest', 'm')).running).toBe(true);
});
