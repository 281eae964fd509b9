import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../errors.ts';
import { AI_TABLE } from './ai-table.ts';
import { type AiElement, assertAiValue } from './ai-value.ts';
import { buildDigitalLink } from './build-digital-link.ts';
import { canonicalDigitalLink } from './canonical.ts';
import { CHARSET_82, checkDigit } from './check-digit.ts';
import { parseDigitalLink } from './digital-link.ts';
import { parseElementString, toElementString } from './element-string.ts';
import { epcUrnToElements } from './epc-urn.ts';

const GTIN = '06901234567892';
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (isAppError(error, 'gs1')) return error.code;
    throw error;
  }
  return 'accepted';
};

const text82 = (maxLength: number) =>
  fc
    .array(fc.constantFrom(...CHARSET_82), { minLength: 1, maxLength })
    .map((chars) => chars.join(''));
const gtin = fc
  .array(fc.nat(9), { minLength: 13, maxLength: 13 })
  .map((digits) => `${digits.join('')}${checkDigit(digits.join(''))}`);

describe('parseDigitalLink', () => {
  it('takes a link apart', () => {
    const link = parseDigitalLink(
      `https://t.example:8443/zh/q/01/${GTIN}/10/A%2F1/21/7?15=281130&utm=%E9%99%88&flag#top`,
    );
    expect(link).toMatchObject({
      key: { ai: '01', value: GTIN },
      qualifiers: [
        { ai: '10', value: 'A/1' },
        { ai: '21', value: '7' },
      ],
      attributes: [{ ai: '15', value: '281130' }],
      otherQuery: [
        ['utm', '陈'],
        ['flag', ''],
      ],
      stem: 'https://t.example:8443/zh/q',
    });
    expect(link.elementString()).toBe(`^01${GTIN}10A/1^217^15281130`);
  });

  it('pads a GTIN-13, and shorter ones only when told', () => {
    expect(parseDigitalLink('https://a/01/6901234567892').key.value).toBe(GTIN);
    expect(codeOf(() => parseDigitalLink('https://a/01/614141000036'))).toBe('gs1/bad-value');
    const options = { gtinLengths: [8, 12, 13, 14] as const };
    expect(parseDigitalLink('https://a/01/614141000036', options).key.value).toBe('00614141000036');
    expect(
      codeOf(() => parseDigitalLink('https://a/01/6901234567892', { gtinLengths: [14] })),
    ).toBe('gs1/bad-value');
  });

  it('keeps a query that is not ours as it is, broken or not', () => {
    const { otherQuery } = parseDigitalLink(`https://a/01/${GTIN}?x=100%&__proto__=1&a+b=c+d`);
    expect(otherQuery).toEqual([
      ['x', '100%'],
      ['__proto__', '1'],
      ['a b', 'c d'],
    ]);
  });

  it.each([
    ['', 'gs1/not-a-digital-link'],
    ['ftp://a/01/06901234567892', 'gs1/not-a-digital-link'],
    ['javascript://a/01/06901234567892', 'gs1/not-a-digital-link'],
    ['https://user:pw@a/01/06901234567892', 'gs1/not-a-digital-link'],
    ['https:///01/06901234567892', 'gs1/not-a-digital-link'],
    ['https://a/constructor/06901234567892', 'gs1/not-a-digital-link'],
    ['https://a/01/06901234567892/', 'gs1/not-a-digital-link'],
    ['https://a/01/06901234567892 ', 'gs1/not-a-digital-link'],
    ['https://a/01/０6901234567892', 'gs1/not-a-digital-link'],
    [`https://a/${'x/'.repeat(4096)}01/06901234567892`, 'gs1/not-a-digital-link'],
    ['https://a/01/06901234567893', 'gs1/bad-value'],
    ['https://a/01/06901234567892/10/%00', 'gs1/bad-value'],
    ['https://a/01/06901234567892/10/%E9%99%88', 'gs1/bad-value'],
    ['https://a/01/06901234567892/10/', 'gs1/bad-value'],
    [`https://a/01/06901234567892/10/${'A'.repeat(21)}`, 'gs1/bad-value'],
    ['https://a/01/06901234567892/10/%4', 'gs1/bad-percent-encoding'],
    ['https://a/01/06901234567892/21/1/10/A', 'gs1/bad-qualifiers'],
    ['https://a/01/06901234567892/10/A/10/A', 'gs1/bad-qualifiers'],
    ['https://a/01/06901234567892/10/A/235/B', 'gs1/bad-qualifiers'],
    ['https://a/01/06901234567892/99/A', 'gs1/bad-qualifiers'],
    ['https://a/01/06901234567892/xy/A', 'gs1/unknown-ai'],
    ['https://a/01/06901234567892?10=A', 'gs1/belongs-in-path'],
    ['https://a/01/06901234567892?8200=A', 'gs1/not-an-attribute'],
    ['https://a/01/06901234567892?99=A&99=A', 'gs1/duplicate-ai'],
    ['https://a/01/06901234567892?01=06901234567892', 'gs1/duplicate-ai'],
    ['https://a/01/06901234567892?999=A', 'gs1/unknown-ai'],
    ['https://a/01/06901234567892?15=280230', 'gs1/bad-value'],
    ['https://a/01/06901234567892?99=A+B', 'gs1/bad-value'],
    [`https://a/01/06901234567892?${'a&'.repeat(100)}`, 'gs1/not-a-digital-link'],
  ])('refuses %s', (uri, code) => {
    expect(codeOf(() => parseDigitalLink(uri))).toBe(code);
  });

  it('never throws anything but a coded error', () => {
    const piece = fc.constantFrom(
      ...[
        'https://',
        'HTTP://',
        'a',
        '/',
        '/01/',
        GTIN,
        '/10/',
        '/21/',
        '?',
        '&',
        '=',
        '%',
        '%2',
        '#',
      ],
      ...['99', '__proto__', '\u0000', '陈', '(01)', '\\(', '\\', 'urn:epc:id:sgtin:', '.', '*'],
    );
    const soup = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
      fc.array(piece, { maxLength: 8 }).map((p) => `https://a/01/${GTIN}${p.join('')}`),
      fc.array(piece, { maxLength: 8 }).map((p) => `urn:epc:id:cpi:6901234.${p.join('')}`),
    );
    fc.assert(
      fc.property(soup, (text) => {
        codeOf(() => parseDigitalLink(text, { alphas: true, unknownAis: true }));
        codeOf(() => canonicalDigitalLink(text));
        codeOf(() => epcUrnToElements(text));
        codeOf(() => buildDigitalLink(parseElementString(text), { stem: text }));
      }),
      { numRuns: 500 },
    );
  });
});

describe('buildDigitalLink', () => {
  it('orders key, qualifiers and attributes', () => {
    const elements = parseElementString(`(99)x(21)7(01)${GTIN}(10)A\\(1)(15)281130`);
    expect(buildDigitalLink(elements, { stem: 'https://a/zh/' })).toBe(
      `https://a/zh/01/${GTIN}/10/A%281%29/21/7?15=281130&99=x`,
    );
  });

  it.each<[AiElement[], string, string]>([
    [[{ ai: '10', value: 'A' }], 'https://a', 'gs1/no-key'],
    [[{ ai: '01', value: '1' }], 'https://a', 'gs1/bad-value'],
    [[{ ai: '01', value: GTIN }], 'https://a?x', 'gs1/bad-stem'],
    [[{ ai: '01', value: GTIN }], 'javascript:x', 'gs1/bad-stem'],
    [
      [
        { ai: '01', value: GTIN },
        { ai: '10', value: 'A' },
        { ai: '10', value: 'B' },
      ],
      'https://a',
      'gs1/duplicate-ai',
    ],
    [
      [
        { ai: '01', value: GTIN },
        { ai: '22', value: 'A' },
        { ai: '235', value: 'B' },
      ],
      'https://a',
      'gs1/not-an-attribute',
    ],
  ])('refuses %j under %s', (elements, stem, code) => {
    expect(codeOf(() => buildDigitalLink(elements, { stem }))).toBe(code);
  });

  it('writes what parseDigitalLink reads, for any lot, serial and attribute', () => {
    fc.assert(
      fc.property(gtin, text82(20), text82(20), text82(90), (key, lot, serial, note) => {
        const elements = [
          { ai: '01', value: key },
          { ai: '10', value: lot },
          { ai: '21', value: serial },
          { ai: '99', value: note },
        ];
        const uri = buildDigitalLink(elements, { stem: 'https://a/01/x' });
        const link = parseDigitalLink(uri);
        expect([link.key, ...link.qualifiers, ...link.attributes]).toEqual(elements);
        expect(link.stem).toBe('https://a/01/x');
        expect(link.elementString()).toBe(toElementString(elements));
        expect(buildDigitalLink(elements)).toBe(
          uri.replace('https://a/01/x', 'https://id.gs1.org'),
        );
        expect(canonicalDigitalLink(uri)).toBe(
          buildDigitalLink(elements.filter(({ ai }) => ai === '01' || ai === '21')),
        );
      }),
    );
  });
});

describe('canonicalDigitalLink', () => {
  it.each([
    ['urn:epc:id:sgln:9521321.00001.0', 'https://id.gs1.org/414/9521321000018'],
    ['urn:epc:id:pgln:999999999999.', 'https://id.gs1.org/417/9999999999994'],
    ['urn:epc:id:gsin:4012345.222333444', 'https://id.gs1.org/402/40123452223334442'],
    ['urn:epc:id:giai:6901234.SENSOR.7', 'https://id.gs1.org/8004/6901234SENSOR.7'],
    [
      'urn:epc:id:itip:4012345.011111.01.02.987',
      'https://id.gs1.org/8006/040123451111180102/21/987',
    ],
    ['urn:epc:idpat:sgtin:4012345.012345.*', 'https://id.gs1.org/01/04012345123456'],
    [`https://a/gtin/6901234567892/lot/A?8200=no`, `https://id.gs1.org/01/${GTIN}/10/A`],
  ])('spells %s', (text, canonical) => {
    expect(canonicalDigitalLink(text)).toBe(canonical);
  });

  it.each([
    'urn:epc:id:gid:1.2.3',
    'urn:epc:id:sgtin:4012345.012345',
    'urn:epc:id:sgtin:4012345.0123456.1',
    'urn:epc:id:lgtin:4012345.012345.1',
    'urn:epc:class:sgtin:4012345.012345.1',
    'urn:epc:id:sgln:9521321.00001',
    'urn:epc:idpat:sgtin:4012345.012345.7',
    'urn:epc:idpat:sgtin:4012345.*.*',
    'urn:epc:id:constructor:4012345.1.1',
    'urn:uuid:0',
  ])('refuses %s', (text) => {
    expect(codeOf(() => canonicalDigitalLink(text))).toMatch(/^gs1\//);
  });
});

describe('the table of Application Identifiers', () => {
  it('has every AI once, all 2 to 4 digits', () => {
    expect(AI_TABLE.size).toBeGreaterThan(500);
    for (const [ai, { parts }] of AI_TABLE) {
      expect(ai).toMatch(/^\d{2,4}$/);
      expect(parts.length, ai).toBeGreaterThan(0);
    }
  });

  it.each([
    ['13', '000229', 'accepted'],
    ['13', '010229', 'gs1/bad-value'],
    ['15', '281100', 'accepted'],
    ['7006', '281100', 'gs1/bad-value'],
    ['253', '4602443000331XYZ', 'accepted'],
    ['253', '4602443000332XYZ', 'gs1/bad-value'],
    ['8003', '14012345999990', 'gs1/bad-value'],
    ['8006', '040123451234560302', 'gs1/bad-value'],
    ['8007', 'GB82WEST12345698765432', 'accepted'],
    ['8007', 'GB82WEST12345698765433', 'gs1/bad-value'],
    ['8008', '2811302', 'gs1/bad-value'],
    ['8008', '28113023', 'accepted'],
    ['8008', '281130235960', 'gs1/bad-value'],
    ['8013', '1987654Ad4X4bL5ttr2310c2K', 'accepted'],
    ['4309', '02790858483015297971', 'accepted'],
    ['4309', '99990858483015297971', 'gs1/bad-value'],
    ['4330', '001234-', 'accepted'],
    ['4330', '001234+', 'gs1/bad-value'],
    ['7258', '2/1', 'gs1/bad-value'],
    ['8011', '01', 'gs1/bad-value'],
    ['4300', 'A%2', 'gs1/bad-value'],
    ['8010', 'abc', 'gs1/bad-value'],
    ['423', '156156', 'accepted'],
    ['423', '15615', 'gs1/bad-value'],
  ])('(%s) %s is %s', (ai, value, code) => {
    expect(codeOf(() => assertAiValue(ai, value))).toBe(code);
  });
});
