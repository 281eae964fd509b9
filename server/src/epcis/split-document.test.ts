import { AppError } from '@suyuan/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSplitter, type SplitterOptions } from './split-document.ts';

/** Pushes the text in chunks of `size` bytes. */
function split(text: string, size = 7, options: SplitterOptions = {}) {
  const bytes = new TextEncoder().encode(text);
  const splitter = createSplitter(options);
  const events: string[] = [];
  for (let at = 0; at < bytes.length; at += size)
    events.push(...splitter.push(bytes.subarray(at, at + size)));
  const { envelope, hasList } = splitter.end();
  return { events: events.map((event) => JSON.parse(event) as unknown), envelope, hasList };
}

function codeOf(text: string, options: SplitterOptions = {}): string | undefined {
  try {
    split(text, 7, options);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

/** Texts with all that could be taken for structure. */
const text = fc.string({
  unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', 'é', '😀', 'a', '\n'),
});
const json = fc.letrec<{ value: unknown; object: object }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.constant(null),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  object: fc.dictionary(
    text.filter((name) => name !== '__proto__'),
    tie('value'),
    { maxKeys: 3 },
  ),
}));

describe('the splitter', () => {
  it('takes the same events out as JSON.parse, at any cut', () => {
    fc.assert(
      fc.property(
        fc.array(json.object, { maxLength: 5 }),
        json.object,
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 2 }),
        (events, extra, size, query, indent) => {
          const list = { eventList: events };
          const document = {
            'x:y': extra,
            epcisBody: query ? { queryResults: { resultsBody: list } } : list,
            '@context': [{ eventList: [1] }],
          };
          const found = split(JSON.stringify(document, null, indent), size);
          expect(found.events).toEqual(events);
          expect([found.hasList, found.events.length]).toEqual([true, events.length]);
          const empty = { eventList: [] };
          expect(found.envelope).toEqual({
            ...document,
            epcisBody: query ? { queryResults: { resultsBody: empty } } : empty,
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads names that are spelled with escapes, and leaves other lists alone', () => {
    expect(split('{"epcisBody":{"event\\u004cist":[{"a":1}]}}').events).toEqual([{ a: 1 }]);
    const other = split('{"epcisBody":{"list":[{"eventList":[{}]}]},"eventList":[{}]}');
    expect([other.events, other.hasList]).toEqual([[], false]);
  });

  it.each([
    ['nothing', ''],
    ['a cut in an event', '{"epcisBody":{"eventList":[{"a":'],
    ['a cut in the list', '{"epcisBody":{"eventList":[{}'],
    ['a cut in the envelope', '{"epcisBody":{"eventList":[]}'],
    ['two lists', '{"epcisBody":{"eventList":[],"eventList":[]}}'],
    ['no comma', '{"epcisBody":{"eventList":[{}{}]}}'],
    ['a comma too many', '{"epcisBody":{"eventList":[{},]}}'],
    ['a comma first', '{"epcisBody":{"eventList":[,{}]}}'],
    ['a number as event', '{"epcisBody":{"eventList":[1]}}'],
    ['a list as event', '{"epcisBody":{"eventList":[[]]}}'],
    ['text behind the end', '{} {}'],
    ['no JSON between', '{"epcisBody":{"eventList":[{}]},nonsense}'],
    ['too deep an event', `{"epcisBody":{"eventList":[{"a":${'['.repeat(70)}${']'.repeat(70)}}]}}`],
    ['too deep an envelope', `${'['.repeat(70)}${']'.repeat(70)}`],
  ])('refuses %s', (_, given) => {
    expect(codeOf(given)).toBe('epcis/bad-json');
  });

  it('refuses bytes that are no UTF-8', () => {
    const splitter = createSplitter();
    const bytes = new TextEncoder().encode('{"epcisBody":{"eventList":[{"a":"?"}]}}');
    bytes[bytes.indexOf(0x3f)] = 0xff;
    expect(() => splitter.push(bytes)).toThrow(AppError);
  });

  it('holds no more than it may', () => {
    const document = (inner: string) => `{"epcisBody":{"eventList":[${inner}]}}`;
    expect(codeOf(document('{},{},{}'), { eventsMax: 2 })).toBe('epcis/too-large');
    expect(codeOf(document(`{"a":"${'x'.repeat(9_000)}"}`), { eventBytesMax: 8_192 })).toBe(
      'epcis/too-large',
    );
    expect(codeOf(`{"a":"${'x'.repeat(9_000)}"}`, { envelopeBytesMax: 8_192 })).toBe(
      'epcis/too-large',
    );
  });

  it('breaks with a coded error only', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'{}[]",:\\ea1 ', 'epcisBody', '"eventList":[') }),
        (given) => {
          codeOf(`{"epcisBody":{${given}`);
        },
      ),
      { numRuns: 300 },
    );
  });
});
