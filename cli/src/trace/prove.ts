// A trace with its proof, checked here piece by piece as it arrives: nothing of it is believed that the pinned genesis does not carry.

import {
  AppError,
  createTraceVerifier,
  type TraceQuestion,
  type TraceSeed,
  type TraceSummary,
  type VerifiedTraceLot,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError } from '../errors.ts';
import { requestStream } from '../http.ts';
import { lotPath, lotText } from './source.ts';

/** Exit code of evidence that does not hold, as of `verify`. */
export const DOES_NOT_HOLD = 2;

/**
 * Gives each lot as it is proven; what was given counts only once this returns. Throws CliError, with exit code 2 where the
 * answer came and proves nothing.
 */
export async function proveTrace(
  server: URL,
  pin: Uint8Array,
  { seed, direction }: { readonly seed: TraceSeed; readonly direction: TraceQuestion['direction'] },
  onLot: (lot: VerifiedTraceLot) => void | Promise<void>,
): Promise<TraceSummary> {
  const url = new URL(`/api/v1/trace/lots/${lotPath(seed)}/proof`, server);
  url.searchParams.set('direction', direction);
  const verifier = createTraceVerifier({ direction, seeds: [seed] }, pin, nodeCrypto);
  try {
    for await (const piece of requestStream(url)) {
      for (const lot of verifier.push(piece)) await onLot(lot);
    }
    return verifier.end();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new CliError(
      `NOT PROVEN: the trace of ${lotText(seed)} does not hold: ${error.message} (${error.code})`,
      DOES_NOT_HOLD,
    );
  }
}
