import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PEER_LIMITS } from './limits.ts';
import { type Seat, seatFor } from './seats.ts';

const limits = { ...PEER_LIMITS, observers: 4, observersPerAddress: 2, observerTerm_ms: 100 };
const seats = (...clients: string[]): Seat[] =>
  clients.map((client, i) => ({ client, since_ms: i }));
const ask = (client: string, taken: readonly Seat[], now_ms = 50) =>
  seatFor(client, taken, limits, now_ms);

test('an address has its few and no more, until their time is over', () => {
  expect(ask('a', seats())).toBe(true);
  expect(ask('a', seats('a', 'b'))).toBe(true);
  const full = seats('a', 'b', 'a');
  expect(ask('a', full)).toBe(false);
  expect(ask('a', full, 100)).toBe(full[0]);
});

test('when all are taken, the oldest of an address with more goes, or the oldest whose time is over', () => {
  const greedy = seats('b', 'a', 'c', 'a');
  expect(ask('d', greedy)).toBe(greedy[1]);
  expect(ask('b', greedy)).toBe(false);
  const even = seats('a', 'b', 'c', 'd');
  expect(ask('e', even)).toBe(false);
  expect(ask('e', even, 101)).toBe(even[0]);
});

test('whoever comes, however often: the bounds hold, and nobody who has just come goes for one of a greedier address', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 60 }), (comers) => {
      let taken: Seat[] = [];
      for (const [now_ms, client] of comers.entries()) {
        const before = taken.filter((seat) => seat.client === client).length;
        const answer = ask(client, taken, now_ms);
        if (typeof answer !== 'boolean') {
          const theirs = taken.filter((seat) => seat.client === answer.client).length;
          expect(theirs > before + 1 || now_ms - answer.since_ms >= 100).toBe(true);
          taken = taken.filter((seat) => seat !== answer);
        }
        if (answer !== false) taken.push({ client, since_ms: now_ms });
        expect(taken.length).toBeLessThanOrEqual(4);
        for (const { client: one } of taken) {
          expect(taken.filter((seat) => seat.client === one).length).toBeLessThanOrEqual(2);
        }
      }
    }),
  );
});
