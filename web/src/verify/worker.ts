import { fetchSamples } from './fetch-samples.ts';
import type { VerifyReply, VerifyRequest } from './protocol.ts';
import { toBreak, verify } from './verify.ts';

const report = (reply: VerifyReply) => self.postMessage(reply);

const randomUint32 = () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;

self.addEventListener('message', (event: MessageEvent<VerifyRequest>) => {
  const parts = { fetchSamples, randomUint32, stopwatch_ms: () => performance.now() };
  verify(event.data, parts, report).then(
    (proof) => report({ type: 'proof', proof }),
    (error: unknown) => report({ type: 'broken', broken: toBreak(error) }),
  );
});
