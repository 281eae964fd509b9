import { AppError } from '@suyuan/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMapping, assertMapped, type Field, mapColumns, saveMapping } from './map-columns.ts';

const FIELDS: Field[] = [
  { key: 'lot', zh: ['批次号', '批号', '批次'], en: ['Lot', 'Batch number'], required: true },
  { key: 'mass', zh: ['净重', '重量'], en: ['Net weight', 'Mass'], required: true },
  { key: 'time', zh: ['采收日期', '日期'], en: ['Harvest date', 'Date'], required: false },
];

describe('columns of real makers', () => {
  it.each([
    ['Chinese', ['批次号', '净重', '采收日期']],
    ['English, with units, cases and marks', ['batch_number', 'NET WEIGHT (kg)', 'harvest-date']],
    ['both languages', ['批次号 Lot', '净重/Net weight（公斤）', '采收日期Harvest date']],
    ['full-width and blanks', [' 批 号 ', '重量【ｋｇ】', '日期']],
  ])('are recognised: %s', (_what, header) => {
    expect(mapColumns(header, FIELDS)).toEqual({
      columns: { lot: 0, mass: 1, time: 2 },
      missing: [],
      ambiguous: [],
      unused: [],
    });
  });

  it('may be more than needed, and in any order', () => {
    const mapping = mapColumns(['备注', 'Mass', '电话', 'Lot'], FIELDS);
    expect(mapping).toEqual({
      columns: { lot: 3, mass: 1 },
      missing: [],
      ambiguous: [],
      unused: [0, 2],
    });
  });

  it('that are missing are named in both languages', () => {
    const header = ['批次号', '日期'];
    const mapping = mapColumns(header, FIELDS);
    expect(mapping.missing).toEqual(['mass']);
    expect(() => assertMapped(mapping, header, FIELDS)).toThrow(
      expect.objectContaining({
        code: 'mapping/missing',
        message: expect.stringContaining('净重 Net weight'),
      }),
    );
  });

  it('that are claimed twice are not guessed', () => {
    const header = ['批次号', '净重', '重量', 'Date'];
    const mapping = mapColumns(header, FIELDS);
    expect(mapping.columns).toEqual({ lot: 0, time: 3 });
    expect(mapping.ambiguous).toEqual([{ key: 'mass', columns: [1, 2] }]);
    expect(() => assertMapped(mapping, header, FIELDS)).toThrow(
      expect.objectContaining({
        code: 'mapping/ambiguous',
        message: expect.stringContaining('B, C'),
      }),
    );
    const twoFields = mapColumns(['Lot'], [FIELDS[0]!, { ...FIELDS[1]!, en: ['lot'] }]);
    expect(twoFields.columns).toEqual({});
    expect(twoFields.ambiguous.map(({ key }) => key)).toEqual(['lot', 'mass']);
  });

  it('of any header give each column to one field at most', () => {
    const words = fc.constantFrom(
      '批次号',
      'Lot',
      '净重',
      'Mass (g)',
      'Date',
      '日期',
      '',
      '备注',
      '批号/Lot',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 8 }), (header) => {
        const { columns, missing, ambiguous, unused } = mapColumns(header, FIELDS);
        const taken = Object.values(columns);
        expect(new Set(taken).size).toBe(taken.length);
        expect([...taken, ...unused].sort()).toEqual(header.map((_, i) => i));
        for (const { key, required } of FIELDS) {
          const told = [
            key in columns,
            missing.includes(key),
            ambiguous.some((a) => a.key === key),
          ];
          expect(told.filter(Boolean).length).toBeLessThanOrEqual(1);
          if (required) expect(told).toContain(true);
        }
      }),
    );
  });
});

describe('a saved mapping', () => {
  it('holds when columns move, and finds the rest by name', () => {
    const saved = JSON.parse(JSON.stringify(saveMapping({ lot: 1, mass: 0 }, ['数', '编号'])));
    expect(applyMapping(saved, ['日期', '编号', '数'], FIELDS)).toEqual({
      columns: { lot: 1, mass: 2, time: 0 },
      missing: [],
      ambiguous: [],
      unused: [],
    });
  });

  it('goes before the names', () => {
    const saved = { v: 1, fields: { mass: '毛重' } };
    expect(applyMapping(saved, ['批次号', '净重', '毛重'], FIELDS).columns).toEqual({
      lot: 0,
      mass: 2,
    });
  });

  it('says what the header lacks or has twice', () => {
    const saved = { v: 1, fields: { lot: '编号', mass: '数' } };
    const mapping = applyMapping(saved, ['数', '数'], FIELDS);
    expect(mapping.missing).toEqual(['lot']);
    expect(mapping.ambiguous).toEqual([{ key: 'mass', columns: [0, 1] }]);
  });

  it.each([
    null,
    1,
    [],
    {},
    { v: 2, fields: {} },
    { v: 1 },
    { v: 1, fields: { lot: 3 } },
    { v: 1, fields: { other: 'x' } },
  ])('is not %j', (saved) => {
    expect(() => applyMapping(saved, ['Lot'], FIELDS)).toThrow(
      expect.objectContaining({ code: 'mapping/malformed' }),
    );
  });

  it('of any JSON is applied or refused with a code', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          applyMapping(value, ['Lot', '净重'], FIELDS);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
});
