import type { ConsensusStatusJson } from '@suyuan/server';
import { describe, expect, test } from 'vitest';
import { changes, doing, type Standing, standingLine } from './standing.ts';

const MEMBERS = ['association', 'bureau', 'carrier', 'regulator'];

function standing(over: Partial<ConsensusStatusJson> = {}, rest: Partial<Standing> = {}): Standing {
  const status: ConsensusStatusJson = {
    ...{ id: 'bureau', epoch: 0, slot: 4, leader: 'carrier', height: 7, voting: true },
    ...{ reason: null, failed: false, validators: 4, quorum: 3, clock: null },
    peers: ['association', 'carrier', 'regulator'],
    ...over,
  };
  return { status, failure: undefined, members: MEMBERS, ...rest };
}

const reason = { code: 'signer/guard-missing', message: 'The guard file x is missing.' };

describe('what a node does', () => {
  test.each<[string, Standing]>([
    ['votes', standing()],
    ['votes', standing({ peers: ['carrier', 'regulator'] })],
    ['waits for a quorum', standing({ peers: ['carrier', 'observer-1', 'observer-2'] })],
    ['does not vote', standing({ reason, voting: false })],
    ['follows', standing({ id: null, voting: false })],
    // One that is no member does not count for the quorum.
    ['waits for a quorum', standing({ id: null, peers: ['carrier', 'regulator'] })],
    ['stopped', standing({}, { failure: { code: 'node/stopped', message: 'Stopped.' } })],
  ])('is told as: %s', (words, now) => {
    expect(doing(now)).toBe(words);
  });
});

describe('what is told when it changes', () => {
  test('at first everything, then nothing until something is otherwise', () => {
    const now = standing();
    expect(changes(undefined, now)).toEqual([
      'connected to association, carrier, regulator: 4 of 4 validators are here, a quorum is 3',
      'votes, at height 7',
    ]);
    expect(changes(now, standing({ height: 90, slot: 200 }))).toEqual([]);
  });
  test('who went, and that there is no quorum', () => {
    expect(changes(standing(), standing({ peers: ['carrier', 'observer-1'] }))).toEqual([
      'lost association, regulator: 2 of 4 validators are here, a quorum is 3',
      'waits for a quorum, at height 7',
    ]);
  });
  test('why it does not vote', () => {
    expect(changes(standing(), standing({ reason, voting: false }))).toEqual([
      'does not vote: The guard file x is missing. (signer/guard-missing), at height 7',
    ]);
  });
  test('a new epoch with its members, a wrong clock, and what made it stop, once', () => {
    const clock = 'The clock differs.';
    const failure = { code: 'node/stopped', message: 'The disk is full.' };
    const now = standing({ epoch: 1, clock });
    expect(changes(standing(), now)).toEqual([
      'epoch 1 begins: association, bureau, carrier, regulator',
      clock,
    ]);
    expect(changes(now, now)).toEqual([]);
    const stopped = { ...now, failure };
    expect(changes(now, stopped)).toEqual(['stopped: The disk is full. (node/stopped)']);
    expect(changes(stopped, stopped)).toEqual([]);
  });
  test('the line below fits a terminal', () => {
    expect(standingLine(standing({ height: 1_234_567, epoch: 12 })).length).toBeLessThan(78);
  });
});
