// What may never be, by the lemmas on which the protocol's safety rests.

import type { Statement } from '../../../server/src/consensus/core/types.ts';
import { areOnOneChain, ROOT, type Universe } from './universe.ts';
import { textOf } from './validator.ts';

/** With the Byzantine vote two honest ones make a quorum: the statement is reached. `votes`: honest ones by number of statement. */
export function violationOf(
  universe: Universe,
  votes: ReadonlyMap<number, number>,
  statements: readonly Statement[],
): string | null {
  const reached: Statement[] = [];
  for (const [number, count] of votes) if (count >= 2) reached.push(statements[number]!);
  for (const a of reached) {
    for (const b of reached) {
      if (a !== b && contradict(universe, a, b)) return `${textOf(a)} and ${textOf(b)}`;
    }
    if (a.kind !== 'skip' && !isFounded(universe, a, reached)) return `${textOf(a)} upon nothing`;
  }
  return null;
}

function contradict(universe: Universe, a: Statement, b: Statement): boolean {
  if (a.kind === 'skip') return false;
  // Lemma 2.1: no slot is both final and skipped.
  if (b.kind === 'skip') return a.kind === 'final' && a.slot === b.slot;
  if (a.kind !== b.kind) return false;
  // Lemma 2.2: one notarized candidate a slot. Theorem 2.6: final blocks are on one chain.
  return a.kind === 'notar' ? a.slot === b.slot : !areOnOneChain(universe, a.block, b.block);
}

/** Lemma 2.3, a final candidate is notarized, and 2.5, so is what a notarized one stands upon. */
function isFounded(
  { previous }: Universe,
  statement: Exclude<Statement, { kind: 'skip' }>,
  reached: readonly Statement[],
): boolean {
  const { kind, slot, block } = statement;
  const notarized = reached.filter((s) => s.kind === 'notar');
  if (kind === 'final') return notarized.some((s) => s.slot === slot && s.block === block);
  const before = previous.get(block);
  if (before === ROOT) return true;
  return notarized.some((s) => s.slot < slot && (s.block === before || s.block === block));
}
