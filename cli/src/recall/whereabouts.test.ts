import { encodeCbor, labelKey, labelListKey } from '@suyuan/contracts';
import { expect, test } from 'vitest';
import { CliError } from '../errors.ts';
import type { NameBook } from '../trace/names.ts';
import { sumsOption } from './act.ts';
import { BATCHES_MAX, whereaboutsOf } from './whereabouts.ts';

const GTIN = '09520000009014';
const names: NameBook = {
  product: async () => ({ zh: '米', en: 'rice', unit: 'g' }),
  roles: async (account) => (account === 'shop' ? ['shop'] : ['processor']),
};
const batch = (holder: string, more: object) => ({
  ...{ count: 10, net: 100, activated: 10, voided: 0, missing: 0, closed: false, holder },
  ...more,
});
const RECORDS = new Map<string, Uint8Array>();
const put = (lot: string, n: number, record: object) => {
  RECORDS.set(labelListKey(GTIN, lot, n), encodeCbor(`B${n}`));
  RECORDS.set(labelKey(GTIN, lot, `B${n}`), encodeCbor(record as never));
};
put('P', 0, batch('shop', { voided: 1, missing: 2 }));
put('P', 1, batch('mill', { activated: 4, closed: true }));
put('P', 2, batch('mill', { transit: 'shipments/x' }));
const read = async (keys: readonly string[]) =>
  new Map(keys.flatMap((key) => (RECORDS.has(key) ? [[key, RECORDS.get(key)!]] : [])));

const packed = { gtin: GTIN, lot: 'P', holder: 'mill', left: 50, labelled: 2400, batches: 3 };

test('bulk and packs are where their holders and shipments say', async () => {
  const road = { ...packed, lot: 'Q', labelled: 0, batches: 0, transit: 'shipments/y' };
  const { byHolder, total, bulkOnly } = await whereaboutsOf([packed, road], names, read);
  expect(bulkOnly).toBe(false);
  expect(total).toEqual({
    stock: { g: 450, count: 0 },
    road: { g: 1050, count: 0 },
    shop: { g: 700, count: 0 },
  });
  expect(byHolder.get('mill')).toMatchObject({ lots: 2 });
  expect(byHolder.get('shop')).toMatchObject({ lots: 1, shop: { g: 700 } });
});

test('packs of too many batches are left out, and that is said', async () => {
  const many = { ...packed, batches: BATCHES_MAX + 1 };
  const { total, bulkOnly } = await whereaboutsOf([many], names, read);
  expect(bulkOnly).toBe(true);
  expect(total.stock).toEqual({ g: 50, count: 0 });
});

test('amounts of a report are whole grams and pieces', () => {
  expect(sumsOption('1500g+12pcs + 3', '--sold')).toEqual({ g: 1503, count: 12 });
  expect(sumsOption(undefined, '--sold')).toEqual({ g: 0, count: 0 });
  for (const text of ['', '1.5', '-1', '5kg', '1e9', '9'.repeat(17), '9007199254740993', '+'])
    expect(() => sumsOption(text, '--sold'), text).toThrow(CliError);
});
