// Validators that break one rule each. The explorer must find out what each of them costs, else it proves nothing about the others.

import type { Mutation } from './validator.ts';

export const MUTATIONS: readonly Mutation[] = [
  { name: 'a quorum of one less, or a signer counted twice', phantoms: 1 },
  { name: 'Notar votes forgotten over a restart: two in one slot', forgets: 'notar' },
  { name: 'Skip votes forgotten over a restart: Final after Skip', forgets: 'skip' },
  {
    name: 'Final votes and certificates forgotten over a restart: Skip after Final',
    forgets: 'final',
    forgetsCertificates: true,
  },
  { name: 'Notar upon a parent without certificate', trusts: 'parent' },
  { name: 'Notar without the Skip certificates between', trusts: 'skips' },
];
