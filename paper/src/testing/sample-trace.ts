import type { Operator, RecordPlace, TraceRecord } from '../records/trace-record.ts';

export const GROWER: Operator = {
  id: 'grower-chen',
  name: { zh: '陈伯', en: 'Chen Bo' },
  uscc: null,
};
export const MAKER: Operator = {
  id: 'maker-a',
  name: { zh: '新会甲厂', en: 'Xinhui Maker A' },
  uscc: '91440705MA4UABCD1X',
};

const township = { zh: '会城', en: 'Huicheng' };
export const PLOT: RecordPlace = {
  gln: '6901234500011',
  kind: 'plot',
  name: { zh: '天马一号园', en: 'Tianma plot 1' },
  township,
};
export const PLANT: RecordPlace = {
  gln: '6901234500028',
  kind: 'plant',
  name: { zh: '甲厂', en: 'Plant A' },
  township,
  address: '1 Chenpi Road',
};

const FRUIT = '06901234500004';
const PEEL = '06901234500011';

/** Fruit harvested, shipped (200 g short), and dried to peel. */
export const TRACE: readonly TraceRecord[] = [
  {
    gtin: FRUIT,
    lot: 'F-1',
    product: { zh: '茶枝柑', en: 'Chazhi mandarin' },
    amount: 100_000,
    unit: 'g',
    process: 'harvest',
    place: PLOT,
    holder: GROWER,
    time_ms: Date.UTC(2025, 10, 30, 17),
    inputs: [],
    moves: [
      {
        from: GROWER,
        to: MAKER,
        fromPlace: PLOT,
        toPlace: PLANT,
        carrier: null,
        amount: 100_000,
        unit: 'g',
        shippedAt_ms: Date.UTC(2025, 11, 1, 1),
        receivedAt_ms: Date.UTC(2025, 11, 1, 4),
        received: 99_800,
        documents: [{ hash: 'ab'.repeat(32), kind: '合格证', title: 'No. 7' }],
      },
    ],
    documents: [],
    tx: '11'.repeat(32),
  },
  {
    gtin: PEEL,
    lot: 'P-1',
    product: { zh: '新会陈皮', en: 'Xinhui chenpi' },
    amount: 5_000,
    unit: 'g',
    process: 'dry',
    place: PLANT,
    holder: MAKER,
    time_ms: Date.UTC(2025, 11, 9),
    inputs: [
      { gtin: FRUIT, lot: 'F-1', amount: 60_000, unit: 'g' },
      { gtin: FRUIT, lot: 'F-2', amount: 40_000, unit: 'g' },
    ],
    moves: [],
    documents: [],
    tx: '22'.repeat(32),
  },
];
