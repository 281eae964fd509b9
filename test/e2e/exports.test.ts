// Exports and labels over a real house: what is written is opened again by somebody else, and checked.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  type CborObject,
  hexToBytes,
  LABEL_BATCH_UNITS_MAX,
  lotKey,
  readEpcisDocument,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { verifyBundle } from '@suyuan/contracts/verify';
import { readTable, type Table } from '@suyuan/paper';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rasterise, readCodes, wordsOf } from '../../paper/src/testing/raster.ts';
import { GLN, GTIN, HOLDER, LOT, makeLots, numbered, registerWorld } from './support/aged-lot.ts';
import { suyuan, suyuanOk } from './support/cli.ts';
import { openTestHouse, type TestHouse } from './support/house.ts';
import { createTempDir } from './support/paths.ts';

const SHOP = { id: 'corner-shop', gln: numbered('9520001', 301) };
const REPORT = Buffer.from('Moisture 12.1 %\n');
const LABELS = 30;

const temp = createTempDir();
const file = (name: string): string => join(temp.path, name);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
let house: TestHouse;
let genesis = '';

beforeAll(async () => {
  house = await openTestHouse();
  genesis = Buffer.from(house.genesisHash).toString('hex');
  await registerWorld(house);
  await makeLots(house, Date.now() - 3_600_000);
  await registerShop();
  await registerReport();
  await suyuanOk([...issueArgs('L1', LABELS), '--hidden', '--out', file('batch.json')]);
  // The rest goes to the shop, some of it lost on the way.
  const amount = 1_200_000 - LABELS * 250;
  const item = { gtin: GTIN.peel, lot: LOT.peel };
  await house.submit(HOLDER, 'custody', 'ship', {
    shipment: 'S/1',
    to: SHOP.id,
    place: SHOP.gln,
    items: [{ ...item, amount }],
    documents: [hexToBytes(sha256(REPORT))],
  });
  await house.submit(SHOP.id, 'custody', 'receive', {
    from: HOLDER,
    shipment: 'S/1',
    items: [{ ...item, amount: amount - 1000, reason: '破袋 torn bag' }],
  });
}, 120_000);

afterAll(async () => {
  await house?.close();
  temp.remove();
});

const keyOf = (name: string) => join(house.directory, 'keys', `${name}.json`);

function issueArgs(batch: string, count: number): string[] {
  const what = ['--gtin', GTIN.peel, '--lot', LOT.peel, '--batch', batch];
  const amounts = ['--count', String(count), '--net', '250'];
  const who = ['--key', keyOf(HOLDER), '--as', HOLDER, '--server', house.url];
  return ['labels', 'issue', ...who, ...what, ...amounts];
}

async function registerShop(): Promise<void> {
  const { suite, bytes } = nodeCrypto.publicKeyOf(await house.keys.get(SHOP.id, 'sm2'));
  const name: CborObject = { zh: '街角店（测试）', en: 'Corner shop (test)' };
  await house.submit('association', 'accounts', 'register', {
    id: SHOP.id,
    roles: ['shop'],
    name,
    key: { suite, key: bytes },
  });
  await house.submit('association', 'places', 'register', {
    gln: SHOP.gln,
    kind: 'shop',
    name,
    township: { zh: '会城', en: 'Huicheng' },
    holder: SHOP.id,
  });
}

async function registerReport(): Promise<void> {
  const time_ms = Date.now() - 60_000;
  await house.submit(HOLDER, 'documents', 'register', {
    hash: hexToBytes(sha256(REPORT)),
    kind: 'other',
    mime: 'text/plain',
    size_bytes: REPORT.length,
    title: '自检记录',
    issuedAt: time_ms,
    validFrom: time_ms,
    subjects: [lotKey(GTIN.peel, LOT.peel)],
  });
  const url = `${house.url}/api/v1/documents`;
  const headers = { 'content-type': 'application/octet-stream' };
  const { status } = await fetch(url, { method: 'PUT', headers, body: REPORT });
  expect(status).toBe(201);
}

const exported = (kind: string, name: string, ...more: string[]) =>
  suyuanOk([
    'export',
    kind,
    GTIN.peel,
    LOT.peel,
    '--out',
    file(name),
    '--server',
    house.url,
    ...more,
  ]);

function column(table: Table, start: string): string[] {
  const at = table.header.findIndex((header) => header.startsWith(start));
  return table.rows.map(({ cells }) => {
    const cell = cells[at];
    return cell === undefined || cell.kind === 'empty' ? '' : cell.text;
  });
}

const FRUIT = `(01)${GTIN.fruit}(10)${LOT.fruit}`;
const PEEL = `(01)${GTIN.peel}(10)${LOT.peel}`;

describe('tables', () => {
  test.each(['xlsx', 'csv'] as const)('NY/T 4712 as %s: inbound to outbound', async (format) => {
    await exported('nyt4712', `records.${format}`);
    const table = await readTable(file(`records.${format}`), { format });
    // From the youngest up: made of the fruit, sent, received; then the harvest.
    expect(column(table, '序号')).toEqual(['1', '2', '3', '4']);
    expect(column(table, '入库批次')).toEqual([FRUIT, PEEL, PEEL, '']);
    expect(column(table, '出库批次')).toEqual([PEEL, PEEL, PEEL, FRUIT]);
    expect(column(table, '出库数量')).toEqual(['1200000', '1192500', '1191500', '25000000']);
    expect(column(table, '主体名称')[2]).toContain('街角店');
  });

  test('FSMA 204: tracking events with their locations', async () => {
    await exported('fsma204', 'events.xlsx');
    const table = await readTable(file('events.xlsx'), { format: 'xlsx' });
    expect(column(table, 'Critical')).toEqual([
      'Transformation',
      'Shipping',
      'Receiving',
      'Harvesting',
    ]);
    expect(column(table, 'Immediate Previous')[2]).toContain(GLN.room);
    expect(column(table, 'Location')[2]).toContain(SHOP.gln);
  });

  test('down from the fruit comes to the same lots, inputs first', async () => {
    const out = ['--out', file('down.csv'), '--server', house.url, '--direction', 'down'];
    await suyuanOk(['export', 'fsma204', GTIN.fruit, LOT.fruit, ...out]);
    const table = await readTable(file('down.csv'), { format: 'csv' });
    expect(column(table, 'Critical')[0]).toBe('Harvesting');
    expect(column(table, 'Traceability Lot Code')).toContain(PEEL);
  });

  test('the answer has a name that every file system takes', async () => {
    const url = `${house.url}/api/v1/exports/nyt4712?gtin=${GTIN.peel}&lot=${LOT.peel}&format=csv`;
    const { headers, status } = await fetch(url);
    expect(status).toBe(200);
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="suyuan_nyt4712_\d{14}_P-1_block\d+\.csv"$/,
    );
  });

  test('a lot that is not there, and a mistake, leave no file', async () => {
    const out = ['--out', file('none.xlsx'), '--server', house.url];
    const { code, stderr } = await suyuan(['export', 'nyt4712', GTIN.peel, 'NONE', ...out]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/trace\/unknown/) });
    const more = await suyuan(['export', 'nyt4712', GTIN.peel, ...out]);
    expect(more).toMatchObject({ code: 1, stderr: expect.stringMatching(/say which lot/) });
    expect(existsSync(file('none.xlsx'))).toBe(false);
  });
});

test('EPCIS: one valid document with every event of the lots, each once', async () => {
  await exported('epcis', 'events.jsonld');
  const json: unknown = JSON.parse(readFileSync(file('events.jsonld'), 'utf8'));
  readEpcisDocument(json);
  const { eventList } = (json as { epcisBody: { eventList: Record<string, string>[] } }).epcisBody;
  expect(eventList.map(({ bizStep }) => bizStep).sort()).toEqual([
    'commissioning',
    'creating_class_instance',
    'encoding',
    'receiving',
    'shipping',
  ]);
  expect(new Set(eventList.map(({ eventID }) => eventID)).size).toBe(eventList.length);
});

describe('evidence', () => {
  const unzip = (name: string, folder: string): string => {
    const to = file(folder);
    mkdirSync(to);
    execFileSync('python3', ['-m', 'zipfile', '-e', file(name), to]);
    return to;
  };

  test('what is in the file is what its manifest says; the bundle verifies, and not with a flipped byte', async () => {
    await exported('evidence', 'evidence.zip', '--genesis', genesis);
    const folder = unzip('evidence.zip', 'evidence');
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
      files: { name: string; sha256: string }[];
    };
    expect(manifest.files.map(({ name }) => name)).toEqual([
      'evidence.pdf',
      'bundle.cbor',
      `documents/${sha256(REPORT)}.txt`,
      'README.txt',
    ]);
    for (const { name, sha256: hash } of manifest.files) {
      expect(sha256(readFileSync(join(folder, name))), name).toBe(hash);
    }
    expect(readFileSync(join(folder, 'README.txt'), 'utf8')).toContain(genesis);
    const bundle = join(folder, 'bundle.cbor');
    await suyuanOk(['verify', bundle, '--genesis', genesis]);
    const bytes = readFileSync(bundle);
    for (const at of [100, bytes.length >> 1, bytes.length - 9]) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      writeFileSync(file('flipped.cbor'), flipped);
      const { code } = await suyuan(['verify', file('flipped.cbor'), '--genesis', genesis]);
      expect(code, `byte ${at}`).toBe(2);
    }
  }, 60_000);

  test('the readable part has the code, the claims, and the custody that the bundle proves', async () => {
    const pdf = join(file('evidence'), 'evidence.pdf');
    const words = wordsOf(pdf).map(({ text }) => text);
    expect(words).toContain('1191500');
    expect(words.join(' ')).toContain('街角店');
    expect(await readCodes(rasterise(pdf, 1, 150))).toEqual([
      `${house.url}/01/${GTIN.peel}/10/${LOT.peel}`,
    ]);
    const bundle = readFileSync(join(file('evidence'), 'bundle.cbor'));
    const verdict = verifyBundle(bundle, house.genesisHash, Date.now(), { crypto: nodeCrypto });
    expect(words).toContain(verdict.chain.genesis);
  });

  test('the server’s own parts hold no readable verdict', async () => {
    const url = `${house.url}/api/v1/exports/evidence?gtin=${GTIN.peel}&lot=${LOT.peel}`;
    writeFileSync(file('parts.zip'), Buffer.from(await (await fetch(url)).arrayBuffer()));
    const folder = unzip('parts.zip', 'parts');
    expect(existsSync(join(folder, 'evidence.pdf'))).toBe(false);
    await suyuanOk(['verify', join(folder, 'bundle.cbor'), '--genesis', genesis]);
  });

  test('a server that changes one byte, and another chain, get no evidence file written', async () => {
    const liar = await flippingProxy(house.url);
    try {
      const { port } = liar.address() as AddressInfo;
      const what = ['export', 'evidence', GTIN.peel, LOT.peel, '--out', file('lie.zip')];
      const pin = ['--genesis', genesis];
      const lied = await suyuan([...what, ...pin, '--server', `http://127.0.0.1:${port}`]);
      expect(lied).toMatchObject({ code: 2, stderr: expect.stringMatching(/nothing was written/) });
      const other = await suyuan([...what, '--genesis', 'ab'.repeat(32), '--server', house.url]);
      expect(other).toMatchObject({ code: 2, stderr: expect.stringMatching(/ledger\/other-gen/) });
      expect(existsSync(file('lie.zip'))).toBe(false);
    } finally {
      liar.close();
    }
  });
});

/** Passes everything on, and changes one byte in the middle of bundles. */
async function flippingProxy(to: string): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = async () => {
      const from = await fetch(new URL(request.url ?? '/', to));
      const bytes = Buffer.from(await from.arrayBuffer());
      const at = bytes.length >> 1;
      if (request.url?.includes('evidence')) bytes[at] = (bytes[at] ?? 0) ^ 1;
      response.writeHead(from.status, { 'content-type': 'application/cbor' }).end(bytes);
    };
    answer().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('labels', () => {
  test('each printed code leads to the bundle of its unit, which holds', async () => {
    const sheet = ['--layout', 'a4-3x8', '--out', file('sheet.pdf'), '--codes', file('codes.pdf')];
    await suyuanOk(['labels', 'sheet', file('batch.json'), ...sheet]);
    const links = [
      ...(await readCodes(rasterise(file('sheet.pdf'), 1, 200))),
      ...(await readCodes(rasterise(file('sheet.pdf'), 2, 200))),
    ];
    expect(links.length).toBe(LABELS);
    const { serials, codes } = JSON.parse(readFileSync(file('batch.json'), 'utf8')) as {
      serials: string[];
      codes: string[];
    };
    const read: (string | null)[] = [];
    for (const link of links) {
      const response = await fetch(`${house.url}/api/v1/bundles?link=${encodeURIComponent(link)}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const verdict = verifyBundle(bytes, house.genesisHash, Date.now(), { crypto: nodeCrypto });
      expect(verdict.claims.find(({ kind }) => kind === 'label')).toMatchObject({
        standing: 'printed',
        hidden: 'sealed',
      });
      read.push(verdict.subject.serial);
    }
    expect(read.sort()).toEqual([...serials].sort());
    const printed = new Set(wordsOf(file('codes.pdf')).map(({ text }) => text));
    expect(codes.filter((code) => !printed.has(code))).toEqual([]);
    const onSheet = new Set(wordsOf(file('sheet.pdf')).map(({ text }) => text));
    expect(codes.filter((code) => onSheet.has(code))).toEqual([]);
  }, 120_000);

  test('the server knows no code, and the batch file is its owner’s', () => {
    expect(statSync(file('batch.json')).mode & 0o777).toBe(0o600);
    const { codes } = JSON.parse(readFileSync(file('batch.json'), 'utf8')) as { codes: string[] };
    const grep = spawnSync('grep', ['-rlaF', codes[0] ?? '?', house.directory]);
    // 1: it was nowhere found.
    expect({ status: grep.status, found: grep.stdout.toString() }).toEqual({
      status: 1,
      found: '',
    });
  });

  test('the same issue again changes nothing; another batch under its file is refused', async () => {
    const before = readFileSync(file('batch.json'), 'utf8');
    const again = [...issueArgs('L1', LABELS), '--hidden', '--out', file('batch.json')];
    await suyuanOk(again);
    expect(readFileSync(file('batch.json'), 'utf8')).toBe(before);
    const other = await suyuan([...issueArgs('L9', 5), '--out', file('batch.json')]);
    expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/another label batch/) });
  });

  test('are activated, one is void, the rest is given up', async () => {
    const { serials } = JSON.parse(readFileSync(file('batch.json'), 'utf8')) as {
      serials: string[];
    };
    const by = [file('batch.json'), '--key', keyOf(HOLDER), '--as', HOLDER];
    await suyuanOk(['labels', 'activate', ...by, '--up-to', '20']);
    await suyuanOk([
      ...['labels', 'void', ...by, '--serial', serials[3] ?? '', '--reason', '破损 torn'],
    ]);
    const url = `${house.url}/api/v1/labels/${GTIN.peel}/${LOT.peel}/L1`;
    expect(await (await fetch(url)).json()).toMatchObject({ activated: 20, voided: 1 });
    // The bulk is the shop's by now: nothing can go back to it.
    const closed = await suyuan(['labels', 'close', ...by]);
    expect(closed).toMatchObject({ code: 1, stderr: expect.stringMatching(/lots\/not-holder/) });
  });

  test('more than the ledger takes are refused before anything is made', async () => {
    const many = issueArgs('L2', LABEL_BATCH_UNITS_MAX + 1);
    const { code } = await suyuan([...many, '--out', file('many.json')]);
    expect(code).toBe(1);
    expect(existsSync(file('many.json'))).toBe(false);
  });
});
