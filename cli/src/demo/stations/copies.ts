// A label is copied: four hundred scans of one serial in twelve cities, and the code under its scratch layer shown a second
// time. And two who show one code to the ledger in the same moment.

import { request } from 'node:http';
import { inclusionProof, revealKey } from '@suyuan/contracts';
import { CliError } from '../../errors.ts';
import { GTIN } from '../goods.ts';
import { issueLabels, type Labels, unitPath } from '../labels.ts';
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
/** The pack on the label of which the copies were made; those before it are for the race. */
const COPIED_INDEX = 100;
const ATTEMPTS = 8;

export function copies(teller: Teller): StoryEvent[] {
  return [
    ...Array.from({ length: SCAN_DAYS }, (_, day) =>
      teller.event(DAYS.firstScans - day, () => scanAll(teller, day)),
    ),
    teller.event(DAYS.revealed, () => revealAtOnce(teller)),
    teller.event(DAYS.copyShown, () => showTwice(teller)),
  ];
}

const nameOf = ({ lots }: Teller) => ({ gtin: GTIN.chenpi, lot: lots.roomA, batch: 'L2' });

/** Two hundred packs with a code under a scratch layer. */
async function labelsOf(teller: Teller): Promise<Labels> {
  const order = { ...nameOf(teller), signer: COOP, count: 200, net: PACK_g, hidden: true };
  return issueLabels(teller, order);
}

function scansUrl({ house }: Teller): string {
  return `http://127.0.0.1:${house.httpPort}/api/v1/scans`;
}

async function historyOf(teller: Teller, link: string): Promise<History> {
  const response = await fetch(`${scansUrl(teller)}?link=${encodeURIComponent(link)}`);
  if (!response.ok) throw new CliError(`the demo's scans were not told: ${await response.text()}`);
  return (await response.json()) as History;
}

interface History {
  readonly scans: number;
  readonly reveals: { readonly revealedAt_ms: number | null; readonly again: number } | null;
}

async function scanAll(teller: Teller, day: number): Promise<void> {
  const { serials } = await labelsOf(teller);
  const link = unitPath(nameOf(teller), serials[COPIED_INDEX] ?? '');
  const { scans } = await historyOf(teller, link);
  const due = (day + 1) * SCANS_A_DAY;
  for (let first = scans; first < due; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, due - first) }, (_, i) => first + i);
    await Promise.all(
      numbers.map((number) =>
        phone(scansUrl(teller), { link, area: CITIES[number % CITIES.length] }, number),
      ),
    );
  }
  await teller.tell('copied', link);
}

/** The buyer shows the code of his pack, and two days later somebody else has a pack with the same code. */
async function showTwice(teller: Teller): Promise<void> {
  const { serials, codes } = await labelsOf(teller);
  const link = unitPath(nameOf(teller), serials[COPIED_INDEX] ?? '');
  const body = { link, code: codes[COPIED_INDEX] ?? '' };
  const url = `http://127.0.0.1:${teller.house.httpPort}/api/v1/reveals`;
  const { reveals } = await historyOf(teller, link);
  if (reveals?.revealedAt_ms === null) await phone(url, body, 1);
  if (reveals?.again === 0) await phone(url, body, 2);
}

/** A phone of its own: another address of this machine and another browser, in one of the cities. */
async function phone(url: string, content: object, number: number): Promise<void> {
  const body = JSON.stringify(content);
  const localAddress = `127.0.${1 + (number >> 7)}.${2 + (number & 127)}`;
  const status = await post(url, body, number, localAddress).catch(
    // Where only 127.0.0.1 is there, all phones stand behind one address: fewer visitors are counted.
    () => post(url, body, number),
  );
  if (status !== 200) throw new CliError(`${url} answered a phone of the demo with ${status}`);
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

/** A buyer and a copier show one code in the same moment: the ledger takes one, and keeps that it refused the other. */
async function revealAtOnce(teller: Teller): Promise<void> {
  const name = nameOf(teller);
  const { serials, codes, leaves } = await labelsOf(teller);
  for (let index = 0; index < ATTEMPTS; index += 1) {
    if (teller.told('secondReveal') !== undefined) return;
    const serial = serials[index] ?? '';
    if (teller.read(revealKey(name.gtin, name.lot, serial)) !== undefined) continue;
    const proof = inclusionProof(teller.hash, leaves, index);
    const payload = { ...name, index, serial, code: codes[index] ?? '', proof };
    const reveal = { module: 'labels', action: 'reveal', payload };
    const orders = ['yuexiu-shop', 'donghu-shop'].map((signer) => ({ signer, ...reveal }));
    const path = await refusedInBlock(teller, orders);
    if (path !== undefined) await teller.tell('secondReveal', path);
  }
}
