// The pages as people meet them: two widths, two languages, two schemes; and the states in which they must not reassure.

import { createSeededRandom } from '@suyuan/firmware-sim';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GTIN, numbered, unitPath } from './support/aged-lot.ts';
import {
  type Look,
  openBrowser,
  openPage,
  outcomeOf,
  overflow,
  photograph,
} from './support/browser.ts';
import { axeFaults, smallTargets } from './support/faults.ts';
import { bundleUrl, fetchBytes } from './support/fetch-verdict.ts';
import { type FlakyWire, openFlakyWire } from './support/flaky-wire.ts';
import { openSmallLot, type SmallLot } from './support/small-lot.ts';

const SEED = process.env.SUYUAN_SEED ?? String(Date.now());
const FLIPS = 10;
/** What only a verdict may show: names of product, places and people, and words of grade. */
const CLAIMS = /陈皮|chenpi|一号|Room 1|三江|Sanjiang|已证实|Proven|有担保|Vouched/;

let lot: SmallLot;
let wire: FlakyWire;
let browser: Browser;
let path: string;

beforeAll(async () => {
  console.log(`SUYUAN_SEED=${SEED}`);
  lot = await openSmallLot();
  [path = ''] = lot.paths;
  wire = await openFlakyWire(lot.house.httpPort);
  browser = await openBrowser();
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await wire?.cut();
  await lot?.close();
});

const PAGES = [
  { name: 'list', path: () => '/', ready: (page: Page) => page.locator('.products li').first() },
  { name: 'scan', path: () => path, ready: (page: Page) => page.locator('h1#verdict') },
  { name: 'status', path: () => '/status', ready: (page: Page) => page.locator('.equation') },
] as const;

const LOOKS: Look[] = ([360, 1280] as const).flatMap((width) =>
  (['zh-CN', 'en-GB'] as const).flatMap((language) =>
    (['light', 'dark'] as const).map((scheme) => ({ width, language, scheme })),
  ),
);

describe.each(PAGES)('the $name page', ({ name, path: at, ready }) => {
  test.each(LOOKS)('$width px, $language, $scheme', async (look) => {
    const { page, context, errors } = await openPage(browser, look);
    await page.goto(`${wire.url}${at()}`);
    await ready(page).waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await axeFaults(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
    expect(await page.locator('html').getAttribute('lang')).toBe(
      look.language === 'zh-CN' ? 'zh-CN' : 'en',
    );
    expect(errors).toEqual([]);
    await photograph(page, `${name}-${look.width}-${look.language}-${look.scheme}`);
    await context.close();
  });
});

test('the chosen language is remembered, on every page', async () => {
  const { page, context } = await openPage(browser, { language: 'zh-CN' });
  const html = page.locator('html');
  await page.goto(`${wire.url}${path}`);
  expect(await html.getAttribute('lang')).toBe('zh-CN');
  await page.getByRole('button', { name: '中文' }).or(page.locator('nav button')).click();
  expect(await html.getAttribute('lang')).toBe('en');
  for (const next of [path, '/', '/status']) {
    await page.goto(`${wire.url}${next}`);
    expect(await html.getAttribute('lang')).toBe('en');
  }
  await page.locator('nav button').click();
  await page.reload();
  expect(await html.getAttribute('lang')).toBe('zh-CN');
  await context.close();
});

test('the list leads to the page of the pack', async () => {
  const { page, context } = await openPage(browser);
  await page.goto(wire.url);
  await page.locator(`.products a[href="${path}"]`).first().click();
  expect(await outcomeOf(page)).toBe('verdict');
  expect(await page.locator('.verdict').textContent()).toContain('新会陈皮');
  await context.close();
});

describe('evidence that was bent on its way', () => {
  async function expectBroken(page: Page): Promise<string> {
    expect(await outcomeOf(page)).toBe('broken');
    const text = (await page.locator('body').textContent()) ?? '';
    expect(text).not.toMatch(CLAIMS);
    expect(await page.title()).not.toMatch(CLAIMS);
    // The banner says in words which link broke.
    const which = (await page.locator('.banner .which').textContent()) ?? '';
    expect(which.length).toBeGreaterThan(8);
    const border = await page.evaluate<string>(
      "getComputedStyle(document.querySelector('.banner')).borderTopColor",
    );
    const [red = 0, green = 0, blue = 0] = (border.match(/\d+/g) ?? []).map(Number);
    expect(red).toBeGreaterThan(2 * Math.max(green, blue));
    return which;
  }

  const flipping = (at: (size: number) => number, mask: number) => async (route: Route) => {
    const response = await route.fetch();
    const body = Buffer.from(await response.body());
    const index = at(body.length);
    body[index] = (body[index] ?? 0) ^ mask;
    await route.fulfill({ response, body });
  };

  test(`one bit of the bundle, at ${FLIPS} places`, { timeout: 180_000 }, async () => {
    const size = (await fetchBytes(bundleUrl(wire.url, path))).length;
    const random = createSeededRandom(SEED);
    const places = [
      0,
      size - 1,
      ...Array.from({ length: FLIPS }, () => Math.floor(random() * size)),
    ];
    const { page, context } = await openPage(browser);
    // A device that has seen it whole must not fall back on what it kept.
    await page.goto(`${wire.url}${path}`);
    expect(await outcomeOf(page)).toBe('verdict');
    const named = new Set<string>();
    for (const place of places) {
      const mask = 1 << Math.floor(random() * 8);
      await page.route(
        '**/api/v1/bundles?*',
        flipping(() => place, mask),
      );
      await page.goto(`${wire.url}${path}`);
      named.add(
        await expectBroken(page).catch((error: unknown) => {
          throw new Error(`byte ${place} of ${size} xor ${mask}`, { cause: error });
        }),
      );
      await page.unroute('**/api/v1/bundles?*');
    }
    expect(named.size).toBeGreaterThan(1);
    await photograph(page, 'broken-360-zh-CN');
    await page.goto(`${wire.url}${path}`);
    expect(await outcomeOf(page)).toBe('verdict');
    await context.close();
  });

  test('one bit of every spot check', async () => {
    const { page, context } = await openPage(browser, { language: 'en-GB', width: 1280 });
    const bend = flipping((size) => Math.floor(size / 2), 4);
    await page.route('**/api/v1/proofs/**', bend);
    await page.goto(`${wire.url}${path}`);
    // Those that cannot even be read have not been delivered; one that can is refused.
    if ((await outcomeOf(page)) === 'broken') await expectBroken(page);
    else {
      const body = (await page.locator('.verdict').textContent()) ?? '';
      expect(body).toContain('Of 16 spots it picked at random, 0 match and 16 are missing');
      expect(body).toContain('Evidence in part');
    }
    await context.close();
  });

  test('another pack’s bundle, whole and genuine, is not this pack’s', async () => {
    const other = await fetchBytes(bundleUrl(wire.url, lot.paths[1] ?? ''));
    const { page, context } = await openPage(browser);
    await page.route('**/api/v1/bundles?*', (route) =>
      route.fulfill({ status: 200, contentType: 'application/cbor', body: Buffer.from(other) }),
    );
    await page.goto(`${wire.url}${path}`);
    await expectBroken(page);
    await context.close();
  });
});

test.each<[string, () => string]>([
  ['a serial that was never issued', () => unitPath('NEVER-ISSUED')],
  ['a product that nobody registered', () => `/01/${numbered('09520001', 999)}`],
])('%s is unknown, and nothing is said of it', async (_name, at) => {
  const { page, context, errors } = await openPage(browser, { language: 'en-GB' });
  const answer = await page.goto(`${wire.url}${at()}`);
  expect(answer?.status()).toBe(404);
  expect(await outcomeOf(page)).toBe('notice');
  expect(await page.locator('.notice.unknown').count()).toBe(1);
  expect(await page.locator('body').textContent()).not.toMatch(CLAIMS);
  expect(errors.filter((error) => !/404/.test(error))).toEqual([]);
  expect(await axeFaults(page)).toEqual([]);
  await context.close();
});

test('out of reach: what was verified here before, with its date, checked anew', async () => {
  const { page, context } = await openPage(browser, { language: 'en-GB' });
  await page.goto(`${wire.url}${path}`);
  expect(await outcomeOf(page)).toBe('verdict');
  expect(await page.locator('.warning').count()).toBe(0);
  // The worker that answers without the network.
  await page.waitForFunction('navigator.serviceWorker.ready.then(() => true)');
  await wire.cut();
  try {
    await page.reload();
    expect(await outcomeOf(page)).toBe('verdict');
    const today = new Intl.DateTimeFormat('en-GB', {
      ...{ day: 'numeric', month: 'short', year: 'numeric', timeZone: 'Asia/Shanghai' },
    }).format(Date.now());
    const warning = await page.locator('.warning').textContent();
    expect(warning).toContain('out of reach');
    expect(warning).toContain(today);
    await photograph(page, 'offline-360-en-GB');
    // A pack that this device never saw: nothing is known, and nothing is claimed.
    await page.goto(`${wire.url}${lot.paths[2]}`);
    expect(await outcomeOf(page)).toBe('notice');
    expect(await page.locator('.notice.unreachable').count()).toBe(1);
    expect(await page.locator('body').textContent()).not.toMatch(CLAIMS);
    await wire.mend();
    await page.locator('.notice button').click();
    expect(await outcomeOf(page)).toBe('verdict');
  } finally {
    await wire.mend().catch(() => {});
  }
  await context.close();
});

test('the status page counts packs while they come, and its books balance', async () => {
  const { page, context, errors } = await openPage(browser, { language: 'en-GB', width: 1280 });
  await page.goto(`${wire.url}/status`);
  await page.locator('.link.live').waitFor();
  const numberOf = async (selector: string): Promise<number> =>
    Number(((await page.locator(selector).textContent()) ?? '').replaceAll(/\D/g, ''));
  const received = await numberOf('.equation .received dd');
  for (let n = 0; n < 5; n++) {
    const time_ms = Date.now();
    await lot.device.record([{ quantity: 'temperature', time_ms, value: 21_000 + n }]);
  }
  await expect
    .poll(() => numberOf('.equation .received dd'), { timeout: 20_000 })
    .toBe(received + 5);
  await expect.poll(() => numberOf('.equation .stored dd'), { timeout: 20_000 }).toBe(received + 5);
  const [stored, quarantined, duplicate, flight] = [
    await numberOf('.equation .stored dd'),
    await numberOf('.equation .quarantined dd'),
    await numberOf('.equation .duplicate dd'),
    await numberOf('.equation .flight dd'),
  ];
  expect(stored + quarantined + duplicate + flight).toBe(received + 5);
  expect(errors).toEqual([]);
  await context.close();
});

describe('a site that names another ledger than before', () => {
  const OTHER = 'ab'.repeat(32);

  async function openChanged(): Promise<Awaited<ReturnType<typeof openPage>>> {
    const opened = await openPage(browser, { language: 'en-GB' });
    const { page } = opened;
    await page.goto(`${wire.url}${path}`);
    expect(await outcomeOf(page)).toBe('verdict');
    await page.route('**/suyuan-pin.json', (route) => route.fulfill({ json: { genesis: OTHER } }));
    await page.goto(`${wire.url}${path}`);
    expect(await outcomeOf(page)).toBe('changed');
    const text = (await page.locator('.changed').textContent()) ?? '';
    expect(text).toContain(OTHER);
    expect(text).toContain(Buffer.from(lot.house.genesisHash).toString('hex'));
    expect(await page.locator('main').textContent()).not.toMatch(CLAIMS);
    expect(await axeFaults(page)).toEqual([]);
    return opened;
  }

  test('asks; whoever keeps the old one gets a verdict by it', async () => {
    const { page, context } = await openChanged();
    await photograph(page, 'pin-changed-360-en-GB');
    await page.locator('.changed button').first().click();
    expect(await outcomeOf(page)).toBe('verdict');
    await context.close();
  });

  test('whoever takes the new one sees evidence of the old ledger refused', async () => {
    const { page, context } = await openChanged();
    await page.locator('.changed button').nth(1).click();
    expect(await outcomeOf(page)).toBe('broken');
    expect(await page.locator('.which').textContent()).toContain('a different ledger');
    await context.close();
  });
});

test('a product’s code alone and a lot’s code say no more than they can', async () => {
  const { page, context } = await openPage(browser, { language: 'en-GB' });
  await page.goto(`${wire.url}/01/${GTIN.peel}`);
  expect(await outcomeOf(page)).toBe('verdict');
  expect(await page.locator('.verdict').textContent()).toContain('no lot can be checked');
  await page.goto(`${wire.url}${path.replace(/\/21\/.*$/, '')}`);
  expect(await outcomeOf(page)).toBe('verdict');
  expect(await page.locator('.verdict').textContent()).not.toContain('Pack 1 of');
  await context.close();
});
