// The scope of a recall out of proven traces: whoever signs it has seen every lot that belongs to it, whatever the node says
// (docs/formats.md §5, recalls). Descendants of the seeds; siblings are what else was made of a seed's direct inputs; ancestors
// all that the seeds were made from.

import {
  type Lot,
  lotKey,
  RECALL_SCOPE_MAX,
  type TraceQuestion,
  type TraceSeed,
} from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { proveTrace } from '../trace/prove.ts';

export interface ScopeQuestion {
  readonly seeds: readonly TraceSeed[];
  readonly siblings: boolean;
  readonly ancestors: boolean;
}

/** What is kept of each lot in scope. */
export type ScopedLot = Pick<
  Lot,
  'gtin' | 'lot' | 'holder' | 'left' | 'labelled' | 'batches' | 'transit'
>;

/** The proof of one lot's trace; another one in tests. */
export type Prove = (
  seed: TraceSeed,
  direction: TraceQuestion['direction'],
  onLot: (lot: { readonly relation: string; readonly lot: Lot }) => void,
) => Promise<unknown>;

export function proverOf(server: URL, pin: Uint8Array): Prove {
  return (seed, direction, onLot) => proveTrace(server, pin, { seed, direction }, onLot);
}

/** By `lots/…` key. Throws CliError for a scope larger than a recall takes, and as `proveTrace`. */
export async function collectScope(
  prove: Prove,
  { seeds, siblings, ancestors }: ScopeQuestion,
): Promise<ReadonlyMap<string, ScopedLot>> {
  const scope = new Map<string, ScopedLot>();
  const inputs = new Map<string, TraceSeed>();

  function add(lot: Lot): void {
    const { gtin, lot: number, holder, left, labelled, batches, transit } = lot;
    const kept = { gtin, lot: number, holder, left, labelled, batches };
    scope.set(lotKey(gtin, number), { ...kept, ...(transit === undefined ? {} : { transit }) });
    if (scope.size > RECALL_SCOPE_MAX) {
      throw new CliError(
        `the scope is larger than one recall takes (${RECALL_SCOPE_MAX} lots): open several with fewer seeds`,
      );
    }
  }

  for (const seed of seeds) {
    await prove(seed, 'down', ({ relation, lot }) => {
      add(lot);
      if (relation !== 'seed') return;
      for (const { gtin, lot: number } of lot.inputs)
        inputs.set(lotKey(gtin, number), { gtin, lot: number });
    });
    if (ancestors) await prove(seed, 'up', ({ lot }) => add(lot));
  }
  if (siblings) {
    for (const input of inputs.values()) {
      await prove(input, 'down', ({ relation, lot }) => {
        if (relation !== 'seed') add(lot);
      });
    }
  }
  return scope;
}
