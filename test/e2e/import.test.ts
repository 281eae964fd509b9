// Spreadsheets and logger files brought to a running house by the command line: checked whole, sent whole, never twice.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SuyuanProcess, startSuyuan } from './support/child.ts';
import { suyuan } from './support/cli.ts';
import { eventually } from './support/eventually.ts';
import { createTempDir } from './support/paths.ts';
import { createRegistry, GTIN, PLOT, registerGrower } from './support/registry.ts';

const temp = createTempDir();
const file = (name: string): string => join(temp.path, name);
afterAll(() => temp.remove());

let house: SuyuanProcess;

beforeAll(async () => {
  const data = file('house');
  house = await startSuyuan(['--empty', '--data', data]);
  await registerGrower(createRegistry(house.url, data, temp.path), 'IMP-1');
}, 120_000);
afterAll(() => house?.kill());

function write(name: string, rows: readonly (readonly (string | number)[])[]): string {
  const text = rows.map((row) => row.map((cell) => `"${cell}"`).join(',')).join('\r\n');
  writeFileSync(file(name), `\ufeff${text}\r\n`);
  return file(name);
}

function importFile(kind: string, path: string, ...more: string[]) {
  const key = ['--key', file('grower.json'), '--server', house.url];
  return suyuan(['import', kind, path, ...key, ...more]);
}

async function get(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${house.url}/api/v1${path}`);
  return (await response.json()) as Record<string, unknown>;
}
const transactions = async () =>
  ((await get('/status')).chain as { transactions: number }).transactions;
const receiptOf = (name: string) =>
  JSON.parse(readFileSync(file(name), 'utf8')) as {
    rows: { row: number; status: string; txId: string; height: number }[];
  };

const HEADER = ['操作', '商品条码', '批次号', '重量', '单位', '采收地块'];
const harvest = (lot: string, weight: string | number, unit = '斤') => [
  ...['采收', GTIN, lot, weight, unit, PLOT],
];

describe('suyuan import', () => {
  test('brings harvests to the ledger in grams, tells where each row stands, and doubles nothing', async () => {
    const path = write('lots.csv', [
      HEADER,
      harvest('A-1', '0.5'),
      harvest('A-2', '1,250.75', 'kg'),
    ]);
    const before = await transactions();
    const dry = await importFile('lots', path, '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain('Dry run passed: 2 rows in 1 transactions.');
    expect(await transactions()).toBe(before);
    const done = await importFile('lots', path, '--receipt', file('done.json'));
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(await get(`/lots/${GTIN}/A-1`)).toMatchObject({ made: 250, process: 'harvest' });
    expect(await get(`/lots/${GTIN}/A-2`)).toMatchObject({ made: 1_250_750 });
    const { rows } = receiptOf('done.json');
    expect(rows).toMatchObject([
      { row: 2, status: 'accepted' },
      { row: 3, status: 'accepted' },
    ]);
    const receipt = await get(`/transactions/${rows[0]?.txId}`);
    expect(receipt).toMatchObject({
      module: 'batch',
      height: rows[0]?.height,
      receipt: { ok: true },
    });
    expect(readFileSync(file('done.csv'), 'utf8')).toContain(String(rows[1]?.txId));
    const again = await importFile('lots', path, '--receipt', file('again.json'));
    expect(again.code).toBe(0);
    expect(receiptOf('again.json').rows).toEqual(rows);
    expect(await transactions()).toBe(before + 1);
  });

  test('tells every mistake of a file at once, by row and column, and leaves the ledger untouched', async () => {
    const path = write('wrong.csv', [
      HEADER,
      harvest('B-1', '1'),
      harvest('A-1', '1'),
      harvest('B-2', '0.001'),
      harvest('B-3', '-1'),
      harvest('B-4', '1', '石'),
      harvest('B-5', '1', '件'),
      ['偷', GTIN, 'B-6', 1, 'kg', PLOT],
      ['采收', GTIN, 'B-7', 1, 'kg', '9520000000000'],
      harvest('B 8', '1'),
    ]);
    const before = await transactions();
    const { code, stdout } = await importFile('lots', path, '--receipt', file('none.json'));
    expect(code).toBe(1);
    for (const pattern of [
      /^3 +C 批次号 .*\(lots\/exists\)/m,
      /^4 +D 重量 .*[\s\S]*?\(import\/bad-amount\)/m,
      /^5 +D 重量 /m,
      /^6 +E 单位 .*\(import\/unknown-unit\)/m,
      /^7 +E 单位 [\s\S]*?\(import\/wrong-unit\)/m,
      /^8 +A 操作 [\s\S]*?\(import\/unknown-word\)/m,
      /^9 +F 采收地块 /m,
      /^10 +C 批次号 /m,
      /Nothing was sent/,
    ]) {
      expect(stdout).toMatch(pattern);
    }
    expect(stdout).not.toMatch(/^2 /m);
    expect(await transactions()).toBe(before);
    expect((await fetch(`${house.url}/api/v1/lots/${GTIN}/B-1`)).status).toBe(404);
    expect(() => readFileSync(file('none.json'))).toThrow();
  });

  test('takes plots, and what is made from rows above', async () => {
    const plots = write('plots.csv', [
      ['地块编码', '地块名称', '乡镇', '面积(亩)', '类型'],
      ['9520000009021', '东坡果园', '三江镇', '12.345', '果园'],
      ['9520000009038', '一号仓', '三江镇', '', '仓库'],
    ]);
    const done = await importFile('plots', plots);
    expect(done.stdout).toContain('2 行');
    expect(await get('/places/9520000009021')).toMatchObject({
      area_mmu: 12_345,
      holder: 'grower',
    });
    const lots = write('chain.csv', [
      [...HEADER, '原料条码', '原料批次', '投料量', '工序'],
      [...harvest('C-1', '3', 'kg'), '', '', '', ''],
      [...harvest('C-2', '2', 'kg'), '', '', '', ''],
      ['加工', GTIN, 'C-3', '5', 'kg', PLOT, GTIN, 'C-1；C-2', '3；2', '分级'],
    ]);
    const made = await importFile('lots', lots);
    expect(made, made.stdout).toMatchObject({ code: 0 });
    expect(await get(`/lots/${GTIN}/C-3`)).toMatchObject({
      made: 5000,
      inputs: [{ amount: 3000 }, { amount: 2000 }],
    });
  });

  test('refuses a table of a million rows, formulas, and times without a zone', async () => {
    const row = harvest('X', '1').join(',');
    writeFileSync(file('million.csv'), `${HEADER.join(',')}\n${`${row}\n`.repeat(200_000)}`);
    const large = await importFile('lots', file('million.csv'));
    expect(large.stderr).toMatch(/\(table\/too-(many-rows|large)\)/);
    writeFileSync(file('formula.csv'), `${HEADER.join(',')}\n采收,${GTIN},=A1,1,kg,${PLOT}\n`);
    expect((await importFile('lots', file('formula.csv'))).stderr).toMatch(
      /C2.*\(table\/formula\)/,
    );
    const dated = write('dated.csv', [
      [...HEADER, '采收日期'],
      [...harvest('D-1', '1'), '2025-01-31'],
      [...harvest('D-2', '1'), '2025-01-31'],
    ]);
    const told = await importFile('lots', dated);
    expect(told.stdout.match(/import\/no-zone/g)?.length).toBe(1);
    const old = await importFile('lots', dated, '--tz', '+08:00');
    expect(old.stdout).toMatch(/^2 +G 采收日期 [\s\S]*?\(rules\/bad-time\)/m);
  });

  test('a file of many batches: all of it, and again nothing', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => harvest(`K-${i}`, 10 + i, 'kg'));
    const path = write('many.csv', [HEADER, ...rows]);
    const before = await transactions();
    const done = await importFile('lots', path, '--receipt', file('many.json'));
    expect(done).toMatchObject({ code: 0, stderr: '' });
    const told = receiptOf('many.json').rows;
    expect(told.filter(({ status }) => status === 'accepted').length).toBe(1000);
    expect(new Set(told.map(({ txId }) => txId)).size).toBe(4);
    expect(await transactions()).toBe(before + 4);
    // A later row is corrected after a refusal: what stands is not sent again.
    const more = write('more.csv', [HEADER, ...rows, harvest('K-more', 1)]);
    const grown = await importFile('lots', more, '--receipt', file('more.json'));
    expect(grown.stdout).toContain('lots/exists');
    const rest = write('rest.csv', [HEADER, ...rows.slice(0, 900), harvest('K-more', 1)]);
    const resumed = await importFile('lots', rest, '--receipt', file('rest.json'));
    expect(resumed, resumed.stdout).toMatchObject({ code: 0 });
    expect(await transactions()).toBe(before + 5);
  });

  test('a logger file becomes packs of its device, once', async () => {
    const lines = Array.from({ length: 200 }, (_, i) => {
      const time = new Date(Date.UTC(2025, 2, 1) + i * 900_000).toISOString().slice(0, 19);
      return `${i + 1},${time.replace('T', ' ')},${20 + (i % 10) / 10},${60 + (i % 7)}`;
    });
    const header = 'Model,RC-5\nNo.,Time,Temperature(°C),Humidity(%RH)';
    writeFileSync(file('logger.csv'), `${header}\n${lines.join('\n')}\n`);
    const run = (...more: string[]) =>
      suyuan([
        ...['import', 'logger', file('logger.csv'), '--device-key', file('IMP-1.json')],
        ...['--server', house.url, '--mqtt', `mqtt://127.0.0.1:${house.mqttPort}`],
        ...['--data', file('import-data'), ...more],
      ]);
    expect((await run()).stdout).toContain('import/no-zone');
    const done = await run('--tz', '+08:00');
    expect(done, done.stdout).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain('200 行 rows, 4 包 packs');
    const packs = async () =>
      ((await get('/status')).gateway as { packs: { received: number; quarantined: number } })
        .packs;
    // The page of the status is made anew once a second.
    const counted = await eventually(async () => {
      const now = await packs();
      return now.received > 0 ? now : undefined;
    });
    expect(counted).toMatchObject({ received: 4, quarantined: 0 });
    expect((await run('--tz', '+08:00')).stdout).toContain('0 行 rows, 0 包 packs');
    expect(await packs()).toMatchObject({ received: 4 });
  });
});
