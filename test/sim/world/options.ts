// What a run's validators are set to: shorter times than in life, so that a run sees many timeouts.

import type { SimplexOptions } from '../../../server/src/consensus/simplex/options.ts';

export const SIM_OPTIONS: Partial<SimplexOptions> = {
  skip_ms: 300,
  skipMax_ms: 4000,
  standstill_ms: 600,
  standstillMax_ms: 4000,
};
