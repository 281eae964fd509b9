// Every run of four validators, one of them Byzantine, over a few slots. Messages may come in any order, any time later or never, so
// loss needs no bound; the Byzantine one votes for everything that helps. Three honest ones that lead nothing are alike, so a state is an
// unordered triple of states of one automaton.

import type { Core, CoreOptions, Statement } from '../../../server/src/consensus/core/types.ts';
import { createStateSet } from './state-set.ts';
import { createUniverse } from './universe.ts';
import { createValidator, type Mutation, textOf } from './validator.ts';
import { violationOf } from './violations.ts';

export interface ExploreOptions {
  readonly slots: number;
  /** Blocks proposed in the first slot. */
  readonly equivocations: 1 | 2;
  /** Whether blocks may be proposed again. */
  readonly repeats: boolean;
  /** Whether the honest ones may restart at any time. */
  readonly restarts: boolean;
  /**
   * What can only open ways to a validator happens at once: it learns of a Skip certificate, of a Notar certificate for a slot that it
   * gave up or left behind, and of the candidates that its certificates vouch for.
   */
  readonly reduced: boolean;
  /** Stop after so many states. */
  readonly states_max: number;
  readonly mutation?: Mutation;
  readonly createCore?: (options: CoreOptions) => Core;
}

export interface Exploration {
  /** States of all three honest validators. */
  readonly states: number;
  /** States of one of them. */
  readonly validatorStates: number;
  readonly steps: number;
  /** Every reachable state was visited. */
  readonly complete: boolean;
  /** What the first violation is and how to get there; none found: empty. */
  readonly violations: readonly string[];
}

export function explore(options: ExploreOptions): Exploration {
  const universe = createUniverse(options.slots, options.equivocations, options.repeats);
  const mutation = options.mutation ?? { name: 'none' };
  const validator = createValidator(universe, mutation, options, options.createCore);
  const set = createStateSet(options.states_max);
  let steps = 0;

  const sorted = (a: number, b: number, c: number): [number, number, number] => {
    const [x, y] = a < b ? [a, b] : [b, a];
    return c < x ? [c, x, y] : c < y ? [x, c, y] : [x, y, c];
  };

  function settled(a: number, b: number, c: number): [number, number, number] {
    const triple: [number, number, number] = [a, b, c];
    for (let moved = options.reduced; moved; ) {
      moved = false;
      const votes = countVotes(triple.map((id) => validator.state(id).said));
      for (const [statement, count] of votes) {
        if (count < 2) continue;
        for (let i = 0; i < 3; i += 1) {
          const id: number = triple[i]!;
          const to = opensOnly(id, validator.statements[statement]!)
            ? validator.learn(id, statement, count)
            : -1;
          if (to < 0) continue;
          triple[i] = to;
          moved = true;
        }
      }
    }
    return sorted(...triple);
  }

  function opensOnly(id: number, { kind, slot }: Statement): boolean {
    if (kind !== 'notar') return kind === 'skip';
    const { said, frontier } = validator.state(id);
    if (frontier > slot) return true;
    return said.some((n) => {
      const statement = validator.statements[n]!;
      return statement.kind === 'skip' && statement.slot === slot;
    });
  }

  set.add(validator.first, validator.first, validator.first, -1);
  for (let at = 0; at < set.size(); at += 1) {
    const triple = set.get(at);
    const votes = countVotes(triple.map((id) => validator.state(id).said));
    const broken = violationOf(universe, votes, validator.statements);
    if (broken !== null) return result([broken, ...pathTo(at)], false);
    if (set.isFull()) return result([], false);
    for (let i = 0; i < 3; i += 1) {
      // Equal ones do the same.
      if (i > 0 && triple[i] === triple[i - 1]) continue;
      const [other, another] = [triple[(i + 1) % 3]!, triple[(i + 2) % 3]!];
      const go = (to: number) => {
        steps += 1;
        set.add(...settled(to, other, another), at);
      };
      for (const move of validator.free(triple[i]!)) go(move.to);
      for (const [statement, count] of votes) {
        const to = validator.learn(triple[i]!, statement, count);
        if (to < 0) continue;
        if (count < 2) {
          const what = textOf(validator.statements[statement]!);
          return result([`a certificate of too few: ${what}`, ...pathTo(at)], false);
        }
        go(to);
      }
    }
  }
  return result([], true);

  function result(violations: readonly string[], complete: boolean): Exploration {
    return {
      states: set.size(),
      validatorStates: validator.count(),
      steps,
      complete,
      violations,
    };
  }

  function pathTo(index: number): string[] {
    const path: string[] = [];
    for (let at = index; at >= 0; at = set.parent(at)) {
      const said = set.get(at).map((id) => {
        const { said } = validator.state(id);
        return `{${said.map((n) => textOf(validator.statements[n]!)).join(', ')}}`;
      });
      path.push(said.join(' '));
    }
    return path.reverse();
  }
}

function countVotes(said: readonly (readonly number[])[]): Map<number, number> {
  const votes = new Map<number, number>();
  for (const one of said) for (const n of one) votes.set(n, (votes.get(n) ?? 0) + 1);
  return votes;
}
