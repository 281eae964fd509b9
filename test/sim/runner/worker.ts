// A thread that runs seeds, one after another.

import { parentPort } from 'node:worker_threads';
import { runSeed } from '../world/run.ts';
import type { SeedTask } from './types.ts';

parentPort?.on('message', (task: SeedTask) => {
  runSeed(task).then((result) => parentPort?.postMessage(result));
});
