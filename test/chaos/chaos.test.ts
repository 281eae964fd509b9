// A short run of the real thing; `npm run chaos -- validators --rounds 200` is the long one.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Member } from './fleet.ts';
import { victimsOf } from './kills.ts';
import { runValidators } from './validators.ts';

const ROUNDS = 3;
/** Four processes, each started three times, on a machine that may be doing other things. */
const WITHIN_MS = 300_000;

it(
  'kills validators under load, and nothing forks or is lost',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'suyuan-chaos-test-'));
    const lines: string[] = [];
    const report = await runValidators({
      ...{ directory, rounds: ROUNDS, seed: 1, profile: 'international', only: 'rounds' },
      say: (line) => lines.push(line),
    });
    expect(report, lines.join('\n')).toMatchObject({
      chaos: 'validators',
      ...{ rounds: ROUNDS, kills: 4, forks: 0, lost: 0, skipped: [], failures: [] },
    });
    expect(report.receipts).toBeGreaterThan(ROUNDS);
    expect(report.blocks).toBeGreaterThan(ROUNDS * 3);
    await rm(directory, { recursive: true, force: true });
  },
  WITHIN_MS,
);

it('comes to each validator and each pair', () => {
  const members = ['a', 'b', 'c', 'd'].map((id) => ({ id }) as Member);
  const groups = Array.from({ length: 10 }, (_, round) =>
    victimsOf(round, members)
      .map(({ id }) => id)
      .join(''),
  );
  expect([...groups].sort()).toEqual(['a', 'ab', 'ac', 'ad', 'b', 'bc', 'bd', 'c', 'cd', 'd']);
  expect(victimsOf(10, members)).toEqual(victimsOf(0, members));
});
