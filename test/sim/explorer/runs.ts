// What is explored, each within bounds that let it end in seconds.

import type { ExploreOptions } from './explore.ts';

const ALL = { equivocations: 2, repeats: true, restarts: true, reduced: true } as const;

export const MUTANT_BOUNDS: ExploreOptions = { ...ALL, slots: 2, states_max: 1_000_000 };

export const RUNS: readonly { readonly name: string; readonly options: ExploreOptions }[] = [
  {
    name: '3 slots, an equivocating first leader',
    options: { ...ALL, slots: 3, repeats: false, restarts: false, states_max: 3_000_000 },
  },
  {
    name: '3 slots, restarts at any time',
    options: { ...ALL, slots: 3, equivocations: 1, repeats: false, states_max: 3_000_000 },
  },
  {
    name: '2 slots, equivocation, repeats, restarts',
    options: { ...ALL, slots: 2, states_max: 3_000_000 },
  },
  {
    name: '2 slots, equivocation, repeats, every order of deliveries',
    options: { ...ALL, slots: 2, restarts: false, reduced: false, states_max: 3_000_000 },
  },
];
