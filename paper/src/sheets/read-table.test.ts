import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@suyuan/contracts';
import exceljs from 'exceljs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawWorkbook } from '../testing/workbooks.ts';
import { cellInteger, cellTime, timeZone } from './cell-values.ts';
import { readTable } from './read-table.ts';

type Fill = (sheet: exceljs.Worksheet, book: exceljs.Workbook) => void;

async function book(fill: Fill): Promise<Uint8Array> {
  const workbook = new exceljs.Workbook();
  fill(workbook.addWorksheet('批次'), workbook);
  return new Uint8Array(await workbook.xlsx.writeBuffer());
}

const csv = (text: string | Uint8Array, limits = {}) =>
  readTable(typeof text === 'string' ? Buffer.from(text) : text, { format: 'csv', limits });
const xlsx = (bytes: Uint8Array, limits = {}) => readTable(bytes, { format: 'xlsx', limits });
const texts = (cells: readonly { kind: string; text?: string }[]) => cells.map((c) => c.text ?? '');
const row = (n: number, ...cells: string[]) => `<row r="${n}">${cells.join('')}</row>`;
const inline = (ref: string, text: string) =>
  `<c r="${ref}" t="inlineStr"><is><t>${text}</t></is></c>`;
const HEADER = row(1, inline('A1', 'lot'), inline('B1', 'mass'));

describe('a workbook', () => {
  it('gives header, rows with their numbers, and cells as what they are', async () => {
    const table = await xlsx(
      await book((sheet) => {
        sheet.addRow(['2025 年采收登记表']);
        sheet.addRow([]);
        sheet.addRow(['批次号', '净重 kg', '采收日期', '有机', '备注']);
        sheet.addRow(['CP-01', 12.3, new Date(Date.UTC(2025, 10, 30)), true, '茶枝柑 & <二红皮>']);
        sheet.addRow([]);
        sheet.addRow(['00123', 0.1 + 0.2, new Date(Date.UTC(2025, 11, 1, 8, 30)), false]);
        sheet.getCell('E6').value = {
          richText: [{ text: '大' }, { text: '红皮', font: { bold: true } }],
        };
      }),
    );
    expect(table.header).toEqual(['批次号', '净重 kg', '采收日期', '有机', '备注']);
    expect(table.headerRow).toBe(3);
    expect(table.rows.map(({ number }) => number)).toEqual([4, 6]);
    expect(table.rows[0]!.cells.map(({ kind }) => kind)).toEqual([
      'text',
      'number',
      'date',
      'boolean',
      'text',
    ]);
    expect(texts(table.rows[0]!.cells)).toEqual([
      'CP-01',
      '12.3',
      '2025-11-30',
      'true',
      '茶枝柑 & <二红皮>',
    ]);
    expect(texts(table.rows[1]!.cells)).toEqual([
      '00123',
      '0.3',
      '2025-12-01 08:30:00',
      'false',
      '大红皮',
    ]);
  });

  it('gives an Excel date its zone, and a sheet by its name', async () => {
    const bytes = await book((sheet, workbook) => {
      sheet.state = 'hidden';
      const other = workbook.addWorksheet('二');
      other.addRow(['时间', '值']);
      other.addRow([new Date(Date.UTC(2025, 5, 1, 0, 0)), 1]);
    });
    const first = await xlsx(bytes);
    const named = await readTable(bytes, { format: 'xlsx', sheet: '二' });
    expect(first).toEqual(named);
    const cell = first.rows[0]!.cells[0]!;
    expect(cellTime(cell, timeZone('Asia/Shanghai'))).toBe(Date.UTC(2025, 4, 31, 16));
    expect(cellTime(cell, timeZone('-05:00'))).toBe(Date.UTC(2025, 5, 1, 5));
    await expect(readTable(bytes, { format: 'xlsx', sheet: '三' })).rejects.toMatchObject({
      code: 'table/no-sheet',
    });
  });

  it('of 1904, of other programs with prefixes, and with phonetic readings', async () => {
    const bytes = await rawWorkbook({
      workbook:
        '<x:workbook xmlns:x="m" xmlns:r="r"><x:workbookPr date1904="1"/><x:sheets><x:sheet name="S" r:id="rId1"/></x:sheets></x:workbook>',
      strings:
        '<x:sst><x:si><x:t>时间</x:t><x:rPh><x:t>shijian</x:t></x:rPh></x:si><x:si><x:t xml:space="preserve">a_x000A_b</x:t></x:si></x:sst>',
      styles:
        '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="2"/></cellXfs></styleSheet>',
      sheet: `<x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c></x:row><x:row><x:c s="1"><x:v>0</x:v></x:c><x:c s="2"><x:v>36525.5</x:v></x:c></x:row><x:row><x:c s="1"><x:v>44000</x:v></x:c></x:row></x:sheetData>`,
    });
    const table = await xlsx(bytes);
    expect(table.header).toEqual(['时间', 'a\nb']);
    expect(texts(table.rows[0]!.cells)).toEqual(['00:00:00', '36525.5']);
    expect(texts(table.rows[1]!.cells)).toEqual(['2024-06-19', '']);
  });

  it.each([
    [
      'a formula',
      (s) => (s.getCell('B3').value = { formula: 'A2*2', result: 4 }),
      'table/formula',
      'B3',
    ],
    ['merged cells', (s) => s.mergeCells('A3:B4'), 'table/merged-cells', 'A3:B4'],
    ['an error', (s) => (s.getCell('A3').value = { error: '#N/A' }), 'table/error-cell', 'A3'],
    [
      '29 February 1900',
      (s) => {
        s.getCell('A3').value = 60;
        s.getCell('A3').numFmt = 'yyyy-mm-dd';
      },
      'table/bad-date',
      'A3',
    ],
  ] as [string, (sheet: exceljs.Worksheet) => void, string, string][])(
    'with %s is refused, with its place',
    async (_what, spoil, code, place) => {
      const bytes = await book((sheet) => {
        sheet.addRow(['lot', 'mass']);
        sheet.addRow(['a', 2]);
        spoil(sheet);
      });
      await expect(xlsx(bytes)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(place),
      });
    },
  );

  it('with a million rows is refused by its size alone, and one of small rows when there are too many', async () => {
    function* million() {
      yield Buffer.from('<worksheet><sheetData>');
      const many = Buffer.from(row(1, inline('A1', 'x'), inline('B1', 'y')).repeat(1000));
      for (let i = 0; i < 1000; i++) yield many;
    }
    const bytes = await rawWorkbook({ sheet: million() });
    expect(bytes.length).toBeLessThan(2 * 1024 * 1024);
    await expect(xlsx(bytes)).rejects.toMatchObject({ code: 'table/too-large' });
    const rows = Array.from({ length: 60 }, (_, i) => row(i + 2, inline(`A${i + 2}`, 'x'))).join(
      '',
    );
    const small = await rawWorkbook({ sheet: `<sheetData>${HEADER}${rows}</sheetData>` });
    expect((await xlsx(small, { rows: 60 })).rows).toHaveLength(60);
    for (const rows of [59, 10]) {
      await expect(xlsx(small, { rows })).rejects.toMatchObject({ code: 'table/too-many-rows' });
    }
  });

  it('that lies about its sizes gains nothing', async () => {
    const strings = `<sst>${'<si><t>皮</t></si>'.repeat(5000)}</sst>`;
    const honest = await rawWorkbook({ sheet: `<sheetData>${HEADER}</sheetData>`, strings });
    await expect(xlsx(honest, { stringBytes: 1000 })).rejects.toMatchObject({
      code: 'table/too-large',
    });
    // The directory is told that the strings unpack to 100 bytes.
    const liar = Buffer.from(honest);
    const at = liar.lastIndexOf('xl/sharedStrings.xml') - 46;
    expect(liar.readUInt32LE(at)).toBe(0x02014b50);
    liar.writeUInt32LE(100, at + 24);
    await expect(xlsx(liar)).rejects.toMatchObject({
      code: 'table/damaged',
      message: expect.stringContaining('larger than it says'),
    });
  });

  it.each([
    ['a document type', '<!DOCTYPE x [<!ENTITY a "aaaa">]><sheetData/>'],
    ['an unknown entity', `<sheetData>${row(1, inline('A1', '&a;'))}</sheetData>`],
    [
      'rows out of order',
      `<sheetData>${row(2, inline('A2', 'x'))}${row(1, inline('A1', 'x'))}</sheetData>`,
    ],
    ['a cell twice', `<sheetData>${row(1, inline('A1', 'x'), inline('A1', 'x'))}</sheetData>`],
    [
      'a text that is not there',
      `<sheetData>${row(1, '<c r="A1" t="s"><v>7</v></c>')}</sheetData>`,
    ],
    ['a number that is none', `<sheetData>${row(1, '<c r="A1"><v>1e999</v></c>')}</sheetData>`],
    ['an endless tag', `<sheetData><row ${'a'.repeat(70_000)}`],
  ])('with %s is damaged', async (_what, sheet) => {
    await expect(rawWorkbook({ sheet }).then((bytes) => xlsx(bytes))).rejects.toMatchObject({
      code: 'table/damaged',
    });
  });

  it('whose bytes were changed anywhere reads or is refused with a code', async () => {
    const bytes = await book((sheet) => {
      sheet.addRow(['lot', 'mass', 'date']);
      for (let i = 0; i < 5; i++)
        sheet.addRow([`L${i}`, i * 1.5, new Date(Date.UTC(2025, 1, i + 1))]);
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(bytes.length),
        async (changes, cut) => {
          const spoilt = Uint8Array.from(bytes);
          for (const [at, value] of changes) spoilt[at] = value;
          for (const file of [spoilt, spoilt.subarray(0, cut)]) {
            await xlsx(file).catch((error) => expect(error).toBeInstanceOf(AppError));
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('of another kind is refused', async () => {
    const old = Buffer.from('d0cf11e0a1b11ae1', 'hex');
    await expect(xlsx(old)).rejects.toMatchObject({ code: 'table/old-format' });
    await expect(xlsx(Buffer.from('a,b\n'))).rejects.toMatchObject({ code: 'table/other-format' });
    await expect(csv(await book((s) => s.addRow(['a', 'b'])))).rejects.toMatchObject({
      code: 'table/other-format',
    });
    await expect(xlsx(await book((s) => s.addRow([1, 2])))).rejects.toMatchObject({
      code: 'table/no-header',
    });
  });
});

describe('a CSV file', () => {
  it('in GB 18030, UTF-8 with and without mark, and UTF-16 reads the same', async () => {
    const text = '批次号,净重\r\nCP-01,"1,5"\r\n';
    const gbk = Buffer.from('c5fab4cebac52cbebbd6d80d0a43502d30312c22312c35220d0a', 'hex');
    const expected = await csv(text);
    expect(expected.header).toEqual(['批次号', '净重']);
    expect(texts(expected.rows[0]!.cells)).toEqual(['CP-01', '1,5']);
    for (const bytes of [
      gbk,
      Buffer.from(`\ufeff${text}`),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
    ]) {
      expect(await csv(bytes)).toEqual(expected);
    }
  });

  it('with semicolons, tabs or a named separator; row numbers count empty rows', async () => {
    for (const [separator, lead] of [
      [';', ''],
      ['\t', ''],
      [';', 'sep=;\r\n'],
    ] as const) {
      const table = await csv(`${lead}lot${separator}mass\n\nx, y${separator}="007"\n`);
      expect(table.header).toEqual(['lot', 'mass']);
      expect(table.rows).toHaveLength(1);
      expect(table.rows[0]!.number).toBe(lead === '' ? 3 : 4);
      expect(texts(table.rows[0]!.cells)).toEqual(['x, y', '007']);
    }
  });

  it.each([
    ['a formula', 'lot,mass\na,=1+1\n', 'table/formula'],
    ['an open quotation', 'lot,mass\n"a,1\n', 'table/bad-csv'],
    ['a quotation over many cells', `lot,mass\n"${'a,1\n'.repeat(70_000)}",2`, 'table/bad-csv'],
    ['too many columns', `${'a,'.repeat(65)}b\n`, 'table/too-many-columns'],
    ['a long cell', `lot,mass\n${'x'.repeat(5000)},1\n`, 'table/too-large'],
    ['nothing', '', 'table/no-header'],
    ['binary', 'a,b\n\0,1\n', 'table/bad-encoding'],
  ])('with %s is refused', async (_what, text, code) => {
    await expect(csv(text)).rejects.toMatchObject({ code });
  });

  it('is refused by its size, from disk, before it is read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'suyuan-csv-'));
    try {
      const path = join(folder, 'a.csv');
      writeFileSync(path, `lot,mass\n${'a,1\n'.repeat(100)}`);
      expect((await readTable(path, { format: 'csv' })).rows).toHaveLength(100);
      const small = readTable(path, { format: 'csv', limits: { bytes: 100 } });
      await expect(small).rejects.toMatchObject({ code: 'table/too-large' });
      const few = readTable(path, { format: 'csv', limits: { rows: 99 } });
      await expect(few).rejects.toMatchObject({ code: 'table/too-many-rows' });
      const absent = readTable(join(folder, 'b.csv'), { format: 'csv' });
      await expect(absent).rejects.toMatchObject({ code: 'table/unreadable' });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('of any bytes reads or is refused with a code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        await csv(bytes).catch((error) => expect(error).toBeInstanceOf(AppError));
      }),
      { numRuns: 300 },
    );
  });
});

describe('values of cells', () => {
  const text = (value: string) => ({ kind: 'text', text: value }) as const;

  it.each([
    ['1.25', 3, 1250],
    ['1,234.5', 1, 12345],
    ['１２．５', 3, 12500],
    ['-3', 0, -3],
    ['0.100', 1, 1],
    [' 7 ', 0, 7],
    ['9007199254740991', 0, 9007199254740991],
  ])('"%s" at scale %i is %i', (value, scale, expected) => {
    expect(cellInteger(text(value), scale)).toBe(expected);
  });

  it.each([
    ['1.25', 1],
    ['2^63', 0],
    ['9223372036854775808', 0],
    ['1e3', 0],
    ['12,5', 1],
    ['', 0],
    ['∞', 0],
    ['９００７１９９２５４７４０９９２', 0],
  ])('"%s" at scale %i is no number', (value, scale) => {
    expect(() => cellInteger(text(value), scale)).toThrow(
      expect.objectContaining({ code: 'table/bad-number' }),
    );
  });

  it('every integer of grams written in kilograms comes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (mass_g) => {
        const kg = `${Math.floor(mass_g / 1000)}.${String(mass_g % 1000).padStart(3, '0')}`;
        expect(cellInteger(text(kg), 3)).toBe(mass_g);
      }),
    );
  });

  const shanghai = timeZone('Asia/Shanghai');
  const instant = Date.UTC(2024, 0, 31, 15, 45);
  it.each([
    ['2024-01-31 23:45', instant],
    ['2024/1/31 23:45:00', instant],
    ['2024年1月31日23:45', instant],
    ['2024-01-31T15:45:00Z', instant],
    ['2024-01-31T18:45:00.5+03:00', instant],
    ['２０２４－０１－３１', Date.UTC(2024, 0, 30, 16)],
  ])('"%s" in Shanghai', (value, expected) => {
    expect(cellTime(text(value), shanghai)).toBe(expected);
  });

  it.each([
    '2024-02-30',
    '31/01/2024',
    '2024-13-01',
    '2024-01-31 24:00',
    '45322',
    'yesterday',
    '2024-1',
    '0024-01-01',
  ])('"%s" is no date', (value) => {
    expect(() => cellTime(text(value), shanghai)).toThrow(
      expect.objectContaining({ code: 'table/bad-date' }),
    );
  });

  it('an hour that the clocks skip or repeat is refused, the same with an offset is not', () => {
    const berlin = timeZone('Europe/Berlin');
    for (const value of ['2024-03-31 02:30', '2024-10-27 02:30']) {
      expect(() => cellTime(text(value), berlin)).toThrow(
        expect.objectContaining({ code: 'table/bad-date' }),
      );
    }
    expect(cellTime(text('2024-10-27 02:30:00+01:00'), berlin)).toBe(Date.UTC(2024, 9, 27, 1, 30));
    expect(cellTime(text('2024-10-27 03:30'), berlin)).toBe(Date.UTC(2024, 9, 27, 2, 30));
    expect(cellTime(text('2024-03-31 01:59'), berlin)).toBe(Date.UTC(2024, 2, 31, 0, 59));
    expect(() => timeZone('Mars/Olympus')).toThrow(
      expect.objectContaining({ code: 'table/unknown-zone' }),
    );
  });
});
