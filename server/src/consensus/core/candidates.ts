// Rule 2: which candidates are kept, how the state of a chain is resolved parents first, and when it is committed.

import {
  type CoreState,
  depthOf,
  ensureSlot,
  isExecuted,
  notarizedIn,
  slotNumbers,
} from './state.ts';
import type { BlockId, CoreEffect, Ref } from './types.ts';

/**
 * The first candidate of a slot; of an equivocating leader another one only if a certificate, or an own vote of before a
 * restart, asks for it. That it is a repeat is but its
 * leader's word: while its block is not here, the same candidate is welcome again, with its body.
 */
export function needsCandidate(state: CoreState, number: number, block: BlockId): boolean {
  if (!Number.isSafeInteger(number) || number <= state.final.slot) return false;
  const slot = state.slots.get(number);
  if (slot?.candidates.has(block)) return !isHere(state, block);
  const isNamed = slot?.notar === block || slot?.final === block || slot?.castNotar === block;
  if (isNamed || slot?.fetching.has(block)) return true;
  if (number <= state.certified.slot) return false;
  if (number > state.frontier + state.options.slotsAhead_max) return false;
  return slot === undefined || slot.candidates.size === 0;
}

function isHere(state: CoreState, block: BlockId): boolean {
  return block === state.final.block || state.blocks.has(block);
}

export function takeCandidate(
  state: CoreState,
  number: number,
  block: BlockId,
  parent: Ref,
  endsEpoch: boolean,
): void {
  if (!needsCandidate(state, number, block)) return;
  if (parent.slot >= number || parent.slot < -1) return;
  // The root is final by itself: nobody votes on it again.
  if (block === state.options.root) return;
  if (parent.slot === -1 && parent.block !== state.options.root) return;
  const slot = ensureSlot(state, number);
  const isRepeat = block === parent.block;
  if (isRepeat && slot.candidates.has(block)) return;
  slot.candidates.set(block, parent);
  if (isRepeat || isHere(state, block)) return;
  state.blocks.set(block, { previous: parent, endsEpoch, verdict: 'unasked', timely: false });
}

/** Notar certificates stand for the chains below them too (lemma 2.5), so whatever is missing there is asked for. */
export function resolveCertified(state: CoreState, out: CoreEffect[]): void {
  for (const number of slotNumbers(state)) {
    const block = notarizedIn(state, number);
    if (block === null || state.halted) continue;
    // Rule 5 wants one's own Notar vote, and that the candidate, even where the block itself is known.
    const votable = number > state.certified.slot && state.options.self !== null;
    if (votable && !state.slots.get(number)?.candidates.has(block)) {
      fetchOnce(state, { slot: number, block }, out);
    }
    resolve(state, { slot: number, block }, out);
  }
}

/** Walks down from a certified candidate to the first block that can be executed, or is missing. */
function resolve(state: CoreState, certified: Ref, out: CoreEffect[]): void {
  let at: Ref | undefined = certified;
  for (let hops = 0; at !== undefined && !isExecuted(state, at.block); hops += 1) {
    if (hops > state.options.slotsAhead_max) {
      sayBehind(state, out);
      return;
    }
    at = resolveOne(state, at, out);
  }
}

/** What must be resolved before this candidate; undefined when something was asked for, or never will be. */
function resolveOne(state: CoreState, at: Ref, out: CoreEffect[]): Ref | undefined {
  const block = state.blocks.get(at.block);
  if (block === undefined) {
    // What the certificate names, and where its leader says that it stood before: either may have the body.
    fetchOnce(state, at, out);
    return state.slots.get(at.slot)?.candidates.get(at.block);
  }
  if (block.verdict === 'wrong') {
    state.halted = true;
    out.push({ type: 'diverged', slot: at.slot, block: at.block });
    return undefined;
  }
  if (!isExecuted(state, block.previous.block)) return block.previous;
  askValidity(state, at.slot, at.block, out);
  return undefined;
}

function fetchOnce(state: CoreState, { slot: number, block }: Ref, out: CoreEffect[]): void {
  // Votes do not name the parent's slot, so a leader may lie about it: what stands below the final slot is never asked for.
  if (number <= state.final.slot) return;
  const slot = ensureSlot(state, number);
  if (slot.fetching.has(block)) return;
  slot.fetching.add(block);
  out.push({ type: 'fetch', slot: number, block });
}

/** Once a block; its parent is executed. */
export function askValidity(state: CoreState, slot: number, id: BlockId, out: CoreEffect[]): void {
  const block = state.blocks.get(id);
  if (block?.verdict !== 'unasked') return;
  block.verdict = 'asked';
  out.push({ type: 'validate', slot, block: id, parent: block.previous });
}

export function takeVerdict(state: CoreState, id: BlockId, valid: boolean, timely: boolean): void {
  const block = state.blocks.get(id);
  if (block === undefined || block.verdict === 'wrong') return;
  if (block.verdict !== 'valid') block.verdict = valid ? 'valid' : 'wrong';
  block.timely ||= timely;
}

/** A Final certificate commits its block and all before it, once all of them are executed here. */
export function finalizeExecuted(state: CoreState, out: CoreEffect[]): void {
  for (const number of slotNumbers(state)) {
    const block = state.slots.get(number)?.final ?? null;
    if (block === null || !isExecuted(state, block)) continue;
    if (depthOf(state, block) > state.uncommitted_max) {
      sayBehind(state, out);
      continue;
    }
    settle(state, { slot: number, block });
    out.push({ type: 'finalize', final: state.final });
  }
}

function sayBehind(state: CoreState, out: CoreEffect[]): void {
  if (state.behind >= state.certified.slot) return;
  state.behind = state.certified.slot;
  out.push({ type: 'behind', final: state.certified });
}

/** Begins anew above a final candidate: all that is at or below it is forgotten, and all blocks that do not stand upon it. */
export function settle(state: CoreState, final: Ref): void {
  if (final.slot <= state.final.slot) return;
  // Kept: the block itself is forgotten below, and its commit may take a while.
  if (state.final.block !== final.block) {
    state.ended = state.blocks.get(final.block)?.endsEpoch === true;
  }
  state.final = final;
  state.behind = final.slot;
  if (state.certified.slot < final.slot) {
    state.certified = final;
    state.progress = true;
  }
  const named = new Set<BlockId>();
  for (const [number, slot] of state.slots) {
    if (number <= final.slot) state.slots.delete(number);
    else for (const block of slot.candidates.keys()) named.add(block);
  }
  for (const [id, block] of state.blocks) {
    const stray = block.verdict === 'valid' && depthOf(state, id) === Number.POSITIVE_INFINITY;
    if (!named.has(id) || stray) state.blocks.delete(id);
  }
  for (const slot of state.proposed) if (slot <= final.slot) state.proposed.delete(slot);
  state.newest = Math.max(state.newest, final.slot);
}
