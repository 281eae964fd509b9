import { expect, it } from 'vitest';
import { Turnstile } from './turnstile.ts';

const held = () => {
  let release = (): void => {};
  const promise = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { promise, release };
};

it('lets few in at once, lets few wait, and turns away the rest at once', async () => {
  const turnstile = new Turnstile({ tokenChecks: 2, tokenBacklog: 1 });
  const checks = [held(), held(), held()];
  const done: number[] = [];
  const passes = checks.map(({ promise }, i) =>
    turnstile.pass(() => promise).then(() => done.push(i)),
  );
  expect(turnstile.waiting).toBe(1);
  await expect(turnstile.pass(async () => 4)).rejects.toMatchObject({ code: 'connect/busy' });
  checks[1]?.release();
  await passes[1];
  expect(turnstile.waiting).toBe(0);
  const late = turnstile.pass(async () => 5);
  expect(turnstile.waiting).toBe(1);
  for (const { release } of checks) release();
  await Promise.all(passes);
  expect(await late).toBe(5);
  expect(done[0]).toBe(1);
});

it('gives the place back when a check fails', async () => {
  const turnstile = new Turnstile({ tokenChecks: 1, tokenBacklog: 1 });
  const failing = turnstile.pass(() => Promise.reject(new Error('bad')));
  const next = turnstile.pass(async () => 'in');
  await expect(failing).rejects.toThrow('bad');
  expect(await next).toBe('in');
  expect(await turnstile.pass(async () => 'in again')).toBe('in again');
});
