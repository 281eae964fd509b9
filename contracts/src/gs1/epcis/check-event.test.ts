import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkEvent, eventProblems } from './check-event.ts';
import { EMPTY_CONTEXT, readEpcisContext } from './context.ts';
import { eventHash } from './event-hash.ts';
import { envelopeProblems, readEpcisDocument, readEpcisEnvelope } from './read-document.ts';

const EVENT = {
  type: 'ObjectEvent',
  eventTime: '2026-07-03T08:00:00+08:00',
  eventTimeZoneOffset: '+08:00',
  action: 'OBSERVE',
  epcList: ['urn:epc:id:sgtin:6901234.050000.A'],
};
const CONTEXT = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld';
const DOCUMENT = {
  '@context': [CONTEXT],
  type: 'EPCISDocument',
  schemaVersion: '2.0',
  creationDate: '2026-07-03T09:00:00Z',
  epcisBody: { eventList: [EVENT] },
};

describe('an event', () => {
  it('is given back as it is when it is valid', () => {
    expect(checkEvent(EVENT)).toBe(EVENT);
    expect(eventProblems(EVENT)).toEqual([]);
    const own = { ...EVENT, type: 'orchard:Picking', anything: 1 };
    expect(checkEvent(own)).toBe(own);
  });

  it.each([
    ['action', { action: 'CREATE' }, '/action'],
    ['unknown step', { bizStep: 'transforming' }, '/bizStep'],
    [
      'unknown step in the namespace of CBV',
      { bizStep: 'https://ref.gs1.org/cbv/BizStep-x' },
      '/bizStep',
    ],
    ['the same as a compact name', { bizStep: 'cbv:BizStep-x' }, '/bizStep'],
    ['written-out URN', { disposition: 'urn:epcglobal:cbv:disp:active' }, '/disposition'],
    [
      'quantity as text',
      { quantityList: [{ epcClass: 'urn:a:b', quantity: '2' }] },
      '/quantityList/0/quantity',
    ],
    ['an EPC twice', { epcList: ['urn:a:b', 'urn:a:b'] }, '/epcList'],
    ['unknown field', { harvest: 1 }, '/harvest'],
    ['ilmd without ADD', { ilmd: { 'orchard:x': 1 } }, ''],
    ['date', { eventTime: '22-07-2026' }, '/eventTime'],
    ['certificates as objects', { certificationInfo: [{}] }, '/certificationInfo/0'],
    ['empty disposition sets', { persistentDisposition: {} }, '/persistentDisposition'],
    [
      'sensor element without report',
      { sensorElementList: [{}] },
      '/sensorElementList/0/sensorReport',
    ],
    ['number beyond range', { 'orchard:x': Number.POSITIVE_INFINITY }, ''],
    ['half a character', { 'orchard:x': '\ud800' }, ''],
    ['no object', { epcList: undefined, quantityList: [] }, '/epcList'],
  ])('is refused for: %s', (_, change, path) => {
    const event = { ...EVENT, ...change };
    expect(() => checkEvent(event)).toThrowError(
      expect.objectContaining({
        code: 'epcis/invalid-event',
        details: expect.objectContaining({ path }),
      }),
    );
  });

  it.each([null, [], 'x', 7, {}, { type: null }, { type: 'Event' }, { type: '__proto__' }])(
    'is not %j',
    (value) => {
      expect(eventProblems(value).length).toBeGreaterThan(0);
    },
  );

  it('names a place in its document, and few problems of many', () => {
    const epcList = Array.from({ length: 50 }, (_, i) => `not a uri ${i}`);
    expect(eventProblems({ ...EVENT, epcList }).length).toBe(16);
    expect(() => checkEvent({ ...EVENT, epcList }, EMPTY_CONTEXT, '/x/3')).toThrowError(
      expect.objectContaining({ details: { path: '/x/3/epcList/0', problems: 16 } }),
    );
  });

  it('may not be nested without end', () => {
    const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as unknown;
    expect(eventProblems({ ...EVENT, 'orchard:x': deep })).toEqual([
      { path: '', message: 'Nested deeper than 32 levels.' },
    ]);
  });

  it('never throws anything but its code, and what passes can be hashed', () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    const fields = fc.dictionary(
      fc.constantFrom(
        'orchard:x',
        'bizStep',
        'ilmd',
        'action',
        'sensorElementList',
        'readPoint',
        '__proto__',
        'type',
      ),
      json,
    );
    let passed = 0;
    fc.assert(
      fc.property(fields, (change) => {
        const event = { ...EVENT, ...change };
        if (eventProblems(event).length > 0) return;
        passed++;
        expect(eventHash(checkEvent(event), EMPTY_CONTEXT)).toMatch(/^ni:/);
      }),
    );
    expect(passed).toBeGreaterThan(0);
  });
});

describe('a document', () => {
  it('is read with its events and prefixes', () => {
    const read = readEpcisDocument({
      ...DOCUMENT,
      '@context': [CONTEXT, { o: 'https://o.example/' }],
    });
    expect(read.kind).toBe('EPCISDocument');
    expect(read.events).toEqual([EVENT]);
    expect(read.context.prefixes.get('o')).toBe('https://o.example/');
    expect(read.context.prefixes.get('cbv')).toBe('https://ref.gs1.org/cbv/');
  });

  it('may be one event with a context of its own', () => {
    const event = { '@context': CONTEXT, ...EVENT };
    expect(readEpcisDocument(event)).toMatchObject({ kind: 'event', events: [event] });
    expect(() => readEpcisDocument(EVENT)).toThrowError(
      expect.objectContaining({ code: 'epcis/invalid-document' }),
    );
  });

  it('can be read without its events', () => {
    const head = { ...DOCUMENT, epcisBody: { eventList: [] } };
    expect(readEpcisEnvelope(head).kind).toBe('EPCISDocument');
    // Whatever stands in the list: it is looked at one by one.
    expect(envelopeProblems({ ...DOCUMENT, epcisBody: { eventList: [null, 7] } })).toEqual([]);
  });

  it.each([
    ['no context', { '@context': undefined }],
    ['odd version', { schemaVersion: 'two' }],
    ['unknown field', { notes: '' }],
    ['no body', { epcisBody: [] }],
    ['no list', { epcisBody: { eventList: {} } }],
    ['query document of that body', { type: 'EPCISQueryDocument' }],
    ['odd header', { epcisHeader: { epcisMasterData: { vocabularyList: [{}] } } }],
  ])('is refused for: %s', (_, change) => {
    expect(() => readEpcisDocument({ ...DOCUMENT, ...change })).toThrowError(
      expect.objectContaining({ code: 'epcis/invalid-document' }),
    );
  });

  it('names the event that is wrong, and does not take too many', () => {
    const epcisBody = { eventList: [EVENT, { ...EVENT, action: 'X' }] };
    expect(() => readEpcisDocument({ ...DOCUMENT, epcisBody })).toThrowError(
      /^\/epcisBody\/eventList\/1\/action: /,
    );
    expect(() => readEpcisDocument({ ...DOCUMENT, epcisBody }, { eventsMax: 1 })).toThrowError(
      expect.objectContaining({ code: 'epcis/too-many-events' }),
    );
  });

  it('brings at most 256 prefixes', () => {
    const many = Object.fromEntries(
      Array.from({ length: 900 }, (_, i) => [`p${i}`, 'https://p.example/']),
    );
    expect(readEpcisContext({ '@context': many }).prefixes.size).toBeLessThan(300);
  });
});
