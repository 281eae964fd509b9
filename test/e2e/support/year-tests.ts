// What must hold of a logger's year after it has gone the whole way: device, MQTT, gateway, column store, ledger, bundle, page.

import {
  bytesToHex,
  concludeBundle,
  decodeAnchor,
  decodeStatement,
  leafHash,
  logRoot,
  profileHash,
  type Verdict,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { createSeededRandom, type ReplayProgress } from '@suyuan/firmware-sim';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueLabels, makeLots, registerShop, registerWorld } from './aged-lot.ts';
import { type Look, openBrowser, openPage, outcomeOf, overflow, photograph } from './browser.ts';
import { type Fetched, fetchVerdict } from './fetch-verdict.ts';
import { openTestHouse, type TestHouse } from './house.ts';
import {
  countFile,
  DAY_MS,
  type Digest,
  digestOf,
  type FileCounts,
  gapsOf,
  type LoggerFile,
  YEAR_END_MS,
  YEAR_START_MS,
} from './logger-file.ts';
import { replayYear, YEAR_DEVICES } from './replay-year.ts';

const LABELS = 400;
const deviceOf = (sensor: string): string =>
  YEAR_DEVICES.find((device) => device.sensor === sensor)?.id ?? sensor;
const ROOM_SENSORS = YEAR_DEVICES.filter(({ sensor }) => sensor !== 'External').map(
  ({ sensor }) => sensor,
);

/** @param name also names the pictures */
export function describeYear(name: string, load: () => Promise<LoggerFile>): void {
  describe(`the year of ${name}`, () => {
    let house: TestHouse;
    let browser: Browser;
    let counts: FileCounts;
    let report: ReplayProgress;
    let path: string;

    const rows = async (query: string): Promise<Record<string, unknown>[]> => {
      const result = await house.client.query({ query, format: 'JSONEachRow' });
      return result.json<Record<string, unknown>>();
    };

    beforeAll(async () => {
      const file = await load();
      counts = countFile(file);
      house = await openTestHouse({ start_ms: YEAR_START_MS - DAY_MS });
      await registerWorld(house);
      house.clock.standAt(YEAR_START_MS);
      await makeLots(house, YEAR_START_MS, 12);
      report = await replayYear(house, file);
      [path = ''] = await issueLabels(house, LABELS);
      await house.gateway.reconcileStatements();
      browser = await openBrowser();
    }, 300_000);

    afterAll(async () => {
      await browser?.close();
      await house?.close();
    });

    test('every row was played, and what the file lacks was left out', () => {
      expect(report).toMatchObject({
        rows: counts.rows,
        values: counts.readings.length,
        missingValues: counts.missingValues,
        skipped: 0,
        outOfOrder: 0,
      });
      expect(counts.rows).toBe(3 * 366 * 96);
      expect(counts.missingValues).toBeGreaterThan(0);
      expect(counts.readings.length + counts.missingValues).toBe(2 * counts.rows);
    });

    test('the column store holds the file: each value once, nothing else', async () => {
      const expected = digestOf(counts.readings, deviceOf);
      const stored = new Map<string, Digest>();
      const found = await rows(
        `SELECT concat(device, '/', quantity) AS name, count() AS n, uniqExact(time_ms) AS times,
           toString(sum(value)) AS total,
           lower(hex(SHA256(arrayStringConcat(arrayMap(r -> concat(toString(r.1), ',', toString(r.2), '\\n'),
             arraySort(groupArray((time_ms, value)))))))) AS digest
         FROM readings GROUP BY device, quantity ORDER BY name`,
      );
      for (const row of found) {
        expect(Number(row.times), `${row.name}: a time twice`).toBe(Number(row.n));
        const digest = { count: Number(row.n), sum: Number(row.total), sha256: String(row.digest) };
        stored.set(String(row.name), digest);
      }
      expect(stored).toEqual(expected);
    });

    test('nothing was late, ahead of its time, refused or sent twice', async () => {
      expect(await rows('SELECT count() AS n FROM readings WHERE flags != 0')).toEqual([
        { n: expect.toSatisfy((n: unknown) => Number(n) === 0) },
      ]);
      const { packs, quarantine, failure } = house.gateway.status();
      expect(failure).toBeNull();
      expect(packs).toEqual({
        received: report.packs,
        stored: report.packs,
        quarantined: 0,
        duplicate: 0,
        inFlight: 0,
      });
      expect(quarantine.reasons).toEqual({});
    });

    test('every pack is in the tree that the ledger holds of its batch', async () => {
      const hash = profileHash(nodeCrypto, house.profile);
      const batches = await rows(
        `SELECT batch, arrayMap(p -> lower(hex(p.2)), arraySort(groupArray((leaf, bytes)))) AS packs
         FROM packs GROUP BY batch ORDER BY batch`,
      );
      const account = house.gateway.status().account;
      let packs = 0;
      for (const [i, row] of batches.entries()) {
        expect(Number(row.batch)).toBe(i);
        const leaves = (row.packs as string[]).map((hex) =>
          leafHash(hash, new Uint8Array(Buffer.from(hex, 'hex'))),
        );
        const anchor = decodeAnchor(house.node.anchorLeaf(account, i) ?? new Uint8Array());
        expect(anchor.count).toBe(leaves.length);
        expect(bytesToHex(anchor.root)).toBe(bytesToHex(logRoot(hash, leaves)));
        packs += leaves.length;
      }
      expect(packs).toBe(report.packs);
      expect(house.node.anchorLeaf(account, batches.length)).toBeUndefined();
      expect(house.gateway.status().batches).toMatchObject({
        closed: batches.length,
        stored: batches.length,
        anchored: batches.length,
      });
    });

    test('statements cover the year, reading by reading', async () => {
      const stated = await rows(
        `SELECT device, quantity, month, base64Encode(argMax(bytes, revision)) AS bytes
         FROM statements GROUP BY device, quantity, month`,
      );
      expect(stated).toHaveLength(3 * 2 * 12);
      const sums = new Map<string, { count: number; sum: number }>();
      for (const { device, quantity, bytes } of stated) {
        const statement = decodeStatement(new Uint8Array(Buffer.from(String(bytes), 'base64')));
        const name = `${device}/${quantity}`;
        const sum = sums.get(name) ?? { count: 0, sum: 0 };
        for (const day of statement.days) {
          sum.count += day.count;
          sum.sum += day.sum;
          expect(day.late).toBe(0);
        }
        sums.set(name, sum);
      }
      const expected = [...digestOf(counts.readings, deviceOf)].map(
        ([key, { count, sum }]) => [key, { count, sum }] as const,
      );
      expect(new Map([...sums].sort())).toEqual(new Map(expected));
    });

    describe('the bundle of a pack of that lot', () => {
      let fetched: Fetched;

      beforeAll(async () => {
        const random = createSeededRandom(name);
        fetched = await fetchVerdict(house.url, path, house.genesisHash, () =>
          Math.floor(random() * 2 ** 32),
        );
      });

      test('its gaps are those of the file', () => {
        const { verdict, checked } = fetched;
        const expected = gapsOf(counts.readings, ROOM_SENSORS);
        expect(expected.length).toBeGreaterThan(0);
        // Without the spot checks, whose readings speak for a few minutes of a gap each.
        const gaps = (spans: Verdict['age']) =>
          spans
            .filter(({ state }) => state === 'gap')
            .map(({ from_ms, to_ms }) => ({ from_ms, to_ms }));
        expect(gaps(concludeBundle(checked, [], []).age)).toEqual(expected);
        const shown = gaps(verdict.age);
        expect(shown.length).toBe(expected.length);
        for (const [i, gap] of shown.entries()) {
          expect(gap.from_ms).toBeGreaterThanOrEqual(expected[i]?.from_ms ?? 0);
          expect(gap.to_ms).toBe(expected[i]?.to_ms);
        }
      });

      test('grades say who vouches for what', () => {
        const { verdict, picks, samples } = fetched;
        const ageing = verdict.claims.filter((claim) => claim.kind === 'ageing');
        expect(ageing).toHaveLength(1);
        expect(ageing[0]).toMatchObject({
          grade: 'attested',
          from_ms: YEAR_START_MS,
          late: 0,
          claimed_months: 12,
        });
        expect(verdict.claims.find(({ kind }) => kind === 'label')).toMatchObject({
          grade: 'proven',
          count: LABELS,
        });
        expect(picks).toHaveLength(16);
        expect(samples).toHaveLength(16);
        expect(verdict.claims.find(({ kind }) => kind === 'spot-check')).toMatchObject({
          grade: 'proven',
          picked: 16,
          matched: 16,
          contradicted: 0,
        });
        const devices = verdict.claims.find((claim) => claim.kind === 'devices');
        // The sensor outside says nothing of the room.
        expect(
          devices?.kind === 'devices' && devices.devices.map(({ suite }) => suite).sort(),
        ).toEqual(['es256', 'sm2']);
      });

      test('the plot has a hole wherever the sensor was silent', () => {
        const { verdict } = fetched;
        for (const sensor of ROOM_SENSORS) {
          const device = deviceOf(sensor);
          const series = concludeBundle(fetched.checked, [], []).series.find(
            (each) => each.device === device && each.quantity === 'temperature',
          );
          const holes = (series?.points ?? []).flatMap((point, i, all) => {
            const next = all[i + 1];
            return next === undefined || next.from_ms === point.to_ms
              ? []
              : [{ from_ms: point.to_ms, to_ms: next.from_ms }];
          });
          const own = gapsOf(counts.readings, [sensor]);
          expect(holes).toEqual(
            own.filter((gap) => gap.from_ms > YEAR_START_MS && gap.to_ms < YEAR_END_MS),
          );
        }
        expect(verdict.series.some(({ device }) => device === deviceOf('External'))).toBe(false);
      });
    });

    describe('on the phone', () => {
      beforeAll(async () => {
        // Scanned today: real time again, and a block of it.
        house.clock.letGo();
        await registerShop(house);
      });

      test.each<Look>([
        { width: 360, language: 'zh-CN' },
        { width: 360, language: 'en-GB', scheme: 'dark' },
        { width: 1280, language: 'zh-CN', scheme: 'dark' },
        { width: 1280, language: 'en-GB' },
      ])('%j: verdict, counts, gaps', async (look) => {
        const { page, context, errors } = await openPage(browser, look);
        await page.goto(`${house.url}${path}`);
        expect(await outcomeOf(page), errors.join('\n')).toBe('verdict');
        await expectVerdict(page, look);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        expect(errors).toEqual([]);
        const language = look.language === 'zh-CN' ? 'zh' : 'en';
        await photograph(page, `year-${name}-${look.width}-${language}-${look.scheme ?? 'light'}`);
        await context.close();
      });

      async function expectVerdict(page: Page, look: Look): Promise<void> {
        const zh = look.language === 'zh-CN';
        const gaps = gapsOf(counts.readings, ROOM_SENSORS);
        const facts = await page.locator('section[aria-labelledby="age"]').textContent();
        expect(facts).toContain(zh ? `缺失 ${gaps.length} 段` : `${gaps.length} gaps, `);
        const checked = (await page.locator('.check').textContent()) ?? '';
        const [signatures = 0, hashes = 0] = (checked.match(/[\d,]+(?!\.\d)/g) ?? []).map((text) =>
          Number(text.replaceAll(',', '')),
        );
        // 16 spot checks, 24 × 2 statements, two days of packs, a quorum.
        expect(signatures).toBeGreaterThan(48 + 16);
        expect(hashes).toBeGreaterThan(signatures);
        // Drawn: every gap in the band, as an area or as a cut, and every silence of the chosen sensor in the plot.
        const drawn = await page.locator('section[aria-labelledby="age"] svg .cut').count();
        const areas = await page
          .locator('section[aria-labelledby="age"] svg g rect[fill="url(#age-none)"]')
          .count();
        expect(drawn + areas).toBeGreaterThan(0);
        for (const { sensor, id } of YEAR_DEVICES.filter(({ sensor }) => sensor !== 'External')) {
          await page.locator('section[aria-labelledby="climate"] select').selectOption(id);
          const silences = gapsOf(counts.readings, [sensor]);
          const holes = page.locator(
            'section[aria-labelledby="climate"] g.temperature rect[fill="url(#plot-none)"]',
          );
          expect(await holes.count()).toBeGreaterThanOrEqual(silences.length > 0 ? 1 : 0);
        }
      }
    });
  });
}
