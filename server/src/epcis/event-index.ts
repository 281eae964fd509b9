// What of an event can be asked for: its row in the column store. Texts and numbers stand as pairs of name and value, named as
// in the query parameters (`MATCH_epc` asks for `epc`, `GE_maxValue_CEL` for `maxValue_CEL`).

import type { EpcisEvent } from '@suyuan/contracts';
import { canonicalId, shortName } from './canonical.ts';

export interface EventIndex {
  readonly type: string;
  readonly action: string;
  readonly biz_step: string;
  readonly disposition: string;
  readonly read_point: string;
  readonly biz_location: string;
  readonly event_ms: number;
  readonly txt_names: readonly string[];
  readonly txt_values: readonly string[];
  readonly num_names: readonly string[];
  readonly num_values: readonly number[];
}

type Json = Readonly<Record<string, unknown>>;

/** Entries that one event puts into the index: its lists may be long, an attacker's may not be endless. */
const ENTRIES_MAX = 50_000;

const EPC_LISTS: readonly [list: string, name: string][] = [
  ['epcList', 'epc'],
  ['childEPCs', 'epc'],
  ['inputEPCList', 'inputEPC'],
  ['outputEPCList', 'outputEPC'],
];
const CLASS_LISTS: readonly [list: string, name: string][] = [
  ['quantityList', 'epcClass'],
  ['childQuantityList', 'epcClass'],
  ['inputQuantityList', 'inputEPCClass'],
  ['outputQuantityList', 'outputEPCClass'],
];
const SENSOR_TEXTS = [
  'deviceID',
  'dataProcessingMethod',
  'bizRules',
  'microorganism',
  'chemicalSubstance',
  'stringValue',
  'hexBinaryValue',
  'uriValue',
];
const SENSOR_NUMBERS = ['value', 'minValue', 'maxValue', 'meanValue', 'sDev', 'percValue'];

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The row of a checked event. */
export function indexEvent(event: EpcisEvent): EventIndex {
  const json = event as unknown as Json;
  const entries = createEntries();
  for (const [list, name] of EPC_LISTS)
    for (const epc of texts(json[list])) entries.text(name, canonicalId(epc));
  if (json.parentID !== undefined)
    for (const id of texts(json.parentID)) entries.text('parentID', canonicalId(id));
  for (const [list, name] of CLASS_LISTS)
    for (const item of objects(json[list])) indexQuantity(entries, name, item);
  indexParties(entries, json);
  indexError(entries, json.errorDeclaration);
  for (const element of objects(json.sensorElementList)) indexSensor(entries, element);
  entries.extensions('', json);
  if (isObject(json.ilmd)) entries.extensions('ILMD_', json.ilmd);
  return {
    type: textOf(json.type),
    action: textOf(json.action),
    biz_step: shortName(textOf(json.bizStep)),
    disposition: shortName(textOf(json.disposition)),
    read_point: placeOf(json.readPoint),
    biz_location: placeOf(json.bizLocation),
    event_ms: timeOf(json.eventTime) ?? 0,
    ...entries.columns(),
  };
}

function placeOf(place: unknown): string {
  return isObject(place) ? canonicalId(textOf(place.id)) : '';
}

function timeOf(value: unknown): number | undefined {
  const time_ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time_ms) ? undefined : time_ms;
}

type Entries = ReturnType<typeof createEntries>;

function indexQuantity(entries: Entries, name: string, item: Json): void {
  entries.text(name, canonicalId(textOf(item.epcClass)));
  entries.number('quantity', item.quantity);
  if (typeof item.uom === 'string') entries.number(`quantity_${item.uom}`, item.quantity);
}

function indexParties(entries: Entries, json: Json): void {
  for (const item of objects(json.bizTransactionList))
    entries.text(
      `bizTransaction_${shortName(textOf(item.type))}`,
      canonicalId(textOf(item.bizTransaction)),
    );
  for (const item of objects(json.sourceList))
    entries.text(`source_${shortName(textOf(item.type))}`, canonicalId(textOf(item.source)));
  for (const item of objects(json.destinationList))
    entries.text(
      `destination_${shortName(textOf(item.type))}`,
      canonicalId(textOf(item.destination)),
    );
  if (typeof json.transformationID === 'string')
    entries.text('transformationID', json.transformationID);
  if (!isObject(json.persistentDisposition)) return;
  for (const name of ['set', 'unset'])
    for (const value of texts(json.persistentDisposition[name]))
      entries.text(`persistentDisposition_${name}`, shortName(value));
}

function indexError(entries: Entries, declaration: unknown): void {
  if (!isObject(declaration)) return;
  entries.number('errorDeclarationTime', timeOf(declaration.declarationTime));
  entries.text('errorReason', shortName(textOf(declaration.reason)));
  for (const id of texts(declaration.correctiveEventIDs)) entries.text('correctiveEventID', id);
  entries.extensions('ERROR_DECLARATION_', declaration);
}

function indexSensor(entries: Entries, element: Json): void {
  const metadata = isObject(element.sensorMetadata) ? element.sensorMetadata : {};
  entries.number('sensorElementList', 1);
  entries.extensions('SENSORELEMENT_', element);
  entries.extensions('SENSORMETADATA_', metadata);
  for (const part of [metadata, ...objects(element.sensorReport)]) {
    for (const name of ['time', 'startTime', 'endTime']) entries.number(name, timeOf(part[name]));
    for (const name of SENSOR_TEXTS)
      for (const value of texts(part[name])) entries.text(name, canonicalId(value));
  }
  for (const report of objects(element.sensorReport)) {
    entries.text('type', shortName(textOf(report.type)));
    if (typeof report.booleanValue === 'boolean')
      entries.text('booleanValue', String(report.booleanValue));
    entries.number('percRank', report.percRank);
    for (const name of SENSOR_NUMBERS) {
      entries.number(name, report[name]);
      if (typeof report.uom === 'string') entries.number(`${name}_${report.uom}`, report[name]);
    }
    entries.extensions('SENSORREPORT_', report);
  }
}

function createEntries() {
  const txt_names: string[] = [];
  const txt_values: string[] = [];
  const num_names: string[] = [];
  const num_values: number[] = [];
  const isFull = () => txt_names.length + num_names.length >= ENTRIES_MAX;

  function text(name: string, value: string): void {
    if (value === '' || isFull()) return;
    txt_names.push(name);
    txt_values.push(value);
  }
  function number(name: string, value: unknown): void {
    if (typeof value !== 'number' || !Number.isFinite(value) || isFull()) return;
    num_names.push(name);
    num_values.push(value);
  }
  function field(name: string, value: unknown): void {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === 'string') text(name, item);
      else if (typeof item === 'boolean') text(name, String(item));
      else if (typeof item === 'number') number(name, item);
      // A field that is there and holds no plain value exists all the same.
      else text(name, '{}');
      const time_ms = timeOf(item);
      if (typeof item === 'string' && /^\d{4}-\d\d-\d\dT/.test(item)) number(name, time_ms);
    }
  }
  /** Members whose name has a colon; what lies deeper is named INNER. */
  function extensions(scope: string, object: Json, inner = false): void {
    for (const [name, value] of Object.entries(object)) {
      if (name.includes(':')) field(`${inner ? 'INNER_' : ''}${scope}${name}`, value);
      const isOwn = name.includes(':') || inner;
      for (const part of isOwn ? (Array.isArray(value) ? value : [value]) : [])
        if (isObject(part)) extensions(scope, part, true);
    }
  }
  return {
    text,
    number,
    extensions,
    columns: () => ({ txt_names, txt_values, num_names, num_values }),
  };
}
