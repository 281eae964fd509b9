// Rule 3: the leader of the frontier puts a candidate upon the greatest notarized one below it. All slots between are cleared without
// a Notar certificate, so they have Skip certificates.

import {
  type CoreState,
  depthOf,
  ensureSlot,
  isExecuted,
  leaderOf,
  notarizedIn,
  sameRef,
} from './state.ts';
import type { BlockId, CoreEffect, Ref } from './types.ts';
import { endsEpoch } from './voting.ts';

export function baseOf(state: CoreState): Ref {
  for (let slot = state.frontier - 1; slot > state.final.slot; slot -= 1) {
    const block = notarizedIn(state, slot);
    if (block !== null) return { slot, block };
  }
  return state.final;
}

export function lead(state: CoreState, out: CoreEffect[]): void {
  const slot = state.frontier;
  if (state.halted || !leads(state, slot)) return;
  const parent = baseOf(state);
  if (!isExecuted(state, parent.block)) return;
  const asked = state.ask?.slot === slot && sameRef(state.ask.parent, parent) ? state.ask : null;
  const fresh = state.work && asked?.declined !== true && mayStandOn(state, parent);
  const repeat = !fresh;
  if (repeat && !wantsRepeat(state, slot, parent)) return;
  if (asked !== null && (!asked.declined || asked.repeat === repeat)) return;
  state.ask = { slot, parent, repeat, declined: false, stale: false };
  out.push({ type: 'build', slot, parent, repeat });
}

function leads(state: CoreState, number: number): boolean {
  const slot = state.slots.get(number);
  if (leaderOf(state, number) !== state.options.self || state.proposed.has(number)) return false;
  return slot === undefined || (slot.candidates.size === 0 && slot.castNotar === null);
}

/** Whether a new block may stand there: not upon the last one of the epoch, nor too far above the final one. */
function mayStandOn(state: CoreState, parent: Ref): boolean {
  return !endsEpoch(state, parent.block) && depthOf(state, parent.block) < state.uncommitted_max;
}

/**
 * Nothing new may or can be proposed, but the base still waits to be final. While its own Final votes may be on their way nobody
 * repeats it; once slots went by, or somebody gave up waiting, they did not suffice.
 */
function wantsRepeat(state: CoreState, slot: number, parent: Ref): boolean {
  if (isFinal(state, parent.block)) return false;
  const [here, below] = [state.slots.get(slot), state.slots.get(parent.slot)];
  const gaveUp = below?.skip === true || (below?.skipVotes.size ?? 0) > votesToSpare(state);
  return gaveUp || (here?.skipVotes.size ?? 0) > 0 || slot - state.certified.slot > 2;
}

/** So many may be missing from a quorum. */
function votesToSpare(state: CoreState): number {
  return state.options.validators - state.quorum;
}

function isFinal(state: CoreState, block: BlockId): boolean {
  return block === state.final.block || block === state.certified.block;
}

/** The answer to `build`. Too late, or upon what is no longer the base: dropped. */
export function takeBuilt(
  state: CoreState,
  answer: { slot: number; parent: Ref; block: BlockId | null; endsEpoch: boolean },
  out: CoreEffect[],
): void {
  const { slot: number, parent, block } = answer;
  const { ask } = state;
  if (ask === null || ask.slot !== number || !sameRef(ask.parent, parent)) return;
  if (block === null) {
    if (ask.stale) state.ask = null;
    else ask.declined = true;
    return;
  }
  state.ask = null;
  if (number !== state.frontier || !leads(state, number) || !isExecuted(state, parent.block))
    return;
  if (!sameRef(baseOf(state), parent)) return;
  const repeat = block === parent.block;
  if (repeat ? isFinal(state, block) : !mayStandOn(state, parent)) return;
  state.proposed.add(number);
  ensureSlot(state, number).candidates.set(block, parent);
  if (!repeat) {
    state.blocks.set(block, {
      previous: parent,
      endsEpoch: answer.endsEpoch,
      verdict: 'valid',
      timely: true,
    });
  }
  out.push({ type: 'propose', slot: number, block, parent });
}

export function takeWork(state: CoreState, waiting: boolean): void {
  state.work = waiting;
  if (!waiting || state.ask === null) return;
  if (state.ask.declined) state.ask = null;
  else state.ask.stale = true;
}
