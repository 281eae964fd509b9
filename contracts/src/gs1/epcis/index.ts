// EPCIS 2.0 events: types, checks, hash ids.

export { checkEvent, eventProblems } from './check-event.ts';
export { EMPTY_CONTEXT, readEpcisContext } from './context.ts';
export { eventHash, preHash } from './event-hash.ts';
export {
  type EpcisDocumentOptions,
  type EpcisDocumentRead,
  type EpcisEnvelope,
  readEpcisDocument,
  readEpcisEnvelope,
} from './read-document.ts';
export type * from './types.ts';
