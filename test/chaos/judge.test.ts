import { expect, it } from 'vitest';
import { createJudge } from './judge.ts';

it('sees a fork, a lost receipt, a doubled transaction and a hole', () => {
  const judge = createJudge();
  judge.block('a', 1, 'x');
  judge.block('b', 1, 'x');
  expect(judge.forks).toEqual([]);
  judge.block('c', 1, 'y');
  expect(judge.forks).toHaveLength(1);
  judge.receipt('a', 't1', 1);
  judge.receipt('a', 't2', 2);
  judge.logged('a', 1, 'x', ['t1']);
  expect(judge.missingIn('a')).toEqual(['a lacks t2 of block 2']);
  judge.logged('a', 2, 'z', ['t2', 't1']);
  expect(judge.missingIn('a')).toEqual(['a lacks t1 of block 1']);
  expect(judge.forks).toHaveLength(2);
  judge.logged('a', 4, 'w', []);
  expect(judge.forks).toHaveLength(3);
  expect(judge.missingIn('b')).toEqual(['no log of b was read']);
  expect([judge.height, judge.heightOf('b'), judge.receipts]).toEqual([4, 1, 2]);
});
