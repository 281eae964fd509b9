// One EPCIS event against the semantics of the official JSON Schema and the standard values of CBV 2.0 §7.

import { AppError } from '../../errors.ts';
import {
  below,
  both,
  type Check,
  type Fields,
  type Inspection,
  isRecord,
  isUri,
  object,
  problemsOf,
  uri,
} from './checks.ts';
import { EMPTY_CONTEXT } from './context.ts';
import {
  action,
  distinctEpcs,
  EVENT_FIELDS,
  epcs,
  ilmd,
  persistentDisposition,
  quantities,
  STEP_FIELDS,
} from './event-fields.ts';
import type { EpcisContext, EpcisEvent, EpcisProblem } from './types.ts';

type Event = Readonly<Record<string, unknown>>;

const REQUIRED = ['type', 'eventTime', 'eventTimeZoneOffset'];
const has = (event: Event, ...names: string[]): boolean =>
  names.some((name) => {
    const value = event[name];
    return Array.isArray(value) && value.length > 0;
  });

/** A rule over several fields; `holds` sees an object. */
const rule =
  (holds: (event: Event) => boolean, message: string): Check =>
  (value, path, { report }) => {
    if (isRecord(value) && !holds(value)) report(path, message);
  };

const kind = (fields: Fields, required: readonly string[], ...rules: Check[]): Check =>
  both(
    object(
      { ...EVENT_FIELDS, ...STEP_FIELDS, ...fields },
      { required: [...REQUIRED, ...required] },
    ),
    ...rules,
  );

const CHILDREN = rule(
  (e) => has(e, 'childEPCs', 'childQuantityList') || e.action === 'DELETE',
  'Name children in childEPCs or childQuantityList; only DELETE may leave them out.',
);
const INPUT_AND_OUTPUT = rule((e) => {
  const input = has(e, 'inputEPCList', 'inputQuantityList');
  const output = has(e, 'outputEPCList', 'outputQuantityList');
  return (input && output) || (Object.hasOwn(e, 'transformationID') && (input || output));
}, 'Name inputs and outputs, or one of them with a transformationID.');

const children: Fields = { action, parentID: uri, childEPCs: epcs, childQuantityList: quantities };

const KINDS: ReadonlyMap<string, Check> = new Map([
  [
    'ObjectEvent',
    kind(
      { action, epcList: distinctEpcs, quantityList: quantities, persistentDisposition, ilmd },
      ['action'],
      rule(
        (e) =>
          Array.isArray(e.epcList) ||
          has(e, 'quantityList') ||
          (has(e, 'sensorElementList') && isRecord(e.readPoint)),
        'Name objects in epcList or quantityList, or give sensor data with a readPoint.',
      ),
      rule(
        (e) => e.action === 'ADD' || !Object.hasOwn(e, 'ilmd'),
        'Only an event with action ADD has an ilmd.',
      ),
    ),
  ],
  ['AggregationEvent', kind(children, ['action'], CHILDREN)],
  ['AssociationEvent', kind(children, ['action', 'parentID'], CHILDREN)],
  [
    'TransactionEvent',
    kind(
      { action, parentID: uri, epcList: epcs, quantityList: quantities },
      ['action', 'bizTransactionList'],
      rule(
        (e) => Array.isArray(e.epcList) || has(e, 'quantityList') || e.action === 'DELETE',
        'Name objects in epcList or quantityList; only DELETE may leave them out.',
      ),
      rule(
        (e) => !Array.isArray(e.bizTransactionList) || e.bizTransactionList.length > 0,
        'Name at least one business transaction.',
      ),
    ),
  ],
  [
    'TransformationEvent',
    kind(
      {
        inputEPCList: distinctEpcs,
        inputQuantityList: quantities,
        outputEPCList: distinctEpcs,
        outputQuantityList: quantities,
        transformationID: uri,
        persistentDisposition,
        ilmd,
      },
      [],
      INPUT_AND_OUTPUT,
    ),
  ],
]);

// The schema leaves the other fields of an extension event to whoever defined it.
const extendedEvent = object(EVENT_FIELDS, { required: REQUIRED, others: 'any' });

/** The check of an event within a document. */
export const anyEvent: Check = (value: unknown, path: string, inspection: Inspection) => {
  const type = isRecord(value) ? value.type : undefined;
  const check = KINDS.get(String(type));
  if (check !== undefined) return check(value, path, inspection);
  if (isRecord(value) && !isUri(type)) {
    inspection.report(below(path, 'type'), 'This is no type of event, nor the URI of one.');
  }
  extendedEvent(value, path, inspection);
};

/** What is wrong with `event`, in the order of its fields, at most 16 lines; empty when it is valid. Never throws. */
export function eventProblems(
  event: unknown,
  context: EpcisContext = EMPTY_CONTEXT,
): EpcisProblem[] {
  return problemsOf(anyEvent, event, context);
}

/**
 * The event, checked; `event` itself, not a copy. `base`: pointer to the event within its document, for the message. Throws
 * `epcis/invalid-event` with the first problem in its message and `details` { path, problems }.
 */
export function checkEvent(
  event: unknown,
  context: EpcisContext = EMPTY_CONTEXT,
  base = '',
): EpcisEvent {
  const problems = eventProblems(event, context);
  const [first] = problems;
  if (first !== undefined) {
    const path = base + first.path;
    throw new AppError('epcis/invalid-event', `${path || 'The event'}: ${first.message}`, {
      path,
      problems: problems.length,
    });
  }
  return event as EpcisEvent;
}
