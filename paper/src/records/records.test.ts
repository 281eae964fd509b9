import { describe, expect, it } from 'vitest';
import { timeZone } from '../sheets/cell-values.ts';
import type { OutCell, OutColumn } from '../sheets/write-table.ts';
import { TRACE } from '../testing/sample-trace.ts';
import { FSMA_204_COLUMNS, fsma204Rows } from './fsma-204.ts';
import { NYT_4712_COLUMNS, nyt4712Rows, stageOf } from './nyt-4712.ts';

const shanghai = timeZone('Asia/Shanghai');

/** Some cells of each row, by the start of their header. */
function pick(rows: Iterable<OutCell[]>, columns: readonly OutColumn[], names: string[]) {
  const at = names.map((name) => columns.findIndex(({ header }) => header.startsWith(name)));
  return [...rows].map((row) => {
    expect(row).toHaveLength(columns.length);
    return at.map((i) => row[i]);
  });
}

const [FRUIT_1, FRUIT_2, PEEL] = [
  '(01)06901234500004(10)F-1',
  '(01)06901234500004(10)F-2',
  '(01)06901234500011(10)P-1',
];

describe('NY/T 4712 records', () => {
  it('lead from each inbound batch to the outbound batch', () => {
    const names = ['序号', '环节', '入库批次', '入库数量', '出库批次', '出库数量', '时间'];
    expect(pick(nyt4712Rows(TRACE, shanghai), NYT_4712_COLUMNS, names)).toEqual([
      [1, '生产 production', null, null, FRUIT_1, 100_000, '2025-12-01 01:00'],
      [2, '运输 transport', FRUIT_1, 100_000, FRUIT_1, 100_000, '2025-12-01 09:00'],
      [3, '收购 purchase', FRUIT_1, 100_000, FRUIT_1, 99_800, '2025-12-01 12:00'],
      [4, '加工 processing', FRUIT_1, 60_000, PEEL, 5_000, '2025-12-09 08:00'],
      [5, '加工 processing', FRUIT_2, 40_000, PEEL, 5_000, '2025-12-09 08:00'],
    ]);
  });

  it('name the operator by its code, or say that none is registered, with source and destination', () => {
    const names = ['主体名称', '主体类型', '统一', '来源', '去向', '凭证'];
    const rows = pick(nyt4712Rows(TRACE, shanghai), NYT_4712_COLUMNS, names);
    expect(rows[0]!.slice(0, 3)).toEqual([
      '陈伯 Chen Bo',
      '未登记信用代码 no credit code registered',
      null,
    ]);
    expect(rows[2]).toEqual([
      '新会甲厂 Xinhui Maker A',
      '单位 organisation',
      '91440705MA4UABCD1X',
      expect.stringMatching(/^陈伯 Chen Bo, 天马一号园/),
      expect.stringMatching(/^新会甲厂.*91440705MA4UABCD1X, 甲厂 Plant A.*1 Chenpi Road/),
      '合格证 No. 7 abababababababab',
    ]);
  });

  it('know the stages', () => {
    const inputs = TRACE[1]!.inputs;
    expect(stageOf({ process: 'age', inputs })).toBe('storage');
    expect(stageOf({ process: 'mill', inputs })).toBe('processing');
    expect(stageOf({ process: 'purchase', inputs: [] })).toBe('purchase');
    expect(stageOf({ process: 'harvest', inputs: [] })).toBe('production');
  });

  it('leave the outbound quantity open where the units differ', () => {
    const packed = { ...TRACE[1]!, amount: 20, unit: 'count' as const };
    const rows = pick(nyt4712Rows([packed], shanghai), NYT_4712_COLUMNS, [
      '入库数量',
      '出库数量',
      '计量单位',
    ]);
    expect(rows[0]).toEqual([60_000, null, '克 g']);
  });
});

describe('FSMA 204 rows', () => {
  it('are the tracking events with their key data', () => {
    const names = [
      'Critical',
      'Date',
      'Traceability Lot Code',
      'Quantity',
      'Unit',
      'Input Traceability',
      'Input Quantity',
    ];
    expect(pick(fsma204Rows(TRACE, shanghai), FSMA_204_COLUMNS, names)).toEqual([
      ['Harvesting', '2025-12-01', FRUIT_1, 100_000, 'gram', null, null],
      ['Shipping', '2025-12-01', FRUIT_1, 100_000, 'gram', null, null],
      ['Receiving', '2025-12-01', FRUIT_1, 99_800, 'gram', null, null],
      ['Transformation', '2025-12-09', PEEL, 5_000, 'gram', FRUIT_1, 60_000],
      ['Transformation', '2025-12-09', PEEL, 5_000, 'gram', FRUIT_2, 40_000],
    ]);
  });

  it('say where from, where to, and by which document', () => {
    const names = [
      'Location',
      'Immediate Previous',
      'Immediate Subsequent',
      'Traceability Lot Code Source',
      'Reference',
    ];
    const [harvest, shipping, receiving] = pick(
      fsma204Rows(TRACE, shanghai),
      FSMA_204_COLUMNS,
      names,
    );
    const plot = 'Chen Bo, Tianma plot 1, Huicheng, GLN 6901234500011';
    const plant = 'Xinhui Maker A, Plant A, 1 Chenpi Road, GLN 6901234500028';
    expect(harvest).toEqual([plot, null, null, plot, `Ledger transaction ${'11'.repeat(32)}`]);
    expect(shipping).toEqual([plot, null, plant, plot, '合格证 No. 7 abababababababab']);
    expect(receiving!.slice(0, 4)).toEqual([plant, plot, null, plot]);
  });

  it('leave out a receipt that has not come', () => {
    const [fruit] = TRACE;
    const open = { ...fruit!.moves[0]!, receivedAt_ms: null, received: null };
    const rows = pick(fsma204Rows([{ ...fruit!, moves: [open] }], shanghai), FSMA_204_COLUMNS, [
      'Critical',
    ]);
    expect(rows).toEqual([['Harvesting'], ['Shipping']]);
  });
});
