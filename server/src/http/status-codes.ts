// The one table from an error's code to an HTTP status. A code that is not here is ours, not the caller's: 500.

/** Exact codes first; then the subject before the slash. */
const EXACT: Readonly<Record<string, number>> = {
  'http/malformed': 400,
  'http/not-found': 404,
  'http/method-not-allowed': 405,
  'http/not-acceptable': 406,
  'http/commit-timeout': 504,
  'http/too-large': 413,
  'http/unsupported-media-type': 415,
  'http/too-many-requests': 429,
  'http/busy': 503,
  'crypto/busy': 503,
  'crypto/stopped': 503,
  'bundle/unknown-lot': 404,
  'bundle/unknown-product': 404,
  'bundle/unknown-unit': 404,
  'documents/empty': 400,
  'documents/no-file': 404,
  'documents/shielded': 451,
  'documents/too-many-pending': 503,
  'documents/wrong-size': 422,
  'exports/behind': 503,
  'exports/too-large': 413,
  'exports/too-slow': 503,
  'labels/busy': 503,
  'labels/serial-taken': 409,
  'labels/unknown-batch': 404,
  'labels/wrong-serials': 422,
  'recalls/scope-too-large': 422,
  'recalls/too-many-holders': 422,
  'ledger/below-base': 404,
  'ledger/no-block': 503,
  'ledger/too-many-keys': 400,
  'node/stopped': 503,
  'readings/not-kept': 404,
  'trace/too-large': 413,
  'trace/too-slow': 503,
  'trace/unknown': 404,
  'tx/duplicate-key': 409,
  'tx/expired': 409,
  'tx/mempool-full': 503,
  'tx/too-large': 413,
  'tx/too-many-waiting': 429,
  'reveals/no-carrier': 503,
  'reveals/not-carried': 503,
  'resolver/compressed': 400,
  'resolver/unknown': 404,
  'resolver/no-such-link': 404,
  'scans/write-failed': 503,
};

/** Subjects of which every other code is a mistake in the caller's bytes. */
const SUBJECT: Readonly<Record<string, number>> = {
  cbor: 400,
  cose: 400,
  format: 400,
  gs1: 400,
  pack: 400,
  tx: 400,
};

/** The HTTP status of an AppError's code. */
export function statusOfCode(code: string): number {
  return EXACT[code] ?? SUBJECT[code.split('/', 1)[0] ?? ''] ?? 500;
}

/** The status of a refused transaction: what is not malformed and not listed breaks a rule, and that is 422. */
export function refusalStatusOfCode(code: string): number {
  const status = statusOfCode(code);
  if (status !== 500 || code.startsWith('node/')) return status;
  return code.endsWith('/exists') ? 409 : 422;
}
