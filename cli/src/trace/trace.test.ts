import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CliError } from '../errors.ts';
import { widthOf } from '../import/screen.ts';
import { toE7 } from '../run/position.ts';
import { amountText, percentOf, sumsText } from './amounts.ts';
import { jsonLines } from './lines.ts';
import { traceStart } from './source.ts';
import { fitted, traceHeading, traceLine } from './table.ts';

const GTIN = '09520000000202';

describe('what a trace begins with', () => {
  test.each([
    [`${GTIN}/A/1`, `trace/lots/${GTIN}/A%2F1`],
    [`/01/${GTIN}/10/A%2F1`, `trace/lots/${GTIN}/A%2F1`],
    [`http://h.example:8080/01/${GTIN}/10/A/21/S`, `trace/units/${GTIN}/A/S`],
    ['place:9520000000028', 'trace/places/9520000000028'],
    ['device:XH-A1-T1', 'trace/devices/XH-A1-T1'],
    ['account:mill', 'trace/accounts/mill'],
    [`document:${'ab'.repeat(32)}`, `trace/documents/${'ab'.repeat(32)}`],
  ])('%s', (text, path) => {
    expect(traceStart(text)).toMatchObject({ path });
  });

  test.each([
    '',
    'x',
    `${GTIN}/`,
    '09520000000203/A',
    'place:952',
    'constructor:x',
    'document:AB',
    `/01/${GTIN}`,
    'http://',
    'account:../x',
  ])('%j is refused in words', (text) => {
    let error: unknown;
    try {
      traceStart(text);
    } catch (thrown) {
      error = thrown;
    }
    const coded =
      error instanceof CliError || /\//.test(String((error as { code?: string })?.code));
    expect(coded).toBe(true);
  });
});

describe('amounts', () => {
  test('are exact', () => {
    expect([0, 999, 1000, 1_234_567, 1_000_500].map((g) => amountText(g, 'g'))).toEqual([
      '0 g',
      '999 g',
      '1 kg',
      '1,234.567 kg',
      '1,000.5 kg',
    ]);
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (g) => {
        const [, whole = '', part = '', unit = ''] =
          /^([\d,]+)(?:\.(\d+))? (k?g)$/.exec(amountText(g, 'g')) ?? [];
        const digits = whole.replaceAll(',', '') + (unit === 'kg' ? part.padEnd(3, '0') : '');
        expect(Number(digits)).toBe(g);
      }),
    );
    expect(sumsText({ g: 1500, count: 1200 })).toBe('1.5 kg + 1,200 pcs');
  });

  test('a share is 100 only when all is there', () => {
    expect(percentOf({ g: 999, count: 0 }, { g: 1000, count: 0 })).toBe(99);
    expect(percentOf({ g: 0, count: 0 }, { g: 0, count: 0 })).toBe(100);
  });
});

test('a row takes 80 columns, whatever stands in it', () => {
  const line = {
    relation: 'seed',
    lot: 'L',
    product: '新会陈皮二十年老字号礼盒装',
    made: '1',
    left: '2',
  };
  for (const text of [...traceHeading(), traceLine({ ...line, holder: 'a'.repeat(63) })])
    expect(widthOf(text)).toBeLessThanOrEqual(80);
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.integer({ min: 2, max: 30 }),
      (text, width) => {
        expect(widthOf(fitted(text, width))).toBe(width);
      },
    ),
  );
  expect(fitted('a\u001b[2Jb', 10)).not.toContain('\u001b');
});

test('lines of JSON come whole, however they are cut', async () => {
  const rows = [{ a: '陈皮' }, { b: 2 }];
  const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const read = async (pieces: Iterable<Uint8Array>) => {
    const found: unknown[] = [];
    const source = (async function* () {
      yield* pieces;
    })();
    for await (const line of jsonLines(source)) found.push(line);
    return found;
  };
  for (let cut = 0; cut <= bytes.length; cut++)
    expect(await read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(rows);
  await expect(read([Buffer.from('<html>\n')])).rejects.toThrow(/not what a Suyuan node sends/);
  await expect(read([Buffer.alloc(2_000_000, 0x20)])).rejects.toThrow(/not what a Suyuan node/);
});

test('degrees are read digit by digit', () => {
  expect(toE7('22.4582310', '--lat', 90)).toBe(224_582_310);
  expect(toE7('-0.0000001', '--lon', 180)).toBe(-1);
  expect(Object.is(toE7('-0', '--lat', 90), 0)).toBe(true);
  for (const text of ['90.0000001', '1e1', '', '22,4', '1.12345678', 'NaN'])
    expect(() => toE7(text, '--lat', 90), text).toThrow(CliError);
});
