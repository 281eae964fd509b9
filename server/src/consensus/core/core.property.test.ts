// Whatever the network, the clocks and the restarts do: no contradicting signature (the committee throws), one chain, and progress once
// messages arrive again.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCore } from './core.ts';
import { type Committee, coreOptions, createCommittee, ROOT } from './testing/committee.ts';
import type { CoreEvent, Statement } from './types.ts';

type Action =
  | { readonly do: 'deliver' | 'lose' | 'again'; readonly which: number }
  | { readonly do: 'timeout' | 'standstill' | 'restart' | 'work' | 'rest'; readonly which: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({ do: fc.constant('deliver' as const), which: fc.nat(1000) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('lose' as const, 'again' as const),
      which: fc.nat(1000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'timeout' as const,
        'standstill' as const,
        'restart' as const,
        'work' as const,
        'rest' as const,
      ),
      which: fc.nat(1000),
    }),
  },
);

function act(committee: Committee, { do: what, which }: Action): void {
  const { nodes, queue } = committee;
  const node = which % nodes.length;
  if (what === 'timeout' || what === 'standstill') committee.fire(node, what);
  else if (what === 'restart') committee.restart(node);
  else if (what === 'work' || what === 'rest') committee.work(what === 'work', node);
  else if (queue.length > 0) {
    const index = which % queue.length;
    if (what === 'again') queue.push(queue[index]!);
    committee.deliver(index, what === 'lose');
  }
}

function expectOneChain({ nodes }: Committee): void {
  const longest = nodes.reduce((a, b) => (b.chain.length > a.chain.length ? b : a)).chain;
  for (const { chain } of nodes) expect(chain).toEqual(longest.slice(0, chain.length));
}

/** All messages arrive, and clocks run out in turn. */
function heal(committee: Committee): void {
  const least = () => Math.min(...committee.nodes.map(({ chain }) => chain.length));
  const most = Math.max(...committee.nodes.map(({ chain }) => chain.length));
  committee.work(true);
  for (let round = 0; round < 12 && least() <= most; round += 1) {
    for (let left = 5000; left > 0 && committee.queue.length > 0 && least() <= most; left -= 1) {
      committee.deliver(0);
    }
    for (const name of ['standstill', 'timeout'] as const) {
      for (const i of committee.nodes.keys()) if (least() <= most) committee.fire(i, name);
    }
  }
  expect(least()).toBeGreaterThan(most);
}

describe('any schedule', () => {
  it.each([4, 5, 7])(
    'of %i validators leads to one chain, and to a longer one when it is over',
    (n) => {
      fc.assert(
        fc.property(fc.array(action, { minLength: 50, maxLength: 600 }), (actions) => {
          const committee = createCommittee(n, {}, (block) => block === 'b9');
          committee.work(true);
          for (const each of actions) act(committee, each);
          expectOneChain(committee);
          if (committee.nodes.some(({ chain }) => chain.includes('b9'))) return;
          heal(committee);
          expectOneChain(committee);
        }),
        { numRuns: 60 },
      );
    },
  );

  it('goes on without one of four, and stops without two', () => {
    const committee = createCommittee(4);
    const run = () => {
      for (let round = 0; round < 12; round += 1) {
        for (let left = 100; left > 0 && committee.queue.length > 0; left -= 1)
          committee.deliver(0);
        for (const [i, node] of committee.nodes.entries()) {
          if (!node.down) committee.fire(i, 'timeout');
        }
      }
    };
    committee.nodes[2]!.down = true;
    committee.work(true);
    run();
    const length = committee.nodes[0]!.chain.length;
    expect(length).toBeGreaterThan(3);
    committee.nodes[1]!.down = true;
    run();
    const stopped = committee.nodes[0]!.chain.length;
    run();
    expect(committee.nodes[0]!.chain).toHaveLength(stopped);
    committee.nodes[1]!.down = false;
    committee.nodes[2]!.down = false;
    heal(committee);
    expectOneChain(committee);
  });
});

describe('a restarted core', () => {
  it('stands where the one before stood, but for what it was never told again', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 20, maxLength: 300 }), (actions) => {
        const committee = createCommittee(4);
        committee.work(true);
        for (const each of actions) if (each.do !== 'restart') act(committee, each);
        // Answers on their way inside a node are given first, and what is being fetched would come by itself.
        const node = committee.nodes[0]!;
        const before = node.core.view();
        committee.restart(0);
        const after = node.core.view();
        expect(after.cast).toEqual(before.cast);
        expect(after.certificates).toEqual(before.certificates);
        expect(after).toMatchObject({ final: before.final, frontier: before.frontier });
      }),
      { numRuns: 100 },
    );
  });
});

describe('the same events in another order', () => {
  const root = { slot: -1, block: ROOT };
  const said: Statement[] = [
    { kind: 'notar', slot: 0, block: 'a' },
    { kind: 'final', slot: 0, block: 'a' },
    { kind: 'skip', slot: 1 },
    { kind: 'notar', slot: 2, block: 'b' },
    { kind: 'notar', slot: 4, block: 'b' },
    { kind: 'skip', slot: 3 },
    { kind: 'final', slot: 4, block: 'b' },
    { kind: 'skip', slot: 5 },
    { kind: 'notar', slot: 6, block: 'c' },
    { kind: 'skip', slot: 7 },
  ];
  const b = { slot: 2, block: 'b' };
  const events: CoreEvent[] = [
    ...[0, 1, 2].flatMap((from) =>
      said.map((statement) => ({ type: 'vote', from, statement }) as const),
    ),
    { type: 'candidate', slot: 0, block: 'a', parent: root, endsEpoch: false },
    {
      type: 'candidate',
      slot: 2,
      block: 'b',
      parent: { slot: 0, block: 'a' },
      endsEpoch: false,
    },
    { type: 'candidate', slot: 4, block: 'b', parent: b, endsEpoch: false },
    {
      type: 'candidate',
      slot: 6,
      block: 'c',
      parent: { slot: 4, block: 'b' },
      endsEpoch: false,
    },
  ];

  it('lead to the same certificates and the same final block', () => {
    const shuffled = fc.shuffledSubarray(events, {
      minLength: events.length,
      maxLength: events.length,
    });
    fc.assert(
      fc.property(shuffled, (order) => {
        const core = createCore(coreOptions({ self: null }));
        const todo = [...order];
        const final: unknown[] = [];
        for (let event = todo.shift(); event !== undefined; event = todo.shift()) {
          for (const effect of core.step(event)) {
            if (effect.type === 'finalize') final.push(effect.final);
            if (effect.type === 'validate') {
              todo.push({ type: 'validated', block: effect.block, valid: true, timely: true });
            }
            if (effect.type !== 'fetch') continue;
            const { slot, block } = effect;
            todo.push(
              ...events.filter(
                (e) => e.type === 'candidate' && e.slot === slot && e.block === block,
              ),
            );
          }
        }
        expect(final.at(-1)).toEqual({ slot: 4, block: 'b' });
        expect(core.view()).toMatchObject({ frontier: 8, final: { slot: 4, block: 'b' } });
        expect(core.view().certificates).toEqual([
          { kind: 'skip', slot: 5 },
          { kind: 'notar', slot: 6, block: 'c' },
          { kind: 'skip', slot: 7 },
        ]);
      }),
      { numRuns: 300 },
    );
  });
});
