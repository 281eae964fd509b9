// The limits that the demo's stewards sign, each with where it comes from. They are defaults to argue with, not law.

import { GTIN, POLICY } from './goods.ts';
import { names } from './ids.ts';
import type { Plan } from './plan.ts';

/** Grams of fruit that a mu yields: 150,300 t from 143,000 mu in 2023. At 4.99 % that is 52 kg of dried peel. */
export const FRUIT_G_PER_MU = 1_050_000;

const HOUR_MS = 3_600_000;
const MONTHS_A_YEAR = 12;
const AGEING_MONTHS = 36;

const recall = { start_h: [24, 48, 72], finish_workdays: [10, 20, 30] };
const recallSource = {
  topic: '召回时限 recall deadlines',
  source: '食品召回管理办法 (2015): 24 / 48 / 72 h, 10 / 20 / 30 working days',
};

/** Warmer or damper than this for so long. Values are thousandths of a degree or percent. */
function above(quantity: 'temperature' | 'humidity', limit: number, duration_ms: number) {
  const error = quantity === 'temperature' ? 500 : 3000;
  return { quantity, above: true, limit, duration_ms, cumulative: false, error };
}

export function policiesOf({ years }: Pick<Plan, 'years'>) {
  const ageing_months_min = Math.min(AGEING_MONTHS, years * MONTHS_A_YEAR);
  const shortened = ageing_months_min < AGEING_MONTHS;
  return [
    {
      by: 'association',
      policy: POLICY.mandarins,
      title: names('新会柑鲜果限量', 'Limits for fresh Xinhui mandarins'),
      quota_g_per_mu: FRUIT_G_PER_MU,
      recall,
      sources: [
        {
          topic: '亩产 yield a mu',
          source: '2023 season: 143,000 mu, 150,300 t of fruit, about 7,500 t of peel; 52 kg a mu',
        },
        recallSource,
      ],
    },
    {
      by: 'association',
      policy: POLICY.driedPeel,
      title: names('新会柑皮：得率', 'Xinhui peel: yield'),
      yields: [
        {
          process: 'dry',
          from: GTIN.mandarins,
          to: GTIN.driedPeel,
          min_ppm: 30_000,
          max_ppm: 49_900,
        },
      ],
      loss_ppm_per_year: 30_000,
      recall,
      sources: [
        { topic: '得率 fruit to dried peel', source: '2023 season: 20 : 1, 4.99 %' },
        { topic: '损耗 loss', source: '3 % a year (trade practice, to be confirmed)' },
        recallSource,
      ],
    },
    {
      by: 'association',
      policy: POLICY.chenpi,
      title: names('新会陈皮：损耗、陈化、仓储', 'Xinhui chenpi: loss, ageing, storage'),
      yields: [
        {
          process: 'age',
          from: GTIN.driedPeel,
          to: GTIN.chenpi,
          min_ppm: 0,
          max_ppm: 1_000_000,
        },
        { process: 're-sun', from: GTIN.chenpi, to: GTIN.chenpi, min_ppm: 0, max_ppm: 1_000_000 },
        { process: 'grade', from: GTIN.chenpi, to: GTIN.chenpi, min_ppm: 0, max_ppm: 1_000_000 },
      ],
      loss_ppm_per_year: 30_000,
      ageing_months_min,
      climate: [
        above('humidity', 70_000, 24 * HOUR_MS),
        // Both together are an oven: artificial ageing, which is evidence against the claim.
        above('temperature', 40_000, 6 * HOUR_MS),
        above('humidity', 90_000, 6 * HOUR_MS),
      ],
      recall,
      sources: [
        { topic: '损耗 loss', source: '3 % a year (trade practice, to be confirmed)' },
        {
          topic: '陈化 ageing',
          source: shortened
            ? `at least 36 months (DB4407/T 70-2021); this demo is shortened to ${ageing_months_min}`
            : 'at least 36 months (DB4407/T 70-2021)',
        },
        { topic: '仓储湿度 room humidity', source: 'trade practice: RH > 70 % for 24 h' },
        { topic: '催陈 forced ageing', source: 'sustained 40 °C and 90 % RH' },
        recallSource,
      ],
    },
    {
      by: 'bureau',
      policy: POLICY.rice,
      title: names('台山大米：出米率', 'Taishan rice: milling yield'),
      yields: [
        { process: 'dry', from: GTIN.paddy, to: GTIN.paddy, min_ppm: 800_000, max_ppm: 1_000_000 },
        { process: 'mill', from: GTIN.paddy, to: GTIN.rice, min_ppm: 600_000, max_ppm: 700_000 },
      ],
      loss_ppm_per_year: 20_000,
      recall,
      sources: [
        {
          topic: '出米率 milling yield',
          source:
            'milled rice 60–70 % of paddy (trade practice), capped by season; grades of GB/T 1354-2018',
        },
        { topic: '镉 cadmium', source: 'GB 2762: at most 0.2 mg/kg in milled rice' },
        recallSource,
      ],
    },
    {
      by: 'bureau',
      policy: POLICY.melon,
      title: names('杜阮凉瓜：冷链', 'Duruan bitter melon: cold chain'),
      yields: [
        {
          process: 'chill',
          from: GTIN.melon,
          to: GTIN.melon,
          min_ppm: 900_000,
          max_ppm: 1_000_000,
        },
      ],
      climate: [above('temperature', 8_000, HOUR_MS / 2)],
      recall,
      sources: [
        { topic: '冷链 cold chain', source: 'GB/T 24616-2019: chilled, below 8 °C' },
        { topic: '合格证 conformity', source: '承诺达标合格证, MARA order 4/2025' },
        recallSource,
      ],
    },
    {
      by: 'bureau',
      policy: POLICY.plain,
      title: names('食品召回时限', 'Recall deadlines for food'),
      recall,
      sources: [recallSource],
    },
  ] as const;
}
