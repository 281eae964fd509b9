// What a validator knows, as plain data. Nothing at or below the final slot is kept, nor anything beyond the window above the frontier.

import type { BlockId, CoreOptions, Ref } from './types.ts';

/** One slot: candidates, votes, certificates, and what this validator said itself. */
export interface SlotState {
  /** Parent by block: the first that came, and any that a certificate asks for. */
  readonly candidates: Map<BlockId, Ref>;
  readonly notarVotes: Map<number, BlockId>;
  readonly skipVotes: Set<number>;
  readonly finalVotes: Map<number, BlockId>;
  /** Certificates. */
  notar: BlockId | null;
  skip: boolean;
  final: BlockId | null;
  /** Votes cast here. */
  castNotar: BlockId | null;
  castSkip: boolean;
  castFinal: BlockId | null;
  /** Candidates that were asked for. */
  readonly fetching: Set<BlockId>;
}

/** A block whose body is here, whatever the slots in which it stands. */
export interface BlockState {
  readonly previous: Ref;
  readonly endsEpoch: boolean;
  verdict: 'unasked' | 'asked' | 'valid' | 'wrong';
  timely: boolean;
}

export interface Ask {
  readonly slot: number;
  readonly parent: Ref;
  readonly repeat: boolean;
  /** Answered with nothing. */
  declined: boolean;
  /** Work came in since it was asked. */
  stale: boolean;
}

export interface CoreState {
  readonly options: CoreOptions;
  readonly quorum: number;
  readonly uncommitted_max: number;
  readonly slots: Map<number, SlotState>;
  readonly blocks: Map<BlockId, BlockState>;
  readonly proposed: Set<number>;
  /** Finalized here: it and all before it are executed. */
  final: Ref;
  /** The final block ends the epoch: nothing more is proposed, and the next epoch begins when it is committed. */
  ended: boolean;
  /** The newest Final certificate. */
  certified: Ref;
  frontier: number;
  /** The greatest slot of which anything is known. */
  newest: number;
  work: boolean;
  ask: Ask | null;
  /** The slot whose skip timer runs. */
  timeout: number | null;
  standstill: boolean;
  /** How often everything was said again since the last finalization. */
  standstills: number;
  /** Something was finalized in this step: the standstill timer begins anew. */
  progress: boolean;
  /** The certificate for which `behind` was said. */
  behind: number;
  halted: boolean;
}

export const UNCOMMITTED_MAX = 16;

export function createState(options: CoreOptions): CoreState {
  const final = options.final ?? { slot: -1, block: options.root };
  const state: CoreState = {
    options,
    quorum: Math.floor((2 * options.validators) / 3) + 1,
    uncommitted_max: options.uncommitted_max ?? UNCOMMITTED_MAX,
    slots: new Map(),
    blocks: new Map(),
    proposed: new Set(options.proposed?.filter((slot) => slot > final.slot)),
    final,
    ended: false,
    certified: final,
    frontier: final.slot + 1,
    newest: final.slot,
    work: false,
    ask: null,
    timeout: null,
    standstill: false,
    standstills: 0,
    progress: false,
    behind: final.slot,
    halted: false,
  };
  for (const statement of options.cast) {
    if (statement.slot <= final.slot) continue;
    const slot = ensureSlot(state, statement.slot);
    if (statement.kind === 'notar') slot.castNotar = statement.block;
    else if (statement.kind === 'skip') slot.castSkip = true;
    else slot.castFinal = statement.block;
  }
  return state;
}

export function ensureSlot(state: CoreState, number: number): SlotState {
  const known = state.slots.get(number);
  if (known !== undefined) return known;
  const slot: SlotState = {
    candidates: new Map(),
    notarVotes: new Map(),
    skipVotes: new Set(),
    finalVotes: new Map(),
    notar: null,
    skip: false,
    final: null,
    castNotar: null,
    castSkip: false,
    castFinal: null,
    fetching: new Set(),
  };
  state.slots.set(number, slot);
  state.newest = Math.max(state.newest, number);
  return slot;
}

/** Ascending, so that effects come in the same order whatever the order of the events. */
export function slotNumbers(state: CoreState): number[] {
  return [...state.slots.keys()].sort((a, b) => a - b);
}

/** The block that a certificate vouches for in this slot. A Final certificate is also a proof of notarization. */
export function notarizedIn(state: CoreState, slot: number): BlockId | null {
  if (slot === state.final.slot) return state.final.block;
  const known = state.slots.get(slot);
  return known?.notar ?? known?.final ?? null;
}

export function isExecuted(state: CoreState, block: BlockId): boolean {
  return block === state.final.block || state.blocks.get(block)?.verdict === 'valid';
}

/** How many blocks stand from the final one (without it) up to this executed one. */
export function depthOf(state: CoreState, block: BlockId): number {
  let depth = 0;
  for (let at = block; at !== state.final.block; depth += 1) {
    const known = state.blocks.get(at);
    if (known?.verdict !== 'valid') return Number.POSITIVE_INFINITY;
    at = known.previous.block;
  }
  return depth;
}

export function leaderOf(state: CoreState, slot: number): number {
  return slot % state.options.validators;
}

export function sameRef(a: Ref, b: Ref): boolean {
  return a.slot === b.slot && a.block === b.block;
}

export function copyState(state: CoreState): CoreState {
  return {
    ...state,
    slots: new Map(
      [...state.slots].map(([number, slot]) => [
        number,
        {
          ...slot,
          candidates: new Map(slot.candidates),
          notarVotes: new Map(slot.notarVotes),
          skipVotes: new Set(slot.skipVotes),
          finalVotes: new Map(slot.finalVotes),
          fetching: new Set(slot.fetching),
        },
      ]),
    ),
    blocks: new Map([...state.blocks].map(([id, block]) => [id, { ...block }])),
    proposed: new Set(state.proposed),
    ask: state.ask === null ? null : { ...state.ask },
  };
}
