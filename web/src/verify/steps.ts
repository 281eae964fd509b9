import type { VerifyStep } from './types.ts';

/** The links of the chain in the order of the check; a test holds it equal to that of the verifier. */
export const VERIFY_STEPS: readonly VerifyStep[] = [
  'bundle',
  'genesis',
  'epochs',
  'certificate',
  'state',
  'unit',
  'lots',
  'recalls',
  'anchors',
  'packs',
  'statements',
  'samples',
  'claims',
];
