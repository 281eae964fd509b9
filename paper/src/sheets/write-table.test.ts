import { Writable } from 'node:stream';
import exceljs from 'exceljs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Collect } from '../testing/collect.ts';
import { neutralText } from './neutral-text.ts';
import { readTable } from './read-table.ts';
import { type OutCell, writeTable } from './write-table.ts';

const COLUMNS = [{ header: '批次 Lot' }, { header: '数量 g' }, { header: '时间' }];
const ROWS: OutCell[][] = [
  ['CP-01, "大"', 1250, { time_ms: Date.UTC(2025, 0, 2) }],
  ['=HYPERLINK("http://x","y")', -5, null],
  ['+1', 0, null],
  ['-1', 0, null],
  ['@SUM(A1)', 0, null],
  ['\t=1', 0, null],
  ['＝1', 0, null],
];
const NEUTRAL = [
  'CP-01, "大"',
  `'=HYPERLINK("http://x","y")`,
  "'+1",
  "'-1",
  "'@SUM(A1)",
  "'\t=1",
  "'＝1",
];

describe.each(['xlsx', 'csv'] as const)('a written %s', (format) => {
  const write = async (rows: Iterable<OutCell[]>) => {
    const out = new Collect();
    await writeTable(out, COLUMNS, rows, { format, created_ms: 0 });
    return out.bytes;
  };

  it('reads back, with nothing in it that would run', async () => {
    const table = await readTable(await write(ROWS), { format });
    expect(table.header).toEqual(['批次 Lot', '数量 g', '时间']);
    expect(table.rows.map(({ cells: [lot] }) => (lot?.kind === 'text' ? lot.text : ''))).toEqual(
      NEUTRAL,
    );
    expect(table.rows[0]!.cells.slice(1)).toEqual([
      { kind: format === 'csv' ? 'text' : 'number', text: '1250' },
      { kind: 'text', text: '2025-01-02T00:00:00.000Z' },
    ]);
    expect(table.rows[1]!.cells[1]).toMatchObject({ text: '-5' });
  });

  it('refuses what is no number, and tells the error of its stream', async () => {
    await expect(write([['a', Number.NaN, null]])).rejects.toMatchObject({
      code: 'table/bad-number',
    });
    const full = new Writable({ write: (_c, _e, done) => done(new Error('disk full')) });
    function* endless(): Generator<OutCell[]> {
      for (let i = 0; i < 50_000; i++) yield [`lot ${i} ${'x'.repeat(200)}`, i, null];
    }
    await expect(writeTable(full, COLUMNS, endless(), { format, created_ms: 0 })).rejects.toThrow(
      'disk full',
    );
  });
});

it('a workbook of ours opens in another reader, with texts as texts', async () => {
  const out = new Collect();
  await writeTable(out, COLUMNS, ROWS, { format: 'xlsx', sheet: '记录/1', created_ms: 0 });
  const workbook = new exceljs.Workbook();
  await workbook.xlsx.load(
    out.bytes.buffer.slice(
      out.bytes.byteOffset,
      out.bytes.byteOffset + out.bytes.length,
    ) as ArrayBuffer,
  );
  const [sheet] = workbook.worksheets;
  expect(sheet!.name).toBe('记录 1');
  const column: unknown[] = [];
  sheet!.getColumn(1).eachCell((cell) => column.push([cell.type, cell.value]));
  expect(column.slice(1)).toEqual(NEUTRAL.map((text) => [exceljs.ValueType.String, text]));
});

it('any text is neutral, and neutral text stays', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
      const once = neutralText(text);
      expect(once.trimStart()).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
      expect(neutralText(once)).toBe(once);
      expect([text, `'${text}`]).toContain(once);
    }),
  );
});
