// Runs one verification in a worker of its own, which ends with it: a hostile bundle can at worst waste that worker.

import type { VerifyReply, VerifyRequest } from './protocol.ts';
import workerUrl from './worker.ts?worker&url';

/** Paths that a kept page needs besides what it loads itself. */
export const WORKER_PATHS: readonly string[] = [workerUrl];

/** Longer than the slowest phone needs for the largest bundle; then the check counts as broken. */
const TIMEOUT_MS = 120_000;

export type Outcome = Extract<VerifyReply, { readonly type: 'proof' | 'broken' }>;

export function runVerification(
  request: VerifyRequest,
  onProgress: (reply: Exclude<VerifyReply, Outcome>) => void,
): Promise<Outcome> {
  const worker = new Worker(workerUrl, { type: 'module' });
  return new Promise<Outcome>((resolve) => {
    const fail = (code: string, message: string) =>
      resolve({ type: 'broken', broken: { step: 'bundle', code, message, details: {} } });
    const timer = setTimeout(
      () => fail('verify/timeout', 'the check took too long; try again'),
      TIMEOUT_MS,
    );
    worker.onmessage = (event: MessageEvent<VerifyReply>) => {
      const reply = event.data;
      if (reply.type !== 'proof' && reply.type !== 'broken') {
        onProgress(reply);
        return;
      }
      clearTimeout(timer);
      resolve(reply);
    };
    worker.onerror = (event) => {
      clearTimeout(timer);
      fail('verify/worker', event.message || 'the checking program did not start; reload the page');
    };
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
