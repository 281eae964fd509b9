export { createSimplex, type Simplex, type SimplexParts } from './create.ts';
export { SIMPLEX_OPTIONS, type SimplexOptions } from './options.ts';
export type { SimplexStatus } from './status.ts';
