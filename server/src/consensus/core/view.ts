// The state as others may see it.

import { baseOf } from './leading.ts';
import { type CoreState, leaderOf, notarizedIn, type SlotState, slotNumbers } from './state.ts';
import { isActive } from './timers.ts';
import type { CoreView, Ref, Statement } from './types.ts';

export function viewOf(state: CoreState): CoreView {
  const numbers = slotNumbers(state);
  const slots = numbers.map((slot) => [slot, state.slots.get(slot)!] as const);
  return {
    frontier: state.frontier,
    leader: leaderOf(state, state.frontier),
    final: state.final,
    certified: state.certified,
    base: baseOf(state),
    notarized: numbers.flatMap((slot): Ref[] => {
      const block = notarizedIn(state, slot);
      return block === null ? [] : [{ slot, block }];
    }),
    certificates: slots.flatMap(([number, slot]) =>
      statements(number, slot.notar, slot.skip, slot.final),
    ),
    cast: slots.flatMap(([number, { castNotar, castSkip, castFinal }]) =>
      statements(number, castNotar, castSkip, castFinal),
    ),
    active: isActive(state),
    slots: state.slots.size,
    blocks: state.blocks.size,
  };
}

function statements(
  slot: number,
  notar: string | null,
  skip: boolean,
  final: string | null,
): Statement[] {
  const found: Statement[] = [];
  if (notar !== null) found.push({ kind: 'notar', slot, block: notar });
  if (skip) found.push({ kind: 'skip', slot });
  if (final !== null) found.push({ kind: 'final', slot, block: final });
  return found;
}

/** Maps are written in the order of their keys, but candidates in theirs: the first one is the one that is voted for. */
export function fingerprintOf(state: CoreState): string {
  const { options, slots, blocks, proposed, ...rest } = state;
  return JSON.stringify([
    rest,
    slotNumbers(state).map((number) => [number, slotText(slots.get(number)!)]),
    [...blocks].sort(byKey),
    [...proposed].sort((a, b) => a - b),
  ]);
}

function slotText(slot: SlotState): unknown {
  const { candidates, notarVotes, skipVotes, finalVotes, fetching, ...rest } = slot;
  return [
    rest,
    [...candidates],
    [...notarVotes].sort(byKey),
    [...skipVotes].sort((a, b) => a - b),
    [...finalVotes].sort(byKey),
    [...fetching].sort(),
  ];
}

function byKey(a: readonly [string | number, unknown], b: readonly [string | number, unknown]) {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
