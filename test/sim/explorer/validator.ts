// One honest validator as an automaton: each state is a real core together with all it ever signed. Steps are found by running the
// core, once, and remembered; the search over all validators then only looks numbers up.

import { createCore } from '../../../server/src/consensus/core/core.ts';
import type {
  BlockId,
  Core,
  CoreEffect,
  CoreEvent,
  CoreOptions,
  Statement,
} from '../../../server/src/consensus/core/types.ts';
import { ROOT, type Universe } from './universe.ts';

/** How a mutant differs: what it is told although nobody proved it, or what it forgets. */
export interface Mutation {
  readonly name: string;
  /** Votes that a quorum lacks and that are counted twice instead. */
  readonly phantoms?: number;
  /** Kinds of votes that are forgotten over a restart. */
  readonly forgets?: Statement['kind'];
  /** The journal is lost over a restart. */
  readonly forgetsCertificates?: true;
  /** A candidate's own word stands for its parent's certificate, or for the Skip certificates between. */
  readonly trusts?: 'parent' | 'skips';
}

export interface ValidatorState {
  readonly core: Core;
  /** All it ever signed, as numbers of statements; ascending. */
  readonly said: readonly number[];
  readonly frontier: number;
}

export interface Validator {
  readonly first: number;
  readonly statements: readonly Statement[];
  state(id: number): ValidatorState;
  count(): number;
  /** What it may do or be shown without the others: candidates, its clock, a restart. */
  free(id: number): readonly Move[];
  /** It gets the votes of `honest` others and the Byzantine one; −1 if they change nothing, or are too few. */
  learn(id: number, statement: number, honest: number): number;
}

export interface Move {
  readonly to: number;
  readonly name: string;
}

const SELF = 3;
const BYZANTINE = 2;
const HONEST = [0, 1, SELF];

export function createValidator(
  universe: Universe,
  mutation: Mutation,
  { restarts, reduced }: { readonly restarts: boolean; readonly reduced: boolean },
  makeCore: (options: CoreOptions) => Core = createCore,
): Validator {
  const states: ValidatorState[] = [];
  const ids = new Map<string, number>();
  const statements: Statement[] = [];
  const numbers = new Map<string, number>();
  const moves: (readonly Move[] | undefined)[] = [];
  const learned = new Map<number, number>();

  function numberOf(statement: Statement): number {
    const key = textOf(statement);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    statements.push(statement);
    numbers.set(key, statements.length - 1);
    return statements.length - 1;
  }

  function idOf(core: Core, said: readonly number[]): number {
    const key = `${said.join()} ${core.fingerprint()}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    states.push({ core, said, frontier: core.view().frontier });
    ids.set(key, states.length - 1);
    return states.length - 1;
  }

  /** Blocks are found right at once, for a verdict that is late is a candidate that is late. */
  function feed(core: Core, event: CoreEvent): CoreEffect[] {
    const effects = core.step(event);
    for (let i = 0; i < effects.length; i += 1) {
      const effect = effects[i]!;
      if (effect.type !== 'validate') continue;
      const verdict = {
        type: 'validated',
        block: effect.block,
        valid: true,
        timely: true,
      } as const;
      effects.push(...core.step(verdict));
    }
    return effects;
  }

  function after(said: readonly number[], core: Core, effects: readonly CoreEffect[]): number {
    const now = new Set(said);
    for (const effect of effects) if (effect.type === 'cast') now.add(numberOf(effect.statement));
    return idOf(core, now.size === said.length ? said : [...now].sort((a, b) => a - b));
  }

  function start(options: Partial<CoreOptions>): Core {
    const core = makeCore({
      validators: 4,
      self: SELF,
      root: ROOT,
      skip_ms: 1,
      growth_ppt: 1000,
      skipMax_ms: 1,
      standstill_ms: 1,
      standstillMax_ms: 1,
      slotsAhead_max: universe.slots,
      cast: [],
      ...options,
    });
    core.step({ type: 'work', waiting: true });
    return core;
  }

  function showCandidate(id: number, slot: number, block: BlockId, index: number): Move | null {
    const { core, said } = states[id]!;
    if (!core.needsCandidate(slot, block)) return null;
    const { parent } = universe.candidates[index]!;
    const next = core.fork();
    const trusted: Statement[] = [];
    if (mutation.trusts === 'parent' && parent.slot >= 0) {
      trusted.push({ kind: 'notar', slot: parent.slot, block: parent.block });
    } else if (mutation.trusts === 'skips') {
      for (let at = parent.slot + 1; at < slot; at += 1) trusted.push({ kind: 'skip', slot: at });
    }
    const effects = trusted.flatMap((statement) =>
      feed(next, { type: 'certificate', statement, kept: false }),
    );
    if (trusted.length > 0) effects.push(...showCertified(next));
    effects.push(...feed(next, { type: 'candidate', slot, block, parent, endsEpoch: false }));
    // One that is neither voted for nor asked for may as well come later.
    const asked = core
      .view()
      .certificates.some((c) => c.kind !== 'skip' && c.slot === slot && c.block === block);
    const useful = asked || slot <= core.view().certified.slot || effects.some(isCast);
    if (!useful) return null;
    return { to: after(said, next, effects), name: `gets ${block} of slot ${slot}` };
  }

  /** What a known certificate vouches for: nothing is gained by withholding it, for the slot can be given up no more. */
  function showCertified(core: Core): CoreEffect[] {
    const effects: CoreEffect[] = [];
    for (const { slot, block, parent } of universe.candidates) {
      const certified = core.view().notarized.some((r) => r.slot === slot && r.block === block);
      if (!certified || !core.needsCandidate(slot, block)) continue;
      effects.push(...feed(core, { type: 'candidate', slot, block, parent, endsEpoch: false }));
    }
    return effects;
  }

  function timeOut(id: number): Move | null {
    const { core, said } = states[id]!;
    const slot = core.view().frontier;
    if (slot >= universe.slots) return null;
    const next = core.fork();
    const effects = feed(next, { type: 'timeout', slot });
    if (!effects.some(isCast)) return null;
    return { to: after(said, next, effects), name: `gives up slot ${slot}` };
  }

  function restart(id: number): Move | null {
    const { core, said } = states[id]!;
    const { final, cast, certificates } = core.view();
    const next = start({
      cast: cast.filter(({ kind }) => kind !== mutation.forgets),
      ...(final.slot < 0 ? {} : { final }),
    });
    const kept = mutation.forgetsCertificates === true ? [] : certificates;
    const effects = kept.flatMap((statement) =>
      feed(next, { type: 'certificate', statement, kept: true }),
    );
    for (const { slot, block, parent } of universe.candidates) {
      const voted = cast.some((s) => s.kind === 'notar' && s.slot === slot && s.block === block);
      if (!voted) continue;
      effects.push(...feed(next, { type: 'candidate', slot, block, parent, endsEpoch: false }));
    }
    const to = after(said, next, effects);
    return to === id ? null : { to, name: 'starts again' };
  }

  return {
    first: idOf(start({}), []),
    statements,
    state: (id) => states[id]!,
    count: () => states.length,
    free(id) {
      const known = moves[id];
      if (known !== undefined) return known;
      const found = universe.candidates.map(({ slot, block }, i) =>
        showCandidate(id, slot, block, i),
      );
      found.push(timeOut(id));
      if (restarts) found.push(restart(id));
      const reached = found.filter((move) => move !== null && move.to !== id) as Move[];
      moves[id] = reached;
      return reached;
    },
    learn(id, statement, honest) {
      const key = (id * 64 + statement) * 4 + honest;
      const known = learned.get(key);
      if (known !== undefined) return known;
      const { core, said } = states[id]!;
      const next = core.fork();
      const voters = [...HONEST.slice(0, honest), BYZANTINE];
      for (let i = 0; i < (mutation.phantoms ?? 0); i += 1) voters.push(HONEST[honest + i] ?? 0);
      const event = statements[statement]!;
      const effects = voters.flatMap((from) =>
        feed(next, { type: 'vote', from, statement: event }),
      );
      const stands = effects.some(({ type }) => type === 'keep');
      if (reduced && stands) effects.push(...showCertified(next));
      const to = stands ? after(said, next, effects) : -1;
      learned.set(key, to);
      return to;
    },
  };
}

function isCast({ type }: CoreEffect): boolean {
  return type === 'cast';
}

export function textOf(statement: Statement): string {
  const block = statement.kind === 'skip' ? '' : ` ${statement.block}`;
  return `${statement.kind} ${statement.slot}${block}`;
}
