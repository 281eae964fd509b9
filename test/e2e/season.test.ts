// The demo season as a story: every station as the ledger, the public API and a buyer's phone tell it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeScans } from '@suyuan/contracts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DESK, openBrowser, openPage, outcomeOf, overflow, photograph } from './support/browser.ts';
import {
  type DemoSeason,
  liveDemo,
  of,
  type RecallRecord,
  type Scans,
  type Transaction,
} from './support/demo-season.ts';
import { createTempDir } from './support/paths.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const temp = createTempDir();
let demo: DemoSeason;

beforeAll(async () => {
  demo = await liveDemo(join(temp.path, 'demo'), ['--season-years', '1']);
}, 400_000);

afterAll(async () => {
  await demo?.house.kill();
  temp.remove();
});

test('nothing went wrong on the way: no pack in quarantine, no alarm, no word on standard error', async () => {
  const { gateway } = await demo.json<{
    gateway: {
      packs: Record<'received' | 'stored' | 'quarantined', number>;
      alarms: { counts: Record<string, number> };
    };
  }>('/api/v1/status');
  expect(gateway.packs.quarantined).toBe(0);
  expect(gateway.packs.stored).toBeGreaterThan(18_000);
  expect(Object.values(gateway.alarms.counts).every((count) => count === 0)).toBe(true);
  expect(demo.house.stderr).toBe('');
});

describe('the peel', () => {
  test('has aged as long as its label says, hour by hour, from fruit within its quotas', async () => {
    const claims = await demo.claims('aged');
    expect(of(claims, 'age')).toMatchObject([{ grade: 'proven', claimed_months: 12 }]);
    const room = of(claims, 'ageing').find(({ place }) => place.name.en === 'Ageing room A-1');
    expect(room).toMatchObject({ grade: 'attested', gaps: 0, gap_ms: 0, claimed_months: 12 });
    expect(room?.covered_ms).toBeGreaterThan(365.25 * DAY_MS);
    // Three orchards of 24, 41 and 36.4 mu at 1,050 kg a mu; 8 t drawn of each.
    expect(of(claims, 'quota')).toMatchObject([
      { grade: 'proven', plots: 3, granted: 106_470_000, drawn: 24_000_000, here: 24_000_000 },
    ]);
    expect(of(claims, 'origin')).toHaveLength(3);
    for (const origin of of(claims, 'origin'))
      expect(origin).toMatchObject({ grade: 'attested', basis: 'consent' });
    expect(of(claims, 'policy')[0]?.steps.map(({ within }) => within)).toEqual(['yes', 'yes']);
    expect(of(claims, 'recall')).toMatchObject([{ grade: 'proven', recalls: [] }]);
    expect(of(claims, 'label')).toMatchObject([{ standing: 'active', count: 1_600 }]);
    expect(
      of(claims, 'document')
        .map(({ document }) => document?.type)
        .sort(),
    ).toEqual(['gi-authorisation', 'laboratory-report']);
    expect(of(claims, 'spot-check')[0]).toMatchObject({ grade: 'proven' });
  });

  test('of the other room has the outages as gaps: what was not measured is unknown', async () => {
    const claims = await demo.claims('outages');
    const room = of(claims, 'ageing').find(({ place }) => place.name.en === 'Ageing room B-3');
    expect(room).toMatchObject({ gaps: 2 });
    expect(room?.gap_ms).toBeGreaterThan(60 * HOUR_MS);
    expect(room?.gap_ms).toBeLessThan(72 * HOUR_MS);
    expect(of(claims, 'limit').every(({ grade }) => grade === 'unknown')).toBe(true);
  });
});

describe('the melons', () => {
  test('grew warm in the truck, and the packs of its sensor prove it', async () => {
    const claims = await demo.claims('excursion');
    const [limit] = of(claims, 'limit').filter(({ quantity }) => quantity === 'temperature');
    expect(limit).toMatchObject({ grade: 'proven', above: true, limit: 8_000, excursions: 1 });
    expect(of(claims, 'ageing').map(({ place }) => place.name.en)).toContain('Chilled truck 7');
    expect(of(claims, 'document')).toMatchObject([{ document: { type: 'conformity' } }]);
  });
});

describe('the rice', () => {
  test('went through silo and mill within its yield, and is not recalled', async () => {
    const claims = await demo.claims('rice');
    const mill = of(claims, 'policy')[0]?.steps.find(({ process }) => process === 'mill');
    expect(mill).toMatchObject({ within: 'yes', max: 28_000_000, to: { amount: 26_400_000 } });
    expect(of(claims, 'recall')).toMatchObject([{ grade: 'proven', recalls: [] }]);
  });

  test('of the other silo is recalled at level 2, on the page before anything else', async () => {
    const claims = await demo.claims('recalled');
    expect(of(claims, 'recall')).toMatchObject([
      { grade: 'proven', recalls: [{ id: 'R-1', level: 2, opener: { id: 'regulator' } }] },
    ]);
    const recall = await demo.json<RecallRecord>(demo.story('recall'));
    expect(recall).toMatchObject({
      status: 'open',
      level: 2,
      mock: false,
      scope: { count: 2 },
      holders: 2,
      acknowledged: 2,
    });
    // A hundred bags of five kilograms are still looked for.
    expect(recall.due.g - recall.reported.g).toBe(500_000);
    expect(recall.startDue - recall.openedAt).toBe(48 * HOUR_MS);
    // Twenty working days are four weeks at least.
    expect(recall.finishDue - recall.openedAt).toBeGreaterThan(27 * DAY_MS);
  });

  test('cannot be sold on while it is recalled', async () => {
    const [, , gtin, , lot] = new URL(demo.story('recalled'), demo.house.url).pathname.split('/');
    const payload = join(temp.path, 'labels.json');
    writeFileSync(
      payload,
      JSON.stringify({ gtin, lot, batch: 'L2', root: '00'.repeat(32), count: 1, net: 5_000 }),
    );
    const { code, words } = await demo.submit('taishan-coop', 'labels', 'issue', payload);
    expect(words).toContain('recalls/in-scope');
    expect(code).toBe(1);
  });
});

describe('what goes wrong', () => {
  test('a quota that is sold twice: the second purchase stands in its block as refused', async () => {
    const refused = await demo.json<Transaction>(demo.story('overClaim'));
    expect(refused).toMatchObject({
      signer: 'jinshun-peel',
      module: 'lots',
      action: 'purchase',
      receipt: { ok: false, code: 'quotas/exceeded' },
    });
    const { gtin, lot } = refused.payload;
    expect((await fetch(`${demo.house.url}/api/v1/trace/lots/${gtin}/${lot}`)).status).toBe(404);
  });

  test('an origin that the grower refutes: the regulator upheld it, and every page of it says so', async () => {
    const claims = await demo.claims('refuted');
    expect(of(claims, 'dispute')).toMatchObject([
      { grade: 'proven', status: 'upheld', opener: { id: 'grower-shuangshui' } },
    ]);
    expect(of(claims, 'origin')).toMatchObject([{ grade: 'unknown', basis: 'no-consent' }]);
  });

  test('a label that was copied: four hundred scans in twelve cities that people chose are unusual', async () => {
    const link = encodeURIComponent(demo.story('copied'));
    const history = await demo.json<Scans>(`/api/v1/scans?link=${link}`);
    expect(history).toMatchObject({ scans: 400, areas: { chosen: 12 } });
    expect(history.days).toHaveLength(8);
    // The code under its scratch layer was shown to the ledger, and then once more by somebody else.
    expect(history.reveals).toMatchObject({ again: 1 });
    expect(history.reveals && judgeScans(history, history.reveals).signal).toBe('copy-proven');
    const { reveals: _, ...scansAlone } = history;
    // All phones of one address are one household: elsewhere than on Linux there is only one address.
    if (process.platform === 'linux') {
      expect(history.visitors).toBe(400);
      const reveals = { revealedAt_ms: null, again: 0 };
      // Nobody checked the cities: they make no strong sign.
      expect(judgeScans(scansAlone, reveals).signal).toBe('unusual');
    }
  });

  test('a code under the scratch layer that is shown twice: the second one is refused', async () => {
    const second = await demo.json<Transaction>(demo.story('secondReveal'));
    expect(second).toMatchObject({
      module: 'labels',
      action: 'reveal',
      receipt: { ok: false, code: 'labels/already-revealed' },
    });
  });
});

test('the drill found every gram within four hours', async () => {
  const drill = await demo.json<RecallRecord>(demo.story('drill'));
  expect(drill).toMatchObject({
    status: 'closed',
    mock: true,
    holders: 2,
    acknowledged: 2,
    reconciled_permille: 1_000,
    scope: { count: 3 },
  });
  expect(drill.reported).toEqual(drill.due);
  const took_ms = (drill.closedAt ?? Number.POSITIVE_INFINITY) - drill.openedAt;
  expect(took_ms).toBeGreaterThan(2 * HOUR_MS);
  expect(took_ms).toBeLessThan(4 * HOUR_MS);
});

describe('on the pages', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  const cases = (['recalled', 'copied', 'excursion', 'aged'] as const).flatMap((story) =>
    (['zh-CN', 'en-GB'] as const).map((language) => [story, language] as const),
  );
  test.each(cases)('%s in %s', async (story, language) => {
    const { page, context, errors } = await openPage(browser, { width: 360, language });
    try {
      await page.goto(`${demo.house.url}${demo.story(story)}`);
      expect(await outcomeOf(page)).toBe('verdict');
      const name = `season-${story}-${language.slice(0, 2)}`;
      // The phone asks for the scans of the pack after its verdict.
      await page.locator('#scans').waitFor();
      if (story === 'copied') await page.locator('.sign.copy-proven').waitFor();
      await photograph(page, `${name}-360`);
      expect(await overflow(page)).toBe(0);
      await page.setViewportSize(DESK);
      await photograph(page, `${name}-1280`);
      expect(await overflow(page)).toBe(0);
      if (story === 'recalled') {
        const words = language === 'zh-CN' ? /召回/ : /recall/i;
        expect(await page.locator('main').textContent()).toMatch(words);
      }
      expect(errors).toEqual([]);
    } finally {
      await context.close();
    }
  });
});
