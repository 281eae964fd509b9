// Rules 4, 5 and 6: what this validator says about a slot. A vote is marked as cast before it leaves, so that no later step contradicts it.

import { askValidity } from './candidates.ts';
import {
  type CoreState,
  depthOf,
  ensureSlot,
  isExecuted,
  notarizedIn,
  type SlotState,
  slotNumbers,
} from './state.ts';
import type { BlockId, CoreEffect, Ref } from './types.ts';

export function vote(state: CoreState, out: CoreEffect[]): void {
  if (state.options.self === null || state.halted) return;
  for (const number of slotNumbers(state)) {
    const slot = state.slots.get(number);
    // What a Final certificate has settled needs no more votes.
    if (slot === undefined || number <= state.certified.slot) continue;
    notarize(state, number, slot, out);
    finalize(number, slot, out);
  }
}

/** Rule 4: one Notar vote a slot, upon a notarized parent with Skip certificates for all slots between, for a valid candidate. */
function notarize(state: CoreState, number: number, slot: SlotState, out: CoreEffect[]): void {
  if (slot.castNotar !== null) return;
  // Of an equivocating leader's candidates the one that has a certificate, else the first.
  const [first] = slot.candidates.keys();
  const block = slot.notar !== null && slot.candidates.has(slot.notar) ? slot.notar : first;
  const parent = block === undefined ? undefined : slot.candidates.get(block);
  if (block === undefined || parent === undefined) return;
  if (notarizedIn(state, parent.slot) !== parent.block) return;
  if (!skippedBetween(state, parent.slot, number)) return;
  if (!isAcceptable(state, number, block, parent, out)) return;
  slot.castNotar = block;
  out.push({ type: 'cast', statement: { kind: 'notar', slot: number, block } });
}

function skippedBetween(state: CoreState, after: number, before: number): boolean {
  for (let slot = after + 1; slot < before; slot += 1) {
    if (state.slots.get(slot)?.skip !== true) return false;
  }
  return true;
}

/** Of a repeat nothing is left to check but that the block is executed. */
function isAcceptable(
  state: CoreState,
  slot: number,
  id: BlockId,
  parent: Ref,
  out: CoreEffect[],
): boolean {
  if (!isExecuted(state, parent.block)) return false;
  if (id === parent.block) return true;
  if (endsEpoch(state, parent.block)) return false;
  if (depthOf(state, parent.block) >= state.uncommitted_max) return false;
  const block = state.blocks.get(id);
  // The body may have come with another candidate, whose leader named another parent.
  if (block === undefined || block.previous.block !== parent.block) return false;
  askValidity(state, slot, id, out);
  return block.verdict === 'valid' && (block.timely || state.slots.get(slot)?.notar === id);
}

export function endsEpoch(state: CoreState, block: BlockId): boolean {
  if (block === state.final.block) return state.ended;
  return state.blocks.get(block)?.endsEpoch === true;
}

/** Rule 5: after one's own Notar vote and the Notar certificate, unless the slot was given up. */
function finalize(number: number, slot: SlotState, out: CoreEffect[]): void {
  const block = slot.castNotar;
  if (block === null || slot.notar !== block) return;
  if (slot.castSkip || slot.castFinal !== null) return;
  slot.castFinal = block;
  out.push({ type: 'cast', statement: { kind: 'final', slot: number, block } });
}

/** Rule 6: the frontier took too long; it is given up unless a Final vote was cast. */
export function timeOut(state: CoreState, number: number, out: CoreEffect[]): void {
  if (state.timeout !== number) return;
  state.timeout = null;
  if (number !== state.frontier) return;
  const slot = ensureSlot(state, number);
  if (slot.castSkip || slot.castFinal !== null) return;
  slot.castSkip = true;
  out.push({ type: 'cast', statement: { kind: 'skip', slot: number } });
}
