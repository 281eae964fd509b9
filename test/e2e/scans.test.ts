// Scans and codes as buyers meet them: a code revealed once and shown again, one label in a dozen cities.

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issueLabels, makeLots, registerWorld } from './support/aged-lot.ts';
import {
  type Look,
  openBrowser,
  openPage,
  outcomeOf,
  overflow,
  photograph,
} from './support/browser.ts';
import { axeFaults, smallTargets } from './support/faults.ts';
import { type HiddenLabel, issueHiddenLabels } from './support/hidden-labels.ts';
import { openTestHouse, type TestHouse } from './support/house.ts';

const DAY_MS = 86_400_000;
const CITIES = '江门 广州 佛山 中山 珠海 深圳 东莞 惠州 肇庆 阳江 湛江 茂名'.split(' ');
const COPIED_SCANS = 400;
/** Scans sent at once. */
const CROWD = 20;

let house: TestHouse;
let browser: Browser;
let packs: readonly HiddenLabel[];
let plain: readonly string[];

beforeAll(async () => {
  house = await openTestHouse({
    start_ms: Date.now() - 3 * DAY_MS,
    http: { trustedProxies: ['127.0.0.1'], areaHeader: 'x-area' },
  });
  await registerWorld(house);
  await makeLots(house, house.clock.now_ms());
  packs = await issueHiddenLabels(house, 4);
  plain = await issueLabels(house, 2);
  house.clock.letGo();
  browser = await openBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await house?.close();
});

const pack = (i: number): HiddenLabel => packs[i] ?? { path: '', serial: '', code: '' };

/** A phone of its own, behind an address of its own. */
function phone(address: string, look: Look = {}, options: BrowserContextOptions = {}) {
  const extraHTTPHeaders = { 'x-forwarded-for': address };
  return openPage(browser, look, { extraHTTPHeaders, ...options });
}

async function show(page: Page, code: string): Promise<string> {
  await page.locator('#code').pressSequentially(code);
  await page.locator('form button[type=submit]').click();
  const answer = page.locator('.answer h3');
  await answer.waitFor();
  return (await answer.textContent()) ?? '';
}

const standing = (page: Page) => page.locator('.standing').textContent();
const signal = (page: Page) => page.locator('#scans .signal').textContent();

async function copiedScans(path: string): Promise<void> {
  const day_ms = house.clock.now_ms();
  for (let first = 0; first < COPIED_SCANS; first += CROWD) {
    house.clock.standAt(day_ms - DAY_MS * (1 - first / COPIED_SCANS));
    const crowd = Array.from({ length: CROWD }, (_, i) => first + i);
    const answers = await Promise.all(
      crowd.map((n) =>
        fetch(`${house.url}/api/v1/scans`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-forwarded-for': `198.51.${100 + (n >> 8)}.${n & 255}`,
            'x-area': encodeURIComponent(CITIES[n % CITIES.length] ?? ''),
          },
          body: JSON.stringify({ link: path }),
        }),
      ),
    );
    expect(answers.every(({ ok }) => ok)).toBe(true);
  }
  house.clock.letGo();
}

test('a code is revealed once; who comes with it later sees a copy', async () => {
  const { path, code } = pack(0);
  const buyer = await phone('192.0.2.1');
  await buyer.page.goto(house.url + path);
  expect(await outcomeOf(buyer.page)).toBe('verdict');
  expect(await standing(buyer.page)).toBe('账本证实：这个码还没有人出示过');
  await buyer.page.locator('#scans').waitFor();
  expect(await signal(buyer.page)).toBe('还没有别人扫过');

  expect(await show(buyer.page, '0000000000000')).toBe('不是这一包的码');
  await buyer.page.locator('#code').fill('');
  // As people type it: lower case, an o for a nought, an l for a one.
  expect(await show(buyer.page, code.toLowerCase().replace('0', 'o').replace('1', 'l'))).toBe(
    '码是真的，您是第一个出示的人',
  );
  expect(await axeFaults(buyer.page)).toEqual([]);
  await photograph(buyer.page, 'reveal-first-360-zh-CN');
  await buyer.page.getByRole('button', { name: '让本机再去账本核对' }).click();
  expect(await outcomeOf(buyer.page)).toBe('verdict');
  expect(await standing(buyer.page)).toContain('由这台设备出示');
  expect(await buyer.page.locator('#code').count()).toBe(0);

  const second = await phone('192.0.2.2', { language: 'en-GB' });
  await second.page.goto(house.url + path);
  expect(await outcomeOf(second.page)).toBe('verdict');
  expect(await standing(second.page)).toContain('The ledger proves: shown on');
  await second.page.locator('#scans').waitFor();
  expect(await signal(second.page)).toBe('Others have scanned it too, which is normal');
  expect(await show(second.page, code)).toBe('The code is right, but it was used before');
  await second.page.locator('.sign.copy-proven').waitFor();
  expect(await signal(second.page)).toBe('The code under the coating was shown again');
  expect(await axeFaults(second.page)).toEqual([]);
  await photograph(second.page, 'reveal-again-360-en-GB');
  // The refused code of the first try is all that a console complains of.
  expect(buyer.errors.filter((error) => !/422/.test(error))).toEqual([]);
  expect(second.errors).toEqual([]);
  await buyer.context.close();
  await second.context.close();
});

test('400 scans in 12 cities are a strong sign, and no proof', async () => {
  const path = pack(1).path;
  await copiedScans(path);
  for (const look of [
    { width: 360, language: 'zh-CN', scheme: 'light' },
    { width: 360, language: 'en-GB', scheme: 'dark' },
    { width: 1280, language: 'zh-CN', scheme: 'dark' },
    { width: 1280, language: 'en-GB', scheme: 'light' },
  ] as const) {
    const { page, context, errors } = await phone('192.0.2.3', look);
    await page.goto(house.url + path);
    expect(await outcomeOf(page)).toBe('verdict');
    await page.locator('.sign.strong-sign').waitFor();
    const zh = look.language === 'zh-CN';
    expect(await signal(page)).toContain(zh ? '很可能被复制过' : 'very likely been copied');
    const card = (await page.locator('#scans').textContent()) ?? '';
    expect(card).toContain('12');
    expect(card).toMatch(zh ? /还不是证据/ : /no proof/);
    expect(card).toContain(zh ? '由本网站担保' : 'this site');
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await axeFaults(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
    expect(errors).toEqual([]);
    await photograph(page, `copied-${look.width}-${look.language}-${look.scheme}`);
    await context.close();
  }
});

test('a label without a code has no field for one, and a link’s language goes first', async () => {
  const { page, context, errors } = await phone('192.0.2.4', { language: 'zh-CN' });
  await page.goto(`${house.url}${plain[0]}?lang=en`);
  expect(await outcomeOf(page)).toBe('verdict');
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  await page.locator('#scans').waitFor();
  expect(await signal(page)).toBe('Nobody else has scanned it yet');
  expect(await page.locator('#reveal').count()).toBe(0);
  // The reader's own choice then outlives the link's.
  await page.locator('nav button').click();
  await page.reload();
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
  expect(errors).toEqual([]);
  await context.close();
});

test('a server that counts no scans and takes no codes changes nothing of the verdict', async () => {
  const { path, code } = pack(2);
  const { page, context } = await phone('192.0.2.5', { language: 'en-GB' });
  await page.route('**/api/v1/scans*', (route) => route.fulfill({ status: 500, body: '<html>' }));
  await page.route('**/api/v1/reveals', (route) => route.abort());
  await page.goto(house.url + path);
  expect(await outcomeOf(page)).toBe('verdict');
  expect(await show(page, code)).toBe('No answer came');
  expect(await page.locator('#scans').count()).toBe(0);
  expect(await page.locator('.sign').count()).toBe(0);
  await context.close();
});

test('what this device had kept is no scan, and no code is asked for', async () => {
  const { path } = pack(3);
  const scans = async (): Promise<unknown> => {
    const response = await fetch(`${house.url}/api/v1/scans?link=${encodeURIComponent(path)}`);
    return ((await response.json()) as { scans: number }).scans;
  };
  const { page, context } = await phone('192.0.2.6', { language: 'en-GB' });
  await page.goto(house.url + path);
  expect(await outcomeOf(page)).toBe('verdict');
  await page.locator('#scans').waitFor();
  expect(await scans()).toBe(1);
  await page.route('**/api/v1/bundles?*', (route) => route.abort());
  await page.goto(house.url + path);
  expect(await outcomeOf(page)).toBe('verdict');
  await page.locator('.warning').waitFor();
  expect(await page.locator('#code').count()).toBe(0);
  expect(await page.locator('#scans').count()).toBe(0);
  expect(await scans()).toBe(1);
  await context.close();
});
