// Where a thread starts. Plain JavaScript, because a thread does not inherit the TypeScript loader of every runner.

import { register } from 'tsx/esm/api';

register();
await import('./sm2-worker.ts');
