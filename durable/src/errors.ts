/** What can go wrong with a file, as codes. */
export type DurableErrorCode =
  /** Bytes that were once durable no longer read back; nothing was changed on disk. */
  | 'durable/damaged'
  /** The file is of another program or of another version of the format. */
  | 'durable/foreign-file'
  /** The disk refused a write or a sync; the log takes nothing more until it is opened again. */
  | 'durable/failed'
  /** More is waiting for the disk than the log may hold; wait for `drained()`. */
  | 'durable/queue-full'
  /** A record is empty or longer than the log allows. */
  | 'durable/bad-record'
  /** The log was closed. */
  | 'durable/closed'
  /** No record begins at that position. */
  | 'durable/no-record'
  /** Another process holds the directory. */
  | 'durable/locked';

export type DurableDetails = Record<string, string | number | boolean | null>;

/** Same shape as the AppError of `contracts`, which this room may not import. */
export class DurableError extends Error {
  readonly code: DurableErrorCode;
  readonly details: DurableDetails;

  constructor(
    code: DurableErrorCode,
    message: string,
    details: DurableDetails = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DurableError';
    this.code = code;
    this.details = details;
  }
}

/** True for a DurableError, and when `code` is given only for that code. */
export function isDurableError(error: unknown, code?: DurableErrorCode): error is DurableError {
  return error instanceof DurableError && (code === undefined || error.code === code);
}
