// Prefixes of a JSON-LD `@context`, as far as EPCIS uses them (EPCIS 2.0 §10.2): strings name a context known to every
// reader, objects map a prefix to a URI. Nothing is ever fetched.

import type { EpcisContext } from './types.ts';

/** The prefixes that the standard context defines for everyone. */
export const STANDARD_PREFIXES: ReadonlyMap<string, string> = new Map([
  ['epcis', 'https://ref.gs1.org/epcis/'],
  ['cbv', 'https://ref.gs1.org/cbv/'],
  ['cbvmda', 'urn:epcglobal:cbv:mda:'],
  ['gs1', 'https://gs1.org/voc/'],
  ['rdfs', 'http://www.w3.org/2000/01/rdf-schema#'],
  ['owl', 'http://www.w3.org/2002/07/owl#'],
  ['xsd', 'http://www.w3.org/2001/XMLSchema#'],
  ['dcterms', 'http://purl.org/dc/terms/'],
]);

export const EMPTY_CONTEXT: EpcisContext = { prefixes: STANDARD_PREFIXES, ignored: new Set() };

/** Prefixes that one document may bring. */
const PREFIXES_MAX = 256;
const IGNORED_MAX = 256;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** The prefixes that a `@context` declares itself, without the standard ones. */
export function declaredPrefixes(context: unknown): Map<string, string> {
  const prefixes = new Map<string, string>();
  for (const part of listOf(context)) {
    if (!isRecord(part)) continue;
    for (const [name, meaning] of Object.entries(part)) {
      if (prefixes.size >= PREFIXES_MAX) return prefixes;
      const uri = isRecord(meaning) ? meaning['@id'] : meaning;
      if (typeof uri === 'string' && !name.startsWith('@')) prefixes.set(name, uri);
    }
  }
  return prefixes;
}

/**
 * `prefix:rest` with its prefix written out as `open + uri + close`, and any other text as it is. As in JSON-LD, `rest` may not
 * begin with `//`: that is a URI whose scheme happens to be called like the prefix.
 */
export function expandName(text: string, context: EpcisContext, open = '', close = ''): string {
  const colon = text.indexOf(':');
  if (colon < 1 || text.startsWith('//', colon + 1)) return text;
  const uri = context.prefixes.get(text.slice(0, colon));
  return uri === undefined ? text : `${open}${uri}${close}${text.slice(colon + 1)}`;
}

/**
 * Reads the `@context` of a document or of a single event, and the names that its `…:ignoreFields` leaves out of hashes; what
 * is not understood is passed over. `outer`: the context of the document around an event that has one of its own.
 */
export function readEpcisContext(json: unknown, outer: EpcisContext = EMPTY_CONTEXT): EpcisContext {
  if (!isRecord(json)) return outer;
  const declared = declaredPrefixes(json['@context']);
  const prefixes = declared.size === 0 ? outer.prefixes : new Map([...outer.prefixes, ...declared]);
  const context: EpcisContext = { prefixes, ignored: outer.ignored };
  const named = Object.entries(json)
    .filter(([name]) => name.endsWith(':ignoreFields'))
    .flatMap(([, names]) => listOf(names))
    // Only extensions: nobody can leave the action out of a hash.
    .filter((name) => typeof name === 'string' && name.includes(':'))
    .slice(0, IGNORED_MAX)
    .map((name) => expandName(String(name), context));
  return named.length === 0
    ? context
    : { prefixes, ignored: new Set([...outer.ignored, ...named]) };
}
