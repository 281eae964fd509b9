// Rule 1, which slots are cleared, and rule 7, how votes become certificates.

import { type CoreState, ensureSlot } from './state.ts';
import type { CoreEffect, Statement } from './types.ts';

/** Whether a vote (`from`), or a certificate (null), would change anything. */
export function needsStatement(
  state: CoreState,
  statement: Statement,
  from: number | null,
): boolean {
  const { slot: number, kind } = statement;
  if (!Number.isSafeInteger(number) || number <= state.final.slot) return false;
  // Below a Final certificate only Notar certificates still tell anything: which candidates lead to it.
  if (number <= state.certified.slot && !(from === null && kind === 'notar')) return false;
  // A quorum vouches for a Final certificate however far ahead it stands, and there is only one newest.
  const far = number > state.frontier + state.options.slotsAhead_max;
  if (far && !(from === null && kind === 'final')) return false;
  if (from !== null && !(from >= 0 && from < state.options.validators)) return false;
  const slot = state.slots.get(number);
  if (slot === undefined) return true;
  if (kind === 'notar') return slot.notar === null && !(from !== null && slot.notarVotes.has(from));
  if (kind === 'skip') return !slot.skip && !(from !== null && slot.skipVotes.has(from));
  return slot.final === null && !(from !== null && slot.finalVotes.has(from));
}

/** Rule 7. The first vote of a validator for a slot counts, another one does not; at a quorum the certificate stands. */
export function countVote(
  state: CoreState,
  from: number,
  statement: Statement,
  out: CoreEffect[],
): void {
  if (!needsStatement(state, statement, from)) return;
  const slot = ensureSlot(state, statement.slot);
  let count = 0;
  if (statement.kind === 'skip') {
    slot.skipVotes.add(from);
    count = slot.skipVotes.size;
  } else {
    const votes = statement.kind === 'notar' ? slot.notarVotes : slot.finalVotes;
    votes.set(from, statement.block);
    for (const block of votes.values()) if (block === statement.block) count += 1;
  }
  if (count < state.quorum) return;
  out.push({ type: 'keep', statement }, { type: 'announce', statement });
  observe(state, statement);
}

/** A certificate that another formed, or that was kept before a restart. */
export function takeCertificate(
  state: CoreState,
  statement: Statement,
  kept: boolean,
  out: CoreEffect[],
): void {
  if (!needsStatement(state, statement, null)) return;
  if (!kept) out.push({ type: 'keep', statement });
  observe(state, statement);
}

function observe(state: CoreState, statement: Statement): void {
  const slot = ensureSlot(state, statement.slot);
  // The votes have done their work: needsStatement wants no more of them.
  if (statement.kind === 'notar') {
    slot.notar = statement.block;
    slot.notarVotes.clear();
  } else if (statement.kind === 'skip') {
    slot.skip = true;
    slot.skipVotes.clear();
  } else {
    slot.finalVotes.clear();
    slot.final = statement.block;
    state.certified = { slot: statement.slot, block: statement.block };
    state.progress = true;
  }
}

/** Rule 1: a slot is cleared by its Notar or Skip certificate, or by a Final certificate at or above it. */
export function moveFrontier(state: CoreState): void {
  state.frontier = Math.max(state.frontier, state.certified.slot + 1);
  for (;;) {
    const slot = state.slots.get(state.frontier);
    if (slot === undefined || (slot.notar === null && !slot.skip)) return;
    state.frontier += 1;
  }
}
