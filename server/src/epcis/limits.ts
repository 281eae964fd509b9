// What one capture, one query and one subscriber may cost, with units. The capture limits are announced in headers.

/** A document of 100,000 events of some 500 bytes, with room. */
export const CAPTURE_BYTES_MAX = 128 * 1024 * 1024;
export const CAPTURE_EVENTS_MAX = 250_000;
/** One event with long lists of EPCs; also the bound on what is held in memory of a document. */
export const EVENT_BYTES_MAX = 1024 * 1024;
/** A document without its events: context and master data. */
export const ENVELOPE_BYTES_MAX = 1024 * 1024;
export const JSON_DEPTH_MAX = 64;
/** Documents up to here are checked before the answer, so that a wrong one is refused on the spot. */
export const CHECK_AT_ONCE_BYTES_MAX = 1024 * 1024;
/** Errors that a job lists; the rest is counted. */
export const JOB_ERRORS_MAX = 100;
/** Jobs that wait or run; more are turned away until some are done. */
export const JOBS_WAITING_MAX = 64;
/** Of one account: the rest of the room is for the others. */
export const JOBS_WAITING_PER_ACCOUNT_MAX = 8;
/** Bytes of documents that wait on the disk. */
export const SPOOL_BYTES_MAX = 1024 * 1024 * 1024;
/** Finished jobs that are remembered; the oldest is forgotten first. */
export const JOBS_KEPT_MAX = 10_000;
/** Events that go into the store in one insert. */
export const INSERT_EVENTS_MAX = 500;
export const INSERT_BYTES_MAX = 8 * 1024 * 1024;

export const PER_PAGE = 30;
export const PER_PAGE_MAX = 1_000;
/** A page ends here even if it has fewer events than asked for. */
export const PAGE_BYTES_MAX = 8 * 1024 * 1024;
export const QUERY_PARAMETERS_MAX = 64;
export const QUERY_VALUES_MAX = 256;
export const QUERY_VALUE_CHARS_MAX = 2_048;
export const EVENT_COUNT_MAX = 1_000_000;
/** Bounds on the store's work for one query. */
export const QUERY_SECONDS_MAX = 10;
export const QUERY_MEMORY_BYTES_MAX = 512 * 1024 * 1024;

export const QUERIES_MAX = 1_000;
export const QUERIES_PER_ACCOUNT_MAX = 100;
export const SUBSCRIPTIONS_MAX = 1_000;
export const SUBSCRIPTIONS_PER_ACCOUNT_MAX = 50;
/** Events in one message to a subscriber. */
export const NOTICE_EVENTS_MAX = 100;
export const NOTICE_TIMEOUT_MS = 15_000;

/** Nonces of access tokens that are remembered while they live: an attack has to be signed. */
export const NONCES_MAX = 100_000;
