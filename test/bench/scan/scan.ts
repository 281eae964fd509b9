import type { Bench } from '../bench.ts';
export const scanBench: Bench = {
  name: 'scan',
  about: 'x',
  run: () => {
    throw new Error('not yet');
  },
};
