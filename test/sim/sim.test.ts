import { describe, expect, it } from 'vitest';
import { createVoteLedger, quorumOf } from './invariants/votes.ts';
import { patched } from './runner/bundle.ts';
import { PROFILES } from './world/profiles.ts';
import { runSeed } from './world/run.ts';

describe('a run', () => {
  it('is the same for the same seed, to the last event', async () => {
    for (const profile of ['crash', 'byzantine', 'epochs'] as const) {
      const [first, second] = [
        await runSeed({ seed: 7, profile }),
        await runSeed({ seed: 7, profile, atLength: true }),
      ];
      expect(first.violation).toBeUndefined();
      expect(first.blocks).toBeGreaterThan(0);
      expect(second).toMatchObject({
        trace: first.trace,
        steps: first.steps,
        blocks: first.blocks,
      });
      expect(first.lines).toEqual([]);
      expect(second.lines.length).toBeGreaterThan(0);
    }
  });

  it('is another one for another seed', async () => {
    const traces = await Promise.all([1, 2].map((seed) => runSeed({ seed, profile: 'calm' })));
    expect(traces[0]?.trace).not.toBe(traces[1]?.trace);
  });

  it('draws every scenario from some seed', () => {
    expect(PROFILES.every(({ weight }) => weight > 0)).toBe(true);
  });
});

describe('the ledger of votes', () => {
  const chain = new Uint8Array(32).fill(1);
  const keys = ['aa', 'bb', 'cc', 'dd'];
  const block = (fill: number) => new Uint8Array(32).fill(fill);
  const bytes = (...items: (string | number | Uint8Array)[]): Uint8Array =>
    Buffer.concat([
      Buffer.from([0x80 + items.length]),
      ...items.map((item) => {
        if (typeof item === 'number') return Buffer.from([item < 0 ? 0x1f - item : item]);
        if (typeof item === 'string')
          return Buffer.from([0x60 + item.length, ...Buffer.from(item)]);
        return Buffer.from([0x58, item.length, ...item]);
      }),
    ]);
  const proposal = (slot: number, fill: number, parent = -1) =>
    bytes('suyuan/proposal/1', chain, 0, slot, block(fill), parent);
  const notar = (slot: number, fill: number) =>
    bytes('suyuan/notar/1', chain, 0, slot, block(fill));
  const final = (slot: number, fill: number) =>
    bytes('suyuan/final/1', chain, 0, slot, block(fill));
  const skip = (slot: number) => bytes('suyuan/skip/1', chain, 0, slot);
  function begin() {
    const votes = createVoteLedger(chain);
    votes.begin(0, keys);
    return votes;
  }
  /** Slot 0 is led by `aa`, proposed and notarized. */
  function notarized() {
    const votes = begin();
    votes.signed('aa', proposal(0, 5));
    for (const key of ['aa', 'bb', 'cc']) votes.signed(key, notar(0, 5));
    return votes;
  }

  it('takes what the rules allow', () => {
    const votes = notarized();
    for (const key of ['aa', 'bb', 'cc']) votes.signed(key, final(0, 5));
    votes.signed('dd', skip(0));
    votes.signed('bb', final(0, 5));
    expect(votes.finals()).toBe(1);
    expect([4, 5, 6, 7, 10].map(quorumOf)).toEqual([3, 4, 5, 5, 7]);
  });

  it('finds each rule broken', () => {
    const broken: [string, () => void][] = [
      ['one vote', () => notarized().signed('aa', notar(0, 6))],
      [
        'final and skip',
        () => {
          const votes = notarized();
          votes.signed('aa', final(0, 5));
          votes.signed('aa', skip(0));
        },
      ],
      [
        'skip and final',
        () => {
          const votes = notarized();
          votes.signed('aa', skip(0));
          votes.signed('aa', final(0, 5));
        },
      ],
      [
        'no certificate',
        () => {
          const votes = begin();
          votes.signed('aa', proposal(0, 5));
          votes.signed('aa', notar(0, 5));
          votes.signed('aa', final(0, 5));
        },
      ],
      ['not proposed', () => begin().signed('aa', notar(0, 5))],
      ['another leader', () => begin().signed('bb', proposal(0, 5))],
      [
        'two proposals',
        () => {
          const votes = begin();
          votes.signed('aa', proposal(0, 5));
          votes.signed('aa', proposal(0, 6));
        },
      ],
      [
        'not skipped between',
        () => {
          const votes = notarized();
          votes.signed('cc', proposal(2, 6, 0));
          votes.signed('dd', notar(2, 6));
        },
      ],
      [
        'parent not notarized',
        () => {
          const votes = begin();
          votes.signed('bb', proposal(1, 6, 0));
          votes.signed('dd', notar(1, 6));
        },
      ],
      ['no member', () => begin().signed('ee', skip(0))],
      ['another chain', () => begin().signed('aa', bytes('suyuan/skip/1', block(9), 0, 0))],
      ['no chain', () => begin().signed('aa', bytes('suyuan/skip/1', 0, 0, 0))],
    ];
    for (const [name, act] of broken) expect(act, name).toThrow();
  });

  it('counts what attackers could still sign', () => {
    const votes = notarized();
    votes.corrupt('dd');
    votes.signed('aa', final(0, 5));
    votes.signed('bb', final(0, 5));
    expect(() => votes.signed('cc', skip(0))).not.toThrow();
    votes.corrupt('aa');
    // Two attackers of four: with them both certificates are within reach.
    expect(() => votes.signed('cc', skip(0))).toThrow(/final .* and skipped/);
  });
});

describe('a mutant', () => {
  it('is refused where its place is gone, or not the only one', () => {
    const patch = { file: 'x.ts', find: 'a', replace: 'b' };
    expect(patched('1 a 2', patch)).toBe('1 b 2');
    expect(() => patched('1 2', patch)).toThrow('0 times');
    expect(() => patched('a a', patch)).toThrow('2 times');
  });
});
