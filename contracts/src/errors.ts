// The one error type of the house. A verifier returns on success and throws an AppError otherwise; hostile input
// never makes it throw anything else.

/** Facts that belong to an error, safe to show: numbers and short strings only, never keys or payloads. */
export type ErrorDetails = Record<string, string | number | boolean | null>;

/**
 * An error with a stable code (`subject/what`, for example `cbor/not-canonical`). The message tells the person what to
 * do next; the code is for programs. The catalogue of codes is `docs/errors.md`.
 */
export class AppError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly details: ErrorDetails;

  constructor(code: Code, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }
}

/** True for an AppError, and when `code` is given only for that code or a code that starts with `code + '/'`. */
export function isAppError(error: unknown, code?: string): error is AppError {
  if (!(error instanceof AppError)) return false;
  return code === undefined || error.code === code || error.code.startsWith(`${code}/`);
}
