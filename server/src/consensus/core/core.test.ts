import { describe, expect, it } from 'vitest';
import { createCore } from './core.ts';
import { coreOptions, createCommittee, ROOT } from './testing/committee.ts';
import type { Core, CoreEffect, CoreEvent, CoreOptions, Ref, Statement } from './types.ts';

const root: Ref = { slot: -1, block: ROOT };

function candidate(slot: number, block: string, parent: Ref, endsEpoch = false): CoreEvent {
  return { type: 'candidate', slot, block, parent, endsEpoch };
}
function validated(block: string, valid = true, timely = true): CoreEvent {
  return { type: 'validated', block, valid, timely };
}
const notar = (slot: number, block: string): Statement => ({ kind: 'notar', slot, block });
const skip = (slot: number): Statement => ({ kind: 'skip', slot });
const final = (slot: number, block: string): Statement => ({ kind: 'final', slot, block });
function certificate(statement: Statement, kept = false): CoreEvent {
  return { type: 'certificate', statement, kept };
}
function vote(from: number, statement: Statement): CoreEvent {
  return { type: 'vote', from, statement };
}
function casts(effects: readonly CoreEffect[]): Statement[] {
  return effects.flatMap((effect) => (effect.type === 'cast' ? [effect.statement] : []));
}
function kinds(effects: readonly CoreEffect[]): string[] {
  return effects.map(({ type }) => type);
}
/** A validator that leads none of the first three slots. */
function follower(changes: Partial<CoreOptions> = {}): Core {
  return createCore(coreOptions({ self: 3, ...changes }));
}
function feed(core: Core, ...events: CoreEvent[]): CoreEffect[] {
  return events.flatMap((event) => core.step(event));
}

describe('rule 1, the frontier', () => {
  it('passes slots that have a Notar or a Skip certificate, in whatever order they come', () => {
    const core = follower();
    feed(core, certificate(skip(1)), certificate(notar(2, 'b')));
    expect(core.view().frontier).toBe(0);
    feed(core, certificate(notar(0, 'a')));
    expect(core.view().frontier).toBe(3);
  });

  it('jumps above a Final certificate, however far', () => {
    const core = follower();
    feed(core, certificate(final(1000, 'z')));
    expect(core.view()).toMatchObject({ frontier: 1001, certified: { slot: 1000 }, final: root });
  });
});

describe('the last block of an epoch', () => {
  it('carries nothing, also while it is final and its commit is still under way', () => {
    const core = createCore(coreOptions({ self: 1 }));
    feed(core, { type: 'work', waiting: true }, candidate(0, 'a', root, true), validated('a'));
    const decided = feed(core, certificate(notar(0, 'a')), certificate(final(0, 'a')));
    expect(decided).toContainEqual({ type: 'finalize', final: { slot: 0, block: 'a' } });
    const after = feed(core, { type: 'work', waiting: true });
    expect(kinds([...decided, ...after])).not.toContain('build');
    const upon = feed(core, candidate(1, 'b', { slot: 0, block: 'a' }), validated('b'));
    expect(casts(upon)).toEqual([]);
  });
});

describe('rule 2, candidates', () => {
  it('believes no repeat: while its block is missing it asks for what the certificate names too', () => {
    const core = follower();
    const falsely = candidate(1, 'b', { slot: 0, block: 'b' });
    const asked = feed(core, falsely, certificate(skip(0)), certificate(notar(1, 'b')));
    expect(asked).toContainEqual({ type: 'fetch', slot: 1, block: 'b' });
    expect(asked).toContainEqual({ type: 'fetch', slot: 0, block: 'b' });
    // The same again is no news, but is still asked for.
    expect(feed(core, falsely)).toEqual([]);
    expect(core.needsCandidate(1, 'b')).toBe(true);
    expect(feed(core, candidate(1, 'b', root))).toContainEqual({
      ...{ type: 'validate', slot: 1, block: 'b', parent: root },
    });
    expect(core.needsCandidate(1, 'b')).toBe(false);
    expect(casts(feed(core, validated('b')))).toEqual([notar(1, 'b'), final(1, 'b')]);
  });

  it('fetches a notarized candidate that is missing, once, and then what it stands upon', () => {
    const core = follower();
    expect(feed(core, certificate(notar(1, 'b')))).toContainEqual({
      type: 'fetch',
      slot: 1,
      block: 'b',
    });
    const second = feed(core, certificate(skip(5)), candidate(1, 'b', { slot: 0, block: 'a' }));
    expect(second.filter(({ type }) => type === 'fetch')).toEqual([
      { type: 'fetch', slot: 0, block: 'a' },
    ]);
    const third = feed(core, candidate(0, 'a', root));
    expect(third).toContainEqual({ type: 'validate', slot: 0, block: 'a', parent: root });
    expect(kinds(third)).not.toContain('fetch');
    const fourth = feed(core, validated('a'));
    expect(fourth).toContainEqual({
      type: 'validate',
      slot: 1,
      block: 'b',
      parent: { slot: 0, block: 'a' },
    });
  });

  it('finds the block even where the leader named a slot in which its parent never stood', () => {
    const core = follower();
    feed(core, certificate(notar(0, 'a')), candidate(0, 'a', root), validated('a'));
    feed(core, certificate(skip(1)), certificate(notar(2, 'a')));
    feed(core, candidate(2, 'a', { slot: 0, block: 'a' }));
    feed(core, certificate(notar(3, 'b')));
    const lie = feed(core, candidate(3, 'b', { slot: 1, block: 'a' }));
    expect(lie).toContainEqual(expect.objectContaining({ type: 'validate', block: 'b' }));
    expect(feed(core, validated('b'), certificate(final(3, 'b')))).toContainEqual({
      type: 'finalize',
      final: { slot: 3, block: 'b' },
    });
  });

  it('keeps the first candidate of an equivocating leader and the one that is notarized, no other', () => {
    const core = follower();
    feed(core, candidate(0, 'a', root), candidate(0, 'b', root), candidate(0, 'c', root));
    expect(core.view().blocks).toBe(1);
    feed(core, certificate(notar(0, 'b')), candidate(0, 'c', root));
    expect(core.view().blocks).toBe(1);
    feed(core, candidate(0, 'b', root));
    expect(core.view().blocks).toBe(2);
  });

  it('says that it cannot go on when a quorum vouches for what it finds wrong', () => {
    const core = follower();
    feed(core, candidate(0, 'a', root));
    expect(casts(feed(core, validated('a', false)))).toEqual([]);
    const effects = feed(core, certificate(notar(0, 'a')));
    expect(effects).toContainEqual({ type: 'diverged', slot: 0, block: 'a' });
    expect(casts(effects)).toEqual([]);
    expect(feed(core, certificate(skip(1)), { type: 'timeout', slot: 1 })).toEqual([]);
  });

  it('is told to sync when a Final certificate is out of reach, and goes on above it', () => {
    const core = follower({ slotsAhead_max: 4 });
    feed(core, certificate(final(20, 'b20')));
    const effects: CoreEffect[] = [];
    for (let slot = 20; slot > 10; slot -= 1) {
      effects.push(
        ...feed(core, candidate(slot, `b${slot}`, { slot: slot - 1, block: `b${slot - 1}` })),
      );
    }
    const behind = { type: 'behind', final: { slot: 20, block: 'b20' } };
    expect(effects.filter(({ type }) => type === 'behind')).toEqual([behind]);
    expect(effects.filter(({ type }) => type === 'fetch')).toHaveLength(4);
    feed(core, { type: 'synced', final: { slot: 20, block: 'b20' } });
    expect(core.view()).toMatchObject({ final: { slot: 20 }, frontier: 21, slots: 0, blocks: 0 });
    const effects2 = feed(core, candidate(21, 'x', { slot: 20, block: 'b20' }));
    expect(effects2).toContainEqual(expect.objectContaining({ type: 'validate', block: 'x' }));
  });
});

describe('rule 3, leading', () => {
  it('builds when there is work, asks once, and again when it was told of nothing and work comes', () => {
    const core = createCore(coreOptions({ self: 0 }));
    expect(feed(core, certificate(skip(3)))).toEqual(
      expect.not.arrayContaining([expect.objectContaining({ type: 'build' })]),
    );
    const work: CoreEvent = { type: 'work', waiting: true };
    const build = { type: 'build', slot: 0, parent: root, repeat: false };
    const nothing: CoreEvent = {
      type: 'built',
      slot: 0,
      parent: root,
      block: null,
      endsEpoch: false,
    };
    expect(feed(core, work)).toContainEqual(build);
    expect(kinds(feed(core, certificate(skip(2))))).not.toContain('build');
    expect(kinds(feed(core, nothing, certificate(skip(1))))).not.toContain('build');
    expect(feed(core, work)).toContainEqual(build);
    // Work that comes while the answer is on its way is not forgotten.
    expect(kinds(feed(core, work))).not.toContain('build');
    expect(feed(core, nothing)).toContainEqual(build);
    const built = feed(core, { ...nothing, block: 'a' });
    expect(kinds(built).slice(0, 2)).toEqual(['propose', 'cast']);
    expect(kinds(feed(core, work, { ...nothing, block: 'b' }))).toEqual([]);
  });

  it('builds upon the greatest notarized slot with Skip certificates above it', () => {
    const core = createCore(coreOptions({ self: 3 }));
    feed(core, { type: 'work', waiting: true }, candidate(0, 'a', root), certificate(skip(2)));
    feed(core, certificate(skip(1)), certificate(notar(0, 'a')));
    const effects = feed(core, validated('a'));
    expect(effects).toContainEqual({
      type: 'build',
      slot: 3,
      parent: { slot: 0, block: 'a' },
      repeat: false,
    });
  });

  it('asks again when the base changes, and drops the answer for the old one', () => {
    const core = createCore(coreOptions({ self: 2 }));
    feed(core, { type: 'work', waiting: true }, certificate(skip(0)), certificate(skip(1)));
    feed(core, candidate(1, 'b', root), certificate(notar(1, 'b')));
    const effects = feed(core, validated('b'));
    const parent = { slot: 1, block: 'b' };
    expect(effects).toContainEqual({ type: 'build', slot: 2, parent, repeat: false });
    const old: CoreEvent = { type: 'built', slot: 2, parent: root, block: 'x', endsEpoch: false };
    expect(kinds(feed(core, old))).not.toContain('propose');
    expect(kinds(feed(core, { ...old, parent }))).toContain('propose');
  });

  it('proposes nothing else in a slot where it proposed before a restart', () => {
    const work: CoreEvent = { type: 'work', waiting: true };
    for (const changes of [{ proposed: [0] }, { cast: [notar(0, 'a')] }]) {
      expect(kinds(feed(createCore(coreOptions({ self: 0, ...changes })), work))).not.toContain(
        'build',
      );
    }
    const core = createCore(coreOptions({ self: 0 }));
    expect(kinds(feed(core, candidate(0, 'a', root), work))).not.toContain('build');
  });

  it('repeats what waits to be final when nothing is new, but not while its votes may be coming', () => {
    const core = createCore(coreOptions({ self: 1 }));
    const parent = { slot: 0, block: 'a' };
    const build = { type: 'build', slot: 1, parent, repeat: true };
    feed(core, candidate(0, 'a', root), validated('a'), certificate(notar(0, 'a')));
    expect(kinds(feed(core, vote(2, skip(0))))).not.toContain('build');
    const other = core.fork();
    expect(feed(core, vote(3, skip(0)))).toContainEqual(build);
    expect(feed(other, vote(3, skip(1)))).toContainEqual(build);
    const built: CoreEvent = { type: 'built', slot: 1, parent, block: 'a', endsEpoch: false };
    expect(kinds(feed(core, built))).toEqual(['propose', 'cast']);
    expect(kinds(feed(other, certificate(final(0, 'a')), built))).not.toContain('propose');
  });

  it('repeats when work waits of which nothing can be proposed', () => {
    const core = createCore(coreOptions({ self: 1 }));
    const parent = { slot: 0, block: 'a' };
    feed(core, candidate(0, 'a', root), validated('a'), vote(3, skip(1)));
    feed(core, { type: 'work', waiting: true });
    const built: CoreEvent = { type: 'built', slot: 1, parent, block: null, endsEpoch: false };
    expect(feed(core, certificate(notar(0, 'a')))).toContainEqual({
      type: 'build',
      slot: 1,
      parent,
      repeat: false,
    });
    expect(feed(core, built)).toContainEqual({ type: 'build', slot: 1, parent, repeat: true });
  });
});

describe('rule 4, Notar', () => {
  const ready = [candidate(0, 'a', root), validated('a')];

  it('votes for a valid candidate upon the root', () => {
    expect(casts(feed(follower(), ...ready))).toEqual([notar(0, 'a')]);
  });

  it('votes once a slot, also after a restart', () => {
    const core = follower();
    feed(core, ...ready);
    const other = [certificate(notar(0, 'b')), candidate(0, 'b', root), validated('b')];
    expect(casts(feed(core, ...other))).toEqual([]);
    const restarted = follower({ cast: [notar(0, 'a')] });
    expect(casts(feed(restarted, ...other))).toEqual([]);
  });

  it('takes the notarized one of two candidates if it has not voted yet', () => {
    const core = follower();
    feed(core, candidate(0, 'a', root), certificate(notar(0, 'b')), candidate(0, 'b', root));
    expect(casts(feed(core, validated('b')))).toEqual([notar(0, 'b'), final(0, 'b')]);
  });

  it('waits until the parent is notarized and the slots between have Skip certificates', () => {
    const core = follower();
    const child = [candidate(2, 'b', { slot: 0, block: 'a' })];
    expect(casts(feed(core, ...child, ...ready))).toEqual([notar(0, 'a')]);
    expect(casts(feed(core, certificate(notar(0, 'a'))))).toEqual([final(0, 'a')]);
    const between = feed(core, certificate(skip(1)));
    expect(between).toContainEqual(expect.objectContaining({ type: 'validate', block: 'b' }));
    expect(casts(feed(core, validated('b')))).toEqual([notar(2, 'b')]);
  });

  it('does not take another notarized block of the named slot for the parent', () => {
    const core = follower();
    feed(core, ...ready, certificate(notar(0, 'a')));
    expect(feed(core, candidate(1, 'b', { slot: 0, block: 'x' }))).toEqual([]);
  });

  it.each([
    ['wrong', validated('a', false)],
    ['too early by its time', validated('a', true, false)],
  ])('does not vote for what is %s', (_, verdict) => {
    const core = follower();
    expect(casts(feed(core, candidate(0, 'a', root), verdict))).toEqual([]);
  });

  it('votes when the time has come, and at once for what is notarized whatever its time', () => {
    const early = [candidate(0, 'a', root), validated('a', true, false)];
    const [first, second] = [follower(), follower()];
    feed(first, ...early);
    expect(casts(feed(first, validated('a')))).toEqual([notar(0, 'a')]);
    feed(second, ...early);
    expect(casts(feed(second, certificate(notar(0, 'a'))))).toEqual([notar(0, 'a'), final(0, 'a')]);
  });

  it('may still vote when it gave the slot up, and then not Final', () => {
    const core = follower();
    feed(core, candidate(0, 'a', root));
    expect(casts(feed(core, { type: 'timeout', slot: 0 }))).toEqual([skip(0)]);
    expect(casts(feed(core, validated('a')))).toEqual([notar(0, 'a')]);
    expect(casts(feed(core, certificate(notar(0, 'a'))))).toEqual([]);
  });

  it('lets only a repeat stand upon the last block of the epoch', () => {
    const core = follower();
    const parent = { slot: 0, block: 'a' };
    feed(core, candidate(0, 'a', root, true), validated('a'), certificate(notar(0, 'a')));
    const another = core.fork();
    expect(kinds(feed(core, candidate(1, 'b', parent)))).toEqual([]);
    expect(casts(feed(another, candidate(1, 'a', parent)))).toEqual([notar(1, 'a')]);
  });

  it('lets only a repeat stand too far above the final block', () => {
    const core = follower({ uncommitted_max: 2, slotsAhead_max: 64 });
    feed(core, candidate(0, 'a', root), certificate(notar(0, 'a')), validated('a'));
    const second = { slot: 1, block: 'b' };
    feed(core, candidate(1, 'b', { slot: 0, block: 'a' }), certificate(notar(1, 'b')));
    expect(casts(feed(core, validated('b')))).toEqual([notar(1, 'b'), final(1, 'b')]);
    const other = core.fork();
    expect(casts(feed(other, candidate(2, 'b', second)))).toEqual([notar(2, 'b')]);
    expect(kinds(feed(core, candidate(2, 'c', second)))).toEqual([]);
    const effects = feed(core, certificate(final(0, 'a')));
    expect(effects).toContainEqual(expect.objectContaining({ type: 'validate', block: 'c' }));
  });

  it('never votes upon a repeat of the root, nor for a block whose leader named another parent than before', () => {
    const core = follower();
    expect(feed(core, candidate(0, ROOT, root))).toEqual([]);
    expect(core.view().slots).toBe(0);
  });

  it.each([
    ['a parent in its own slot', candidate(1, 'b', { slot: 1, block: 'a' })],
    ['a parent below the root', candidate(1, 'b', { slot: -2, block: ROOT })],
    ['another root', candidate(1, 'b', { slot: -1, block: 'other' })],
    ['a slot that is no number', candidate(Number.NaN, 'b', root)],
    ['a negative slot', candidate(-1, 'b', { slot: -1, block: ROOT })],
    ['a slot beyond the window', candidate(33, 'b', root)],
  ])('keeps nothing of a candidate with %s', (_, event) => {
    const core = follower();
    expect(feed(core, event)).toEqual([]);
    expect(core.view()).toMatchObject({ slots: 0, blocks: 0 });
  });
});

describe('rule 5, Final', () => {
  it('needs its own Notar vote and the certificate', () => {
    const core = follower();
    expect(casts(feed(core, certificate(notar(0, 'a')), candidate(0, 'a', root)))).toEqual([]);
    expect(casts(feed(core, validated('a')))).toEqual([notar(0, 'a'), final(0, 'a')]);
    expect(casts(feed(core, certificate(skip(0)), validated('a')))).toEqual([]);
  });

  it.each([[[skip(0)]], [[skip(0), notar(0, 'a')]]])('is refused after %j', (cast) => {
    const core = follower({ cast });
    feed(core, certificate(notar(0, 'a'), true), candidate(0, 'a', root), validated('a'));
    expect(core.view().cast).not.toContainEqual(final(0, 'a'));
    expect(core.view().cast).toContainEqual(notar(0, 'a'));
  });

  it('is refused for another block than the one voted for', () => {
    const core = follower({ cast: [notar(0, 'b')] });
    const events = [certificate(notar(0, 'a'), true), candidate(0, 'a', root), validated('a')];
    expect(casts(feed(core, ...events))).toEqual([]);
  });
});

describe('rule 6, Skip', () => {
  it('gives up the frontier when its timer fires, once', () => {
    const core = follower();
    const timer = { type: 'timer', name: 'timeout', slot: 0, delay_ms: 1000 };
    expect(feed(core, { type: 'work', waiting: true })).toContainEqual(timer);
    expect(casts(feed(core, { type: 'timeout', slot: 0 }))).toEqual([skip(0)]);
    expect(casts(feed(core, { type: 'timeout', slot: 0 }))).toEqual([]);
  });

  it('waits longer with each slot since the last finalised one, up to a limit', () => {
    const core = createCore(coreOptions({ self: 3, skipMax_ms: 4000 }));
    const delays = [1000, 1500, 2250, 3375, 4000, 4000];
    const got = [
      ...feed(core, { type: 'work', waiting: true }),
      ...[0, 1, 2, 3, 4].flatMap((slot) => feed(core, certificate(skip(slot)))),
    ].flatMap((e) => (e.type === 'timer' && e.name === 'timeout' ? [e.delay_ms] : []));
    expect(got).toEqual(delays);
  });

  it('never after a Final vote, not even of before a restart', () => {
    const core = follower({ cast: [notar(0, 'a'), final(0, 'a')] });
    feed(core, { type: 'work', waiting: true });
    expect(casts(feed(core, { type: 'timeout', slot: 0 }))).toEqual([]);
  });

  it('ignores a timer of a slot that is cleared, or that was stopped', () => {
    const core = follower();
    feed(core, { type: 'work', waiting: true }, certificate(skip(0)));
    expect(casts(feed(core, { type: 'timeout', slot: 0 }))).toEqual([]);
    feed(core, { type: 'work', waiting: false });
    expect(casts(feed(core, { type: 'timeout', slot: 1 }))).toEqual([]);
  });
});

describe('rule 7, votes and certificates', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 3],
    [5, 4],
    [6, 5],
    [7, 5],
  ])('of %i validators %i make a quorum', (validators, quorum) => {
    const core = createCore(coreOptions({ validators, self: null }));
    const statement = final(5, 'a');
    for (let from = 0; from < quorum - 1; from += 1) {
      expect(kinds(feed(core, vote(from, statement), vote(from, statement)))).toEqual([]);
    }
    const effects = feed(core, vote(quorum - 1, statement));
    expect(effects.slice(0, 2)).toEqual([
      { type: 'keep', statement },
      { type: 'announce', statement },
    ]);
  });

  it('counts the first vote of a validator only, and nobody else than the validators', () => {
    const core = createCore(coreOptions({ self: null }));
    feed(core, vote(0, notar(0, 'a')), vote(1, notar(0, 'b')), vote(1, notar(0, 'a')));
    feed(core, vote(2, notar(0, 'a')), vote(4, notar(0, 'a')), vote(-1, notar(0, 'a')));
    expect(core.view().certificates).toEqual([]);
    feed(core, vote(3, notar(0, 'a')));
    expect(core.view().certificates).toEqual([notar(0, 'a')]);
  });

  it('keeps a certificate of another once and does not announce it; of the journal neither', () => {
    const core = createCore(coreOptions({ self: null }));
    expect(kinds(feed(core, certificate(skip(0)), certificate(skip(0))))).toEqual(['keep']);
    expect(kinds(feed(core, certificate(skip(1), true)))).toEqual([]);
    expect(core.view().frontier).toBe(2);
  });

  it('drops what is outside the window or no slot at all', () => {
    const core = createCore(coreOptions({ self: null }));
    for (const slot of [33, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      feed(core, vote(0, skip(slot)), certificate(skip(slot)), certificate(notar(slot, 'a')));
    }
    feed(core, vote(0, final(33, 'a')));
    expect(core.view().slots).toBe(0);
  });

  it('says beforehand what it needs', () => {
    const core = createCore(coreOptions({ self: null }));
    expect(core.needs(skip(0), 1)).toBe(true);
    feed(core, vote(1, skip(0)));
    expect(core.needs(skip(0), 1)).toBe(false);
    expect(core.needs(notar(0, 'a'), 1)).toBe(true);
    expect(core.needs(skip(0), null)).toBe(true);
    feed(core, certificate(skip(0)));
    expect(core.needs(skip(0), 2)).toBe(false);
    expect(core.needs(skip(0), null)).toBe(false);
    expect(core.needsCandidate(0, 'a')).toBe(true);
    feed(core, candidate(0, 'a', root));
    expect(core.needsCandidate(0, 'a')).toBe(false);
    expect(core.needsCandidate(0, 'b')).toBe(false);
  });
});

describe('finality', () => {
  it('commits when all below is executed, then forgets it', () => {
    const core = follower();
    feed(core, candidate(0, 'a', root), certificate(notar(0, 'a')));
    feed(core, candidate(1, 'b', { slot: 0, block: 'a' }), certificate(notar(1, 'b')));
    feed(core, candidate(2, 'c', { slot: 1, block: 'b' }));
    expect(kinds(feed(core, certificate(final(1, 'b'))))).not.toContain('finalize');
    feed(core, validated('a'));
    expect(feed(core, validated('b'))).toContainEqual({
      type: 'finalize',
      final: { slot: 1, block: 'b' },
    });
    expect(core.view()).toMatchObject({ final: { slot: 1 }, frontier: 2, slots: 1, blocks: 1 });
    expect(kinds(feed(core, certificate(final(0, 'a')), vote(0, notar(1, 'b'))))).toEqual([]);
    expect(casts(feed(core, validated('c')))).toEqual([notar(2, 'c')]);
  });

  it('commits step by step, so that each block has the certificate nearest to it', () => {
    const core = follower();
    feed(core, candidate(0, 'a', root), certificate(final(0, 'a')));
    feed(core, certificate(final(1, 'b')), candidate(1, 'b', { slot: 0, block: 'a' }));
    const effects = feed(core, validated('a'), validated('b'));
    expect(effects.filter(({ type }) => type === 'finalize')).toEqual([
      { type: 'finalize', final: { slot: 0, block: 'a' } },
      { type: 'finalize', final: { slot: 1, block: 'b' } },
    ]);
  });

  it('takes what was synced and forgets the rest', () => {
    const core = follower();
    feed(core, candidate(0, 'x', root), validated('x'), vote(1, skip(2)));
    feed(core, { type: 'synced', final: { slot: 7, block: 'z' } });
    expect(core.view()).toMatchObject({ final: { slot: 7 }, frontier: 8, slots: 0, blocks: 0 });
    feed(core, { type: 'synced', final: { slot: 3, block: 'y' } });
    expect(core.view().final).toEqual({ slot: 7, block: 'z' });
  });
});

describe('quiet', () => {
  it('runs no timer and says nothing while nothing waits', () => {
    const committee = createCommittee(4);
    committee.work(false);
    expect(committee.nodes.flatMap(({ effects }) => effects)).toEqual([]);
    committee.work(true);
    committee.deliver(0);
    committee.work(false);
    committee.settle();
    expect(committee.nodes.map(({ chain }) => chain)).toEqual(Array(4).fill(['b0']));
    expect(committee.nodes.map(({ timers }) => timers.size)).toEqual([0, 0, 0, 0]);
    expect(committee.nodes.map(({ core }) => core.view().active)).toEqual(Array(4).fill(false));
  });

  it('stops the timers when the work goes away, and starts them anew for each finalization', () => {
    const core = follower();
    const on = feed(core, { type: 'work', waiting: true });
    expect(on).toEqual([
      { type: 'timer', name: 'timeout', slot: 0, delay_ms: 1000 },
      { type: 'timer', name: 'standstill', slot: 0, delay_ms: 2000 },
    ]);
    expect(feed(core, { type: 'work', waiting: true })).toEqual([]);
    const off = feed(core, { type: 'work', waiting: false });
    expect(off).toEqual([
      { type: 'timer', name: 'timeout', slot: 0, delay_ms: null },
      { type: 'timer', name: 'standstill', slot: 0, delay_ms: null },
    ]);
  });

  it('says all again at a standstill, ever more seldom', () => {
    const core = follower();
    feed(core, { type: 'work', waiting: true });
    const delays = [4000, 8000, 16_000, 16_000];
    for (const delay_ms of delays) {
      expect(feed(core, { type: 'standstill' })).toEqual([
        { type: 'rebroadcast' },
        { type: 'timer', name: 'standstill', slot: 0, delay_ms },
      ]);
    }
    const effects = feed(core, certificate(final(0, 'a')));
    expect(effects).toContainEqual({ type: 'timer', name: 'standstill', slot: 1, delay_ms: 2000 });
  });

  it('of one that only follows there are no timers, votes or proposals', () => {
    const core = createCore(coreOptions({ self: null }));
    const effects = feed(
      core,
      { type: 'work', waiting: true },
      candidate(0, 'a', root),
      certificate(notar(0, 'a')),
      validated('a'),
      certificate(final(0, 'a')),
    );
    expect(kinds(effects)).toEqual(['keep', 'validate', 'keep', 'finalize']);
  });
});
