// Rules 6 and 8: which timers run. An idle chain has none: time only matters while something waits to become final.

import { baseOf } from './leading.ts';
import type { CoreState } from './state.ts';
import type { CoreEffect } from './types.ts';

/** Work waits here, or somebody said something about a slot that is not cleared, or the newest notarized block is not final. */
export function isActive(state: CoreState): boolean {
  if (state.options.self === null || state.halted) return false;
  if (state.work || state.newest >= state.frontier) return true;
  const { block } = baseOf(state);
  return block !== state.certified.block && block !== state.final.block;
}

export function setTimers(state: CoreState, out: CoreEffect[]): void {
  const active = isActive(state);
  const slot = state.frontier;
  const timeout = active && state.slots.get(slot)?.castSkip !== true ? slot : null;
  if (timeout !== state.timeout) {
    const delay_ms = timeout === null ? null : skipDelay_ms(state);
    out.push({ type: 'timer', name: 'timeout', slot, delay_ms });
    state.timeout = timeout;
  }
  const renew = active && state.progress;
  if (state.progress || !active) state.standstills = 0;
  state.progress = false;
  if (active === state.standstill && !renew) return;
  state.standstill = active;
  const delay_ms = active ? standstillDelay_ms(state) : null;
  out.push({ type: 'timer', name: 'standstill', slot, delay_ms });
}

/** Rule 8: nothing was finalized for so long that messages must have been lost. */
export function standStill(state: CoreState, out: CoreEffect[]): void {
  if (!state.standstill) return;
  out.push({ type: 'rebroadcast' });
  state.standstills += 1;
  state.standstill = false;
}

/** T₀·αᵏ, k slots after the last finalised one. */
function skipDelay_ms(state: CoreState): number {
  const { skip_ms, growth_ppt, skipMax_ms } = state.options;
  const slots = state.frontier - state.certified.slot - 1;
  return grown_ms(skip_ms, growth_ppt, slots, skipMax_ms);
}

function standstillDelay_ms(state: CoreState): number {
  const { standstill_ms, standstillMax_ms } = state.options;
  return grown_ms(standstill_ms, 2000, state.standstills, standstillMax_ms);
}

function grown_ms(from_ms: number, growth_ppt: number, times: number, max_ms: number): number {
  let delay_ms = from_ms;
  for (let i = 0; i < times && delay_ms < max_ms; i += 1) {
    const next_ms = Math.floor((delay_ms * growth_ppt) / 1000);
    if (next_ms <= delay_ms) break;
    delay_ms = next_ms;
  }
  return Math.min(delay_ms, max_ms);
}
