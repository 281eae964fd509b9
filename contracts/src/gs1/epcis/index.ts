// EPCIS 2.0 events: types, checks, hash ids.

export { checkEvent, eventProblems } from './check-event.ts';
export { declaredPrefixes, EMPTY_CONTEXT, readEpcisContext } from './context.ts';
export { eventHash, preHash } from './event-hash.ts';
export { deviceLink, goodsLink, type NamedKey, namedKey, placeLink } from './ids.ts';
export {
  type EndedStay,
  endedStays,
  LEDGER_CONTEXT,
  LEDGER_LD_CONTEXT,
  type LedgerEpcisOptions,
  type LedgerTx,
  ledgerCalls,
  ledgerEvents,
  SENSOR_PACKS_MAX,
  SENSORS_MAX,
  type SensorSummary,
  SUYUAN_NAMESPACE,
} from './ledger-event.ts';
export {
  type EpcisDocumentOptions,
  type EpcisDocumentRead,
  type EpcisEnvelope,
  envelopeProblems,
  eventListPath,
  readEpcisDocument,
  readEpcisEnvelope,
} from './read-document.ts';
export { type EpcisTime, formatTime, parseTime } from './time.ts';
export type * from './types.ts';
export {
  BIZ_STEPS,
  BIZ_TRANSACTION_TYPES,
  DISPOSITIONS,
  SOURCE_DEST_TYPES,
  standardValue,
} from './vocabulary.ts';
