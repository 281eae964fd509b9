// One thread that verifies SM2 signatures. A key always comes to the same thread, so its table exists once.

import { parentPort } from 'node:worker_threads';
import { portableCrypto } from '../crypto/portable.ts';
import type { Sm2Answer, Sm2Job } from './sm2-job.ts';

parentPort?.on('message', (jobs: Sm2Job[]) => {
  const answers = jobs.map(
    (job): Sm2Answer => [job.id, portableCrypto.verify(job.key, job.message, job.signature)],
  );
  parentPort?.postMessage(answers);
});
