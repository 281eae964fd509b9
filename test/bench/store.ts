import type { Bench } from './bench.ts';
export const storeBench: Bench = {
  name: 'store',
  about: 'x',
  run: () => {
    throw new Error('not yet');
  },
};
