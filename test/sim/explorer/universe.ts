// All that one Byzantine validator and its friends among the leaders can propose in a few slots. Every leader counts as Byzantine here:
// what an honest one would propose is among it.

import type { BlockId, Ref } from '../../../server/src/consensus/core/types.ts';

export const ROOT: BlockId = 'root';

export interface Candidate {
  readonly slot: number;
  readonly block: BlockId;
  readonly parent: Ref;
}

export interface Universe {
  readonly slots: number;
  readonly candidates: readonly Candidate[];
  /** The block before, by block. */
  readonly previous: ReadonlyMap<BlockId, BlockId>;
}

/** `equivocations` blocks of the first slot, then one upon each parent, and each parent again. */
export function createUniverse(slots: number, equivocations: number, repeats: boolean): Universe {
  const previous = new Map<BlockId, BlockId>();
  const candidates: Candidate[] = [];
  const refs: Ref[] = [{ slot: -1, block: ROOT }];
  for (let slot = 0; slot < slots; slot += 1) {
    const made: Ref[] = [];
    const add = (block: BlockId, parent: Ref) => {
      candidates.push({ slot, block, parent });
      if (!made.some((ref) => ref.block === block)) made.push({ slot, block });
    };
    for (const parent of refs) {
      for (let i = 0; i < (slot === 0 ? equivocations : 1); i += 1) {
        const block = slot === 0 ? 'AB'.charAt(i) : `${slot}${parent.block}`;
        previous.set(block, parent.block);
        add(block, parent);
      }
      if (repeats && parent.slot >= 0) add(parent.block, parent);
    }
    refs.push(...made);
  }
  return { slots, candidates, previous };
}

/** Whether one of the two stands upon the other, or they are the same. */
export function areOnOneChain({ previous }: Universe, a: BlockId, b: BlockId): boolean {
  const reaches = (from: BlockId, to: BlockId): boolean => {
    for (let at: BlockId | undefined = from; at !== undefined; at = previous.get(at)) {
      if (at === to) return true;
    }
    return false;
  };
  return reaches(a, b) || reaches(b, a);
}
