// The fields of EPCIS events and what each may hold (EPCIS 2.0 §7.3, §7.4; names and forms as in the official JSON Schema).

import {
  anything,
  boolean,
  type Check,
  type Fields,
  isRecord,
  isUri,
  list,
  matching,
  number,
  object,
  oneOf,
  standardWord,
  text,
  time,
  uri,
} from './checks.ts';

/** A `@context`: the address of one, prefixes, or a list of both. */
export const ldContext: Check = (value, path, { report }) => {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!entries.every((entry) => isUri(entry) || isRecord(entry))) {
    report(path, 'A @context is a URI, an object of prefixes, or a list of these.');
  } else if (new Set(entries.map((entry) => JSON.stringify(entry))).size < entries.length) {
    report(path, 'An entry of this list comes twice.');
  }
};

const quantity = object(
  {
    epcClass: uri,
    quantity: number,
    uom: matching(/^[A-Z0-9]{2,3}$/, 'A unit of measure is a code of 2 or 3 characters, as KGM.'),
  },
  { required: ['epcClass'], others: 'none' },
);
const place = object({ id: uri }, { required: ['id'], others: 'any' });

const pair = (value: string, list: string, required: readonly string[]): Check =>
  object({ type: standardWord(`${list}/type`), [value]: uri }, { required, others: 'none' });

const errorDeclaration = object(
  {
    declarationTime: time,
    reason: standardWord('errorDeclaration/reason'),
    correctiveEventIDs: list(uri),
  },
  { required: ['declarationTime'] },
);

const SENSOR_LINKS: Fields = {
  deviceID: uri,
  deviceMetadata: uri,
  rawData: uri,
  dataProcessingMethod: uri,
  bizRules: uri,
  time,
};
const sensorElement = object(
  {
    sensorMetadata: object({ ...SENSOR_LINKS, startTime: time, endTime: time }),
    sensorReport: list(
      object(
        {
          ...SENSOR_LINKS,
          type: standardWord('sensorElementList/sensorReport/type'),
          exception: standardWord('sensorElementList/sensorReport/exception'),
          component: standardWord('sensorElementList/sensorReport/component'),
          microorganism: uri,
          chemicalSubstance: uri,
          coordinateReferenceSystem: uri,
          stringValue: text,
          booleanValue: boolean,
          hexBinaryValue: matching(/^[A-Fa-f0-9]+$/, 'This must be hexadecimal digits.'),
          uriValue: uri,
          uom: text,
          value: number,
          minValue: number,
          maxValue: number,
          meanValue: number,
          sDev: number,
          percRank: number,
          percValue: number,
        },
        { required: ['type'] },
      ),
      { min: 1 },
    ),
  },
  { required: ['sensorReport'] },
);

const certificationInfo: Check = (value, path, inspection) =>
  (Array.isArray(value) ? list(uri) : uri)(value, path, inspection);

/** What every event has, whatever its type. */
export const EVENT_FIELDS: Fields = {
  '@context': ldContext,
  type: anything,
  eventTime: time,
  recordTime: time,
  eventTimeZoneOffset: matching(
    /^[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)$/,
    'A time zone offset is written as +08:00.',
  ),
  eventID: uri,
  certificationInfo,
  errorDeclaration,
};

/** Why, when, where, how: what each of the five kinds has. */
export const STEP_FIELDS: Fields = {
  bizStep: standardWord('bizStep'),
  disposition: standardWord('disposition'),
  readPoint: place,
  bizLocation: place,
  bizTransactionList: list(pair('bizTransaction', 'bizTransactionList', ['bizTransaction'])),
  sourceList: list(pair('source', 'sourceList', ['type', 'source'])),
  destinationList: list(pair('destination', 'destinationList', ['type', 'destination'])),
  sensorElementList: list(sensorElement),
};

export const action = oneOf('OBSERVE', 'ADD', 'DELETE');
export const ilmd = object({});
export const epcs = list(uri);
export const distinctEpcs = list(uri, { unique: true });
export const quantities = list(quantity);

const setOfDispositions = (name: string): Check =>
  list(standardWord(`persistentDisposition/${name}`), { min: 1, unique: true });
export const persistentDisposition: Check = (value, path, inspection) => {
  const fields = { set: setOfDispositions('set'), unset: setOfDispositions('unset') };
  object(fields, { others: 'none' })(value, path, inspection);
  if (isRecord(value) && !Object.hasOwn(value, 'set') && !Object.hasOwn(value, 'unset')) {
    inspection.report(path, 'Say which dispositions are set or unset.');
  }
};
