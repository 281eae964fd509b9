import { expect, test } from 'vitest';
import { readBounded } from './read-bounded.ts';

const body = (...sizes: number[]) =>
  new Response(
    new ReadableStream({
      start(controller) {
        for (const size of sizes) controller.enqueue(new Uint8Array(size).fill(7));
        controller.close();
      },
    }),
  );

test('the body comes whole up to the limit and not one byte beyond', async () => {
  expect(await readBounded(body(3, 5), 8)).toEqual(new Uint8Array(8).fill(7));
  expect(await readBounded(body(3, 6), 8)).toBeNull();
  expect(await readBounded(new Response(null), 8)).toEqual(new Uint8Array(0));
});

test('an endless answer is cut off', async () => {
  let cancelled = false;
  const endless = new Response(
    new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1024)),
      cancel: () => {
        cancelled = true;
      },
    }),
  );
  expect(await readBounded(endless, 10_000)).toBeNull();
  expect(cancelled).toBe(true);
});
