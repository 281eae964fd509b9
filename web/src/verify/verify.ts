// The check itself, off the page's thread: bundle, then picks by chance, then what was picked, then the verdict. The picks
// are made only once the anchored roots are held, so that a server cannot know which packs to have ready.

import {
  AppError,
  BundleError,
  bytesToHex,
  checkBundle,
  concludeBundle,
  distinctSamples,
  picksOf,
  withSamples,
} from '@suyuan/contracts/verify';
import type { fetchSamples } from './fetch-samples.ts';
import type { Break, Proof, VerifyReply, VerifyRequest } from './protocol.ts';

export interface VerifyParts {
  readonly fetchSamples: typeof fetchSamples;
  readonly randomUint32: () => number;
  /** Milliseconds of a monotonic clock. */
  readonly stopwatch_ms: () => number;
}

/** Throws BundleError. */
export async function verify(
  request: VerifyRequest,
  parts: VerifyParts,
  report: (reply: VerifyReply) => void,
): Promise<Proof> {
  let started_ms = parts.stopwatch_ms();
  const checked = checkBundle(request.bundle, request.pin, request.now_ms, {
    onStep: (step) => report({ type: 'closed', step }),
  });
  const { link } = checked.bundle;
  if (
    link.gtin !== request.link.gtin ||
    (link.lot ?? null) !== request.link.lot ||
    (link.serial ?? null) !== request.link.serial
  ) {
    throw new BundleError(
      'bundle',
      new AppError('bundle/other-link', 'The evidence is about another code than the one scanned.'),
    );
  }
  let elapsed_ms = parts.stopwatch_ms() - started_ms;

  let { picks } = request;
  let samples = checked.bundle.samples;
  if (picks === null) {
    const made = picksOf(checked, parts.randomUint32);
    picks = made;
    report({ type: 'sampling', fetched: 0, picked: made.length });
    samples = await parts.fetchSamples(made, (fetched) =>
      report({ type: 'sampling', fetched, picked: made.length }),
    );
  }

  started_ms = parts.stopwatch_ms();
  const verdict = concludeBundle(checked, samples, picks);
  elapsed_ms += parts.stopwatch_ms() - started_ms;
  const { head, genesis } = checked.bundle;
  return {
    verdict,
    bundle: withSamples(checked.bundle, distinctSamples(samples)),
    picks,
    elapsed_ms,
    raw: {
      genesis: bytesToHex(genesis),
      header: bytesToHex(head.header),
      certificate: bytesToHex(head.certificate),
    },
  };
}

/** What the page says of an error; one that is not ours is a defect of the verifier, and no less broken. */
export function toBreak(error: unknown): Break {
  if (error instanceof BundleError) {
    const { step, code, message, details } = error;
    return { step, code, message, details };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { step: 'bundle', code: 'verify/defect', message: message.slice(0, 300), details: {} };
}
