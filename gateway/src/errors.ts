import { AppError, type ErrorDetails } from '@suyuan/contracts';

/** What can go wrong with a gateway as a whole. Bad packs are quarantined under the codes of contracts instead. */
export type GatewayErrorCode =
  /** Options that contradict each other or the ledger. */
  | 'gateway/bad-options'
  /** The journal's records contradict each other. */
  | 'gateway/journal-inconsistent'
  /** The directory belongs to another gateway account or another chain. */
  | 'gateway/foreign-journal'
  /** The ledger holds anchors that this journal did not make. */
  | 'gateway/forked-anchors'
  /** The ledger has lost anchors that this journal knows as committed. */
  | 'gateway/ledger-behind'
  /** The disk refused the journal; the gateway takes nothing more. */
  | 'gateway/journal-failed'
  /** The gateway is stopping or has stopped. */
  | 'gateway/stopped';

export function gatewayError(
  code: GatewayErrorCode,
  message: string,
  details: ErrorDetails = {},
  cause?: unknown,
): AppError<GatewayErrorCode> {
  return new AppError(code, message, details, cause);
}

/** One line about any thrown value, for a log or an alarm. */
export function describeError(error: unknown): string {
  if (error instanceof AppError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** True for errors that trying again does not mend: the gateway must be stopped and looked at. */
export function stopsGateway(error: unknown): error is AppError {
  return (
    error instanceof AppError &&
    ['gateway/forked-anchors', 'gateway/ledger-behind', 'gateway/journal-failed'].includes(
      error.code,
    )
  );
}
