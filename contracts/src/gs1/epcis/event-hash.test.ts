import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkEvent } from './check-event.ts';
import { readEpcisContext } from './context.ts';
import { eventHash, preHash } from './event-hash.ts';

const CONTEXT = readEpcisContext({
  '@context': [
    'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
    {
      orchard: 'https://orchard.example/terms/',
      grove: { '@id': 'https://orchard.example/terms/' },
    },
  ],
});

const EVENT = {
  type: 'ObjectEvent',
  eventTime: '2026-07-03T00:00:00.000Z',
  eventTimeZoneOffset: '+08:00',
  action: 'ADD',
  epcList: [
    'https://id.gs1.org/01/06901234500004/21/A',
    'https://id.gs1.org/01/06901234500004/21/B',
  ],
  quantityList: [
    { epcClass: 'https://id.gs1.org/01/06901234500004/10/M-7', quantity: 12.5, uom: 'KGM' },
    { epcClass: 'https://id.gs1.org/01/06901234500004/10/M-8', quantity: 3 },
  ],
  bizStep: 'shipping',
  disposition: 'in_transit',
  persistentDisposition: { set: ['completeness_verified', 'conformant'] },
  readPoint: { id: 'https://id.gs1.org/414/6901234500011' },
  sourceList: [
    { type: 'location', source: 'https://id.gs1.org/414/6901234500011' },
    { type: 'owning_party', source: 'https://id.gs1.org/417/6901234500028' },
  ],
  sensorElementList: [
    {
      sensorMetadata: { startTime: '2026-07-01T00:00:00.000Z', 'orchard:seat': '2' },
      sensorReport: [{ type: 'Temperature', component: 'x', value: 3.5, uom: 'CEL' }],
      'orchard:shade': { 'orchard:of': ['1', '2'] },
    },
  ],
  'orchard:sugar': { 'orchard:unit': 'Brix', 'orchard:value': '13.5' },
};

type Json = unknown;

/** The same value with the members of every object and the entries of every list in another order. */
function shuffled(value: Json, random: () => number): Json {
  if (typeof value !== 'object' || value === null) return value;
  const order = <T>(items: T[]): T[] =>
    items
      .map((item) => [random(), item] as const)
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item);
  if (Array.isArray(value)) return order(value.map((entry) => shuffled(entry, random)));
  return Object.fromEntries(
    order(Object.entries(value).map(([key, entry]) => [key, shuffled(entry, random)] as const)),
  );
}

const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  shipping: ['cbv:BizStep-shipping', 'https://ref.gs1.org/cbv/BizStep-shipping'],
  in_transit: ['cbv:Disp-in_transit', 'https://ref.gs1.org/cbv/Disp-in_transit'],
  location: ['cbv:SDT-location'],
  Temperature: ['gs1:Temperature'],
  x: ['cbv:Comp-x'],
  '2026-07-03T00:00:00.000Z': [
    '2026-07-03T08:00:00+08:00',
    '2026-07-02T19:00:00.0004-05:00',
    ' 2026-07-03T00:00:00Z ',
  ],
  'https://id.gs1.org/01/06901234500004/21/A': [
    'urn:epc:id:sgtin:6901234.050000.A',
    'https://a.example/01/06901234500004/10/ANY/21/A?17=270101',
  ],
  'https://id.gs1.org/01/06901234500004/10/M-7': [
    'urn:epc:class:lgtin:6901234.050000.M-7',
    'https://a.example/gtin/06901234500004/lot/M-7',
  ],
  'https://id.gs1.org/414/6901234500011': ['urn:epc:id:sgln:6901234.50001.0'],
  'https://id.gs1.org/417/6901234500028': ['urn:epc:id:pgln:6901234.50002'],
  '13.5': ['+013.50', '1.35e1'],
  Brix: ['  Brix '],
};

function respelled(value: Json, random: () => number): Json {
  return JSON.parse(JSON.stringify(value), (_, entry: unknown) => {
    const others = typeof entry === 'string' ? (SPELLINGS[entry] ?? []) : [];
    const pick = Math.floor(random() * (others.length + 1));
    return others[pick] ?? entry;
  }) as Json;
}

const hashOf = (event: Json) => eventHash(checkSpelling(event), CONTEXT);
/** Blanks around a value are no part of it for the hash, but a check refuses some: only the type is needed here. */
const checkSpelling = (event: Json) => event as ReturnType<typeof checkEvent>;

const randomOf = (numbers: readonly number[]) => {
  let i = 0;
  return () => numbers[i++ % numbers.length]!;
};
const chance = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), {
  minLength: 7,
  maxLength: 61,
});

describe('hash id of an event', () => {
  it('is that of its text', () => {
    checkEvent(EVENT, CONTEXT);
    expect(preHash(checkSpelling(EVENT), CONTEXT)).toBe(
      'eventType=ObjectEventeventTime=2026-07-03T00:00:00.000ZeventTimeZoneOffset=+08:00' +
        'epcListepc=https://id.gs1.org/01/06901234500004/21/Aepc=https://id.gs1.org/01/06901234500004/21/B' +
        'quantityListquantityElementepcClass=https://id.gs1.org/01/06901234500004/10/M-7quantity=12.5uom=KGM' +
        'quantityElementepcClass=https://id.gs1.org/01/06901234500004/10/M-8quantity=3action=ADD' +
        'bizStep=https://ref.gs1.org/cbv/BizStep-shippingdisposition=https://ref.gs1.org/cbv/Disp-in_transit' +
        'persistentDispositionset=https://ref.gs1.org/cbv/Disp-completeness_verifiedset=https://ref.gs1.org/cbv/Disp-conformant' +
        'readPointid=https://id.gs1.org/414/6901234500011sensorElementListsensorElement' +
        'sensorMetadatastartTime=2026-07-01T00:00:00.000Z{https://orchard.example/terms/}seat=2' +
        'sensorReporttype=https://gs1.org/voc/Temperaturevalue=3.5component=https://ref.gs1.org/cbv/Comp-xuom=CEL' +
        '{https://orchard.example/terms/}shade{https://orchard.example/terms/}of=1{https://orchard.example/terms/}of=2' +
        'sourceListtype=https://ref.gs1.org/cbv/SDT-locationsource=https://id.gs1.org/414/6901234500011' +
        'type=https://ref.gs1.org/cbv/SDT-owning_partysource=https://id.gs1.org/417/6901234500028' +
        '{https://orchard.example/terms/}sugar{https://orchard.example/terms/}unit=Brix{https://orchard.example/terms/}value=13.5',
    );
    expect(hashOf(EVENT)).toMatch(/^ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0$/);
  });

  it('is the same whatever the order and the spelling', () => {
    const expected = hashOf(EVENT);
    fc.assert(
      fc.property(chance, (numbers) => {
        const random = randomOf(numbers);
        const other = respelled(shuffled(EVENT, random), random);
        expect(hashOf(other)).toBe(expected);
        const renamed = JSON.parse(
          JSON.stringify(other).replaceAll('"orchard:', '"grove:'),
        ) as Json;
        expect(hashOf(renamed)).toBe(expected);
      }),
    );
  });

  it('is the same whatever is said of the event later', () => {
    const later = {
      ...EVENT,
      eventID: 'urn:uuid:0',
      recordTime: '2026-08-01T00:00:00Z',
      errorDeclaration: { declarationTime: '2026-08-01T00:00:00Z', reason: 'incorrect_data' },
      'rdfs:comment': 'a remark',
    };
    checkEvent(later, CONTEXT);
    expect(hashOf(later)).toBe(hashOf(EVENT));
  });

  it('changes with every value', () => {
    const places: [path: (string | number)[], value: unknown][] = [];
    const walk = (value: unknown, path: (string | number)[]): void => {
      if (typeof value !== 'object' || value === null) places.push([path, value]);
      else for (const [key, entry] of Object.entries(value)) walk(entry, [...path, key]);
    };
    walk(EVENT, []);
    const hashes = places.map(([path, value]) => {
      const copy = structuredClone(EVENT) as unknown as Record<string | number, unknown>;
      const holder = path
        .slice(0, -1)
        .reduce((at, key) => at[key] as Record<string | number, unknown>, copy);
      holder[path.at(-1)!] = typeof value === 'number' ? value + 1 : `${String(value)}9`;
      return hashOf(copy);
    });
    expect(places.length).toBeGreaterThan(25);
    expect(new Set([...hashes, hashOf(EVENT)]).size).toBe(places.length + 1);
  });

  it('sorts by code points, which UTF-16 does not', () => {
    const event = { ...EVENT, 'orchard:sign': ['\u{1F34A}', '\uFF5E'] };
    expect(preHash(checkSpelling(event), CONTEXT)).toMatch(/sign=\uFF5E.*sign=\u{1F34A}/u);
  });

  it('leaves out the extensions that a document names, never a field of the standard', () => {
    const context = readEpcisContext(
      { 'orchard:ignoreFields': ['orchard:sugar', 'action', 7] },
      CONTEXT,
    );
    const { 'orchard:sugar': _, ...bare } = EVENT;
    expect(eventHash(checkSpelling(EVENT), context)).toBe(hashOf(bare));
  });
});
