// Waiting for something that another process does, without guessing how long it takes.

import { setTimeout as wait } from 'node:timers/promises';

const EVERY_MS = 50;

/** Asks until there is an answer; the test's own timeout ends what never comes. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await wait(EVERY_MS);
  }
}
