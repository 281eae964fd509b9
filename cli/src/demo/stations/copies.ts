// A label is copied: four hundred scans of one serial in twelve cities. And a code under the scratch layer that is shown twice.

import { request } from 'node:http';
import { inclusionProof, revealKey } from '@suyuan/contracts';
import { CliError } from '../../errors.ts';
import { GTIN } from '../goods.ts';
import { issueLabels, unitPath } from '../labels.ts';
import { DAYS } from '../plan.ts';
import { refusedInBlock } from '../race.ts';
import type { StoryEvent, Teller } from '../teller.ts';
import { PACK_g } from './chenpi.ts';

const COOP = 'sanjiang-coop';
const CITIES = [
  '广州市',
  '深圳市',
  '佛山市',
  '江门市',
  '珠海市',
  '南宁市',
  '长沙市',
  '武汉市',
  '杭州市',
  '上海市',
  '成都市',
  '北京市',
] as const;

export const SCAN_DAYS = 8;
export const SCANS_A_DAY = 50;
const AT_ONCE = 10;
/** The pack on the label of which the copies were made. */
const COPIED_INDEX = 7;
const ATTEMPTS = 8;

export function copies(teller: Teller): StoryEvent[] {
  return [
    ...Array.from({ length: SCAN_DAYS }, (_, day) =>
      teller.event(DAYS.firstScans - day, () => scanAll(teller, day)),
    ),
    teller.event(DAYS.revealed, () => revealTwice(teller)),
  ];
}

async function scanAll(teller: Teller, day: number): Promise<void> {
  const order = { signer: COOP, gtin: GTIN.chenpi, lot: teller.lots.roomA, batch: 'L1' };
  const { serials } = await issueLabels(teller, { ...order, count: 1_600, net: PACK_g });
  const link = unitPath(order, serials[COPIED_INDEX] ?? '');
  const base = `http://127.0.0.1:${teller.house.httpPort}/api/v1/scans`;
  const known = await fetch(`${base}?link=${encodeURIComponent(link)}`);
  const { scans } = (await known.json()) as { scans: number };
  const due = (day + 1) * SCANS_A_DAY;
  for (let first = scans; first < due; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, due - first) }, (_, i) => first + i);
    await Promise.all(numbers.map((number) => scan(base, link, number)));
  }
  await teller.tell('copied', link);
}

/** A phone of its own: another address of this machine and another browser, in one of the cities. */
async function scan(url: string, link: string, number: number): Promise<void> {
  const body = JSON.stringify({ link, area: CITIES[number % CITIES.length] });
  const localAddress = `127.0.${1 + (number >> 7)}.${2 + (number & 127)}`;
  const status = await post(url, body, number, localAddress).catch(
    // Where only 127.0.0.1 is there, all phones stand behind one address: fewer visitors are counted.
    () => post(url, body, number),
  );
  if (status !== 200) throw new CliError(`a scan of the demo was answered with ${status}`);
}

function post(url: string, body: string, number: number, localAddress?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': `demo-phone/${number % 16}`,
    };
    const options = { method: 'POST', headers, agent: false } as const;
    const sending = request(
      url,
      localAddress === undefined ? options : { ...options, localAddress },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sending.on('error', reject);
    sending.end(body);
  });
}

/** A buyer and a copier show the same code in the same minute: one of the two has a copy, and the ledger says to whom it said no. */
async function revealTwice(teller: Teller): Promise<void> {
  const name = { gtin: GTIN.chenpi, lot: teller.lots.roomA, batch: 'L2' };
  const labels = await issueLabels(teller, {
    ...name,
    signer: COOP,
    count: 200,
    net: PACK_g,
    hidden: true,
  });
  for (let index = 0; index < ATTEMPTS; index += 1) {
    if (teller.told('secondReveal') !== undefined) return;
    const serial = labels.serials[index] ?? '';
    if (teller.read(revealKey(name.gtin, name.lot, serial)) !== undefined) continue;
    const payload = {
      ...name,
      index,
      serial,
      code: labels.codes[index] ?? '',
      proof: inclusionProof(teller.hash, labels.leaves, index),
    };
    const reveal = { module: 'labels', action: 'reveal', payload };
    const orders = ['yuexiu-shop', 'donghu-shop'].map((signer) => ({ signer, ...reveal }));
    const path = await refusedInBlock(teller, orders);
    if (path !== undefined) await teller.tell('secondReveal', path);
  }
}
