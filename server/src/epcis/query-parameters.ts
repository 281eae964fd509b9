// The parameters of SimpleEventQuery (EPCIS 2.0 §8.2.7.1) as conditions of SQL. Names are taken from tables or matched by
// patterns, values go into placeholders only: nothing of a request becomes SQL.

import { AppError } from '@suyuan/contracts';
import { canonicalId, shortName } from './canonical.ts';
import type { Condition } from './event-store.ts';
import {
  EVENT_COUNT_MAX,
  QUERY_PARAMETERS_MAX,
  QUERY_VALUE_CHARS_MAX,
  QUERY_VALUES_MAX,
} from './limits.ts';

export interface EventQuery {
  readonly conditions: readonly Condition[];
  readonly orderBy: 'seq' | 'event_ms' | 'record_ms';
  readonly descending: boolean;
  readonly eventCountLimit?: number;
  readonly maxEventCount?: number;
}

/** Paging, which is no part of a query. */
export const PAGING = new Set(['perPage', 'nextPageToken']);

const EVENT_TYPES = [
  'ObjectEvent',
  'AggregationEvent',
  'TransactionEvent',
  'TransformationEvent',
  'AssociationEvent',
];
const OPERATORS: Readonly<Record<string, string>> = {
  EQ: '=',
  GT: '>',
  GE: '>=',
  LT: '<',
  LE: '<=',
};

type Build = (values: readonly string[], n: number) => Condition;
const same = (text: string): string => text;

const column =
  (name: string, spell: (text: string) => string): Build =>
  (values, n) => ({
    sql: `${name} IN {v${n}:Array(String)}`,
    params: { [`v${n}`]: values.map(spell) },
  });

/** The place itself or one within it: `…/254/…` of the same GLN. */
const within =
  (name: string): Build =>
  (values, n) => ({
    sql: `arrayExists(p -> ${name} = p OR startsWith(${name}, concat(p, '/')), {v${n}:Array(String)})`,
    params: { [`v${n}`]: values.map(canonicalId) },
  });

/** One of the values under one of the names; hasAny lets the store skip what cannot match. */
const text =
  (names: readonly string[], spell: (text: string) => string): Build =>
  (values, n) => ({
    sql: `hasAny(txt_values, {v${n}:Array(String)}) AND arrayExists((k, v) ->
      has({k${n}:Array(String)}, k) AND has({v${n}:Array(String)}, v), txt_names, txt_values)`,
    params: { [`v${n}`]: values.map(spell), [`k${n}`]: names },
  });

const exists =
  (name: string): Build =>
  (_values, n) => ({
    sql: `has(txt_names, {k${n}:String}) OR has(num_names, {k${n}:String})`,
    params: { [`k${n}`]: name },
  });

const EPCS = ['epc', 'parentID', 'inputEPC', 'outputEPC'];
const CLASSES = ['epcClass', 'inputEPCClass', 'outputEPCClass'];
const idText = (name: string): Build => text([name], canonicalId);

const LISTS: Readonly<Record<string, Build>> = {
  eventType: column('type', same),
  EQ_action: column('action', same),
  EQ_bizStep: column('biz_step', shortName),
  EQ_disposition: column('disposition', shortName),
  EQ_persistentDisposition_set: text(['persistentDisposition_set'], shortName),
  EQ_persistentDisposition_unset: text(['persistentDisposition_unset'], shortName),
  EQ_readPoint: column('read_point', canonicalId),
  WD_readPoint: within('read_point'),
  EQ_bizLocation: column('biz_location', canonicalId),
  WD_bizLocation: within('biz_location'),
  EQ_transformationID: text(['transformationID'], same),
  MATCH_epc: idText('epc'),
  MATCH_parentID: idText('parentID'),
  MATCH_inputEPC: idText('inputEPC'),
  MATCH_outputEPC: idText('outputEPC'),
  MATCH_anyEPC: text(EPCS, canonicalId),
  MATCH_epcClass: idText('epcClass'),
  MATCH_inputEPCClass: idText('inputEPCClass'),
  MATCH_outputEPCClass: idText('outputEPCClass'),
  MATCH_anyEPCClass: text(CLASSES, canonicalId),
  // Ours: a thing or a class, as /epcs/{epc}/events asks for.
  MATCH_anything: text([...EPCS, ...CLASSES], canonicalId),
  EQ_eventID: column('event_id', same),
  EQ_errorReason: text(['errorReason'], shortName),
  EQ_correctiveEventID: text(['correctiveEventID'], same),
  EQ_type: text(['type'], shortName),
  EQ_deviceID: idText('deviceID'),
  EQ_dataProcessingMethod: idText('dataProcessingMethod'),
  EQ_microorganism: idText('microorganism'),
  EQ_chemicalSubstance: idText('chemicalSubstance'),
  EQ_bizRules: idText('bizRules'),
  EQ_stringValue: idText('stringValue'),
  EQ_hexBinaryValue: idText('hexBinaryValue'),
  EQ_uriValue: idText('uriValue'),
};
const ALLOWED: Readonly<Record<string, RegExp>> = {
  EQ_action: /^(ADD|OBSERVE|DELETE)$/,
  eventType: new RegExp(`^(${EVENT_TYPES.join('|')}|[a-z][a-zA-Z0-9+.-]*:.+)$`),
};

const TIME_NAME =
  /^(GE|LT|GT|LE)_(eventTime|recordTime|startTime|endTime|time|errorDeclaration_?Time)$/;
const NUMBER_NAME =
  /^(EQ|GT|GE|LT|LE)_((?:quantity|value|minValue|maxValue|meanValue|sDev|percValue)(?:_[A-Z0-9]{2,4})?|percRank)$/;
const PARTY_NAME = /^EQ_((?:bizTransaction|source|destination)_.{1,256})$/;
const SCOPES =
  '(?:INNER_)?(?:(?:ILMD|ERROR_DECLARATION|SENSORELEMENT|SENSORMETADATA|SENSORREPORT)_)?';
const EXTENSION_NAME = new RegExp(`^(EQ|GT|GE|LT|LE|EXISTS)_(${SCOPES}[^_].{0,255}:.{1,256})$`);

/** Reads the parameters of a URL or of a query's JSON. Throws `epcis/query-parameter`. */
export function readEventQuery(given: Readonly<Record<string, unknown>>): EventQuery {
  const entries = Object.entries(given).filter(
    ([name]) => !PAGING.has(name) && name !== '@context',
  );
  if (entries.length > QUERY_PARAMETERS_MAX) {
    throw wrong('query', `a query has at most ${QUERY_PARAMETERS_MAX} parameters.`);
  }
  const conditions: Condition[] = [];
  const controls: Record<string, unknown> = {};
  for (const [n, [name, value]] of entries.entries()) {
    if (CONTROLS.has(name)) controls[name] = value;
    else {
      const condition = conditionOf(name, value, n);
      if (condition !== undefined) conditions.push(condition);
    }
  }
  return { conditions, ...controlsOf(controls) };
}

const CONTROLS = new Set(['orderBy', 'orderDirection', 'eventCountLimit', 'maxEventCount']);

function conditionOf(name: string, value: unknown, n: number): Condition | undefined {
  const list = Object.hasOwn(LISTS, name) ? LISTS[name] : undefined;
  if (list !== undefined) {
    const values = textsOf(name, value);
    const allowed = ALLOWED[name];
    const odd = allowed === undefined ? undefined : values.find((text) => !allowed.test(text));
    if (odd !== undefined) throw wrong(name, `${odd.slice(0, 64)} is none of its values.`);
    if (values.some((text) => text.startsWith('urn:epc:idpat:'))) {
      throw wrong(name, 'patterns are not supported; give whole identifiers.');
    }
    return list(values, n);
  }
  if (name === 'EXISTS_errorDeclaration') return flag(name, value, 'is_error = 1');
  if (name === 'EXISTS_sensorElementList')
    return flag(name, value, "has(num_names, 'sensorElementList')");
  if (name === 'EQ_booleanValue')
    return text(['booleanValue'], same)([String(booleanOf(name, value))], n);
  return (
    timeCondition(name, value, n) ??
    numberCondition(name, value, n) ??
    namedCondition(name, value, n)
  );
}

function timeCondition(name: string, value: unknown, n: number): Condition | undefined {
  const [, operator = '', field = ''] = TIME_NAME.exec(name) ?? [];
  const sign = OPERATORS[operator];
  if (sign === undefined) return undefined;
  const time_ms = timeOf(name, value);
  const params = { [`v${n}`]: time_ms };
  if (field === 'eventTime') return { sql: `event_ms ${sign} {v${n}:Int64}`, params };
  if (field === 'recordTime') return { sql: `record_ms ${sign} {v${n}:Int64}`, params };
  return comparison(field.replace('_', ''), sign, time_ms, n);
}

function numberCondition(name: string, value: unknown, n: number): Condition | undefined {
  const [, operator = '', field] = NUMBER_NAME.exec(name) ?? [];
  const sign = OPERATORS[operator];
  if (sign === undefined || field === undefined) return undefined;
  return comparison(field, sign, numberOf(name, value), n);
}

function namedCondition(name: string, value: unknown, n: number): Condition {
  const party = PARTY_NAME.exec(name)?.[1];
  if (party !== undefined) {
    const [kind = ''] = party.split('_', 1);
    const type = shortName(party.slice(kind.length + 1));
    return idText(`${kind}_${type}`)(textsOf(name, value), n);
  }
  const [, operator = '', field] = EXTENSION_NAME.exec(name) ?? [];
  if (field === undefined) throw wrong(name, 'this parameter is not known.');
  if (operator === 'EXISTS') return exists(field)([], n);
  const sign = OPERATORS[operator] ?? '=';
  const single = Array.isArray(value) ? undefined : Number(value);
  if (operator !== 'EQ') {
    const number = Number.isNaN(single) ? timeOf(name, value) : numberOf(name, value);
    return comparison(field, sign, number, n);
  }
  if (typeof value === 'number') return comparison(field, sign, value, n);
  const asText = text([field], same)(textsOf(name, value), n);
  if (single === undefined || !Number.isFinite(single)) return asText;
  const asNumber = comparison(field, sign, single, n + QUERY_PARAMETERS_MAX);
  return {
    sql: `(${asText.sql}) OR (${asNumber.sql})`,
    params: { ...asText.params, ...asNumber.params },
  };
}

function comparison(name: string, sign: string, value: number, n: number): Condition {
  return {
    sql: `arrayExists((k, v) -> k = {k${n}:String} AND v ${sign} {v${n}:Float64}, num_names, num_values)`,
    params: { [`k${n}`]: name, [`v${n}`]: value },
  };
}

function flag(name: string, value: unknown, sql: string): Condition | undefined {
  return booleanOf(name, value) ? { sql, params: {} } : undefined;
}

function textsOf(name: string, value: unknown): string[] {
  // In a URL the values of a list stand between bars (the OpenAPI's style pipeDelimited).
  const values: unknown[] = typeof value === 'string' ? value.split('|') : [value].flat();
  if (values.length === 0 || values.length > QUERY_VALUES_MAX) {
    throw wrong(name, `give 1 to ${QUERY_VALUES_MAX} values.`);
  }
  return values.map((item) => {
    if (typeof item !== 'string' || item === '' || item.length > QUERY_VALUE_CHARS_MAX) {
      throw wrong(name, `a value is a text of 1 to ${QUERY_VALUE_CHARS_MAX} characters.`);
    }
    return item;
  });
}

function booleanOf(name: string, value: unknown): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw wrong(name, 'say true or false.');
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function timeOf(name: string, value: unknown): number {
  // A plus sign in a URL arrives as a space when it was not percent-encoded.
  const given = typeof value === 'string' ? value.replace(' ', '+') : '';
  const time_ms = TIME.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(time_ms)) {
    throw wrong(name, 'give a time with its zone, for example 2026-01-02T03:04:05+08:00.');
  }
  return time_ms;
}

function numberOf(name: string, value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw wrong(name, 'give a number.');
  return number;
}

function countOf(name: string, value: unknown): number {
  const number = numberOf(name, value);
  if (!Number.isInteger(number) || number < 1 || number > EVENT_COUNT_MAX) {
    throw wrong(name, `give an integer from 1 to ${EVENT_COUNT_MAX}.`);
  }
  return number;
}

function controlsOf(given: Readonly<Record<string, unknown>>): Omit<EventQuery, 'conditions'> {
  const { orderBy, orderDirection, eventCountLimit, maxEventCount } = given;
  if (eventCountLimit !== undefined && maxEventCount !== undefined) {
    throw wrong('maxEventCount', 'eventCountLimit and maxEventCount exclude each other.');
  }
  if (orderDirection !== undefined && orderDirection !== 'ASC' && orderDirection !== 'DESC') {
    throw wrong('orderDirection', 'say ASC or DESC.');
  }
  if (orderBy !== undefined && orderBy !== 'eventTime' && orderBy !== 'recordTime') {
    throw wrong('orderBy', 'events are ordered by eventTime or recordTime.');
  }
  const ordered =
    orderBy === undefined ? 'seq' : orderBy === 'eventTime' ? 'event_ms' : 'record_ms';
  return {
    orderBy: ordered,
    // §8.2.7.1: descending unless told otherwise, where an order is asked for.
    descending: orderBy !== undefined && orderDirection !== 'ASC',
    ...(eventCountLimit === undefined
      ? {}
      : { eventCountLimit: countOf('eventCountLimit', eventCountLimit) }),
    ...(maxEventCount === undefined
      ? {}
      : { maxEventCount: countOf('maxEventCount', maxEventCount) }),
  };
}

function wrong(name: string, reason: string): AppError {
  const field = name.slice(0, 64);
  return new AppError('epcis/query-parameter', `${field}: ${reason}`, { field });
}
