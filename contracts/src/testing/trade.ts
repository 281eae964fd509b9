// A small trade for tests of rules: two growers, two processors, a carrier, a shop and an auditor; fruit with a mark and a
// quota, peel with yields, melons by count that need a certificate, and things without any policy.

import { portableCrypto } from '../crypto/portable.ts';
import type { CborObject } from '../encoding/types.ts';
import { checkDigit } from '../gs1/check-digit.ts';
import { encodeConsent } from '../ledger/consent.ts';
import { type Lot, lotKey, toLot } from '../rules/lots/lot.ts';
import { createRuleBench, type RuleBench } from './rule-bench.ts';

const gtin = (n: number) => withCheck(`069012345${String(n).padStart(4, '0')}`);
const gln = (n: number) => withCheck(`69012345${String(n).padStart(4, '0')}`);

export const FRUIT = gtin(1);
export const PEEL = gtin(2);
export const TEA = gtin(3);
export const MELON = gtin(4);
export const SEED = gtin(5);
/** Has the mark, and a policy that bounds no yields. */
export const CAKE = gtin(6);

export const PLOT_1 = gln(1);
export const PLOT_2 = gln(2);
export const MILL = gln(3);
export const MILL_YARD = gln(4);
export const MILL_2 = gln(5);
export const VAN = gln(6);
export const SHOP = gln(7);

export const SEASON = '2025';
/** 10 mu at 1000 kg. */
export const QUOTA_G = 10_000_000;

let trade: RuleBench | undefined;

/** A fresh copy of the trade, no goods in it yet. */
export function createTrade(): RuleBench {
  trade ??= begin();
  return trade.fork();
}

/** The record of a lot; throws Error where there is none. */
export function lotOf(bench: RuleBench, product: string, lot: string): Lot {
  const value = bench.state.get(lotKey(product, lot));
  if (value === undefined) throw new Error(`trade: no lot ${lot}`);
  return toLot(value);
}

/** A harvest of fruit by grower-1 with all that the rules ask for. */
export function harvestOf(lot: string, amount: number): CborObject {
  return { gtin: FRUIT, lot, place: PLOT_1, amount, season: SEASON };
}

/** The terms of a purchase of grower-1's fruit by mill-1. */
export function purchaseOf(lot: string, amount: number): CborObject {
  const where = { grower: 'grower-1', plot: PLOT_1, place: MILL };
  return { gtin: FRUIT, lot, amount, season: SEASON, ...where };
}

/** grower-1's signed consent to `purchaseOf` such an amount, bent by `change`. */
export function consentTo(
  bench: RuleBench,
  amount: number,
  change: Partial<Parameters<typeof encodeConsent>[1]> = {},
): Uint8Array {
  return encodeConsent(portableCrypto, {
    secret: bench.keyOf('grower-1'),
    grower: 'grower-1',
    chainId: bench.chainId,
    buyer: 'mill-1',
    gtin: FRUIT,
    plot: PLOT_1,
    season: SEASON,
    amount,
    nonce: new Uint8Array(16).fill(1),
    validUntil: bench.time_ms + 86_400_000,
    ...change,
  });
}

function begin(): RuleBench {
  const bench = createRuleBench();
  const { must } = bench;
  for (const role of ['association', 'regulator', 'bureau', 'carrier', 'shop', 'auditor'] as const)
    bench.addAccount(role, [role]);
  bench.addAccount('grower-1', ['grower']);
  bench.addAccount('grower-2', ['grower']);
  bench.addAccount('mill-1', ['processor']);
  bench.addAccount('mill-2', ['processor']);

  must('regulator', 'products.register-mark', {
    mark: 'xh',
    name: names('mark'),
    steward: 'association',
  });
  const from = bench.height + 4;
  const sources = [{ topic: 'test', source: 'test' }];
  const policy = (id: string, limits: CborObject) =>
    must('association', 'policies.adopt', {
      policy: id,
      version: 1,
      title: names(id),
      from,
      sources,
      ...limits,
    });
  policy('fruit', { quota_g_per_mu: 1_000_000 });
  policy('peel', {
    loss_ppm_per_year: 30_000,
    yields: [
      { process: 'peel', from: FRUIT, to: PEEL, min_ppm: 10_000, max_ppm: 60_000 },
      { process: 'peel', from: FRUIT, to: PEEL, min_ppm: 10_000, max_ppm: 50_000, season: SEASON },
      { process: 'age', from: PEEL, to: PEEL, min_ppm: 900_000, max_ppm: 1_000_000 },
    ],
  });
  policy('cake', {});
  const product = (id: string, unit: string, more: CborObject) =>
    must('association', 'products.register', {
      gtin: id,
      name: names(id),
      category: 'food',
      regime: 'none',
      unit,
      ...more,
    });
  const marked = { regime: 'gi', mark: 'xh', family: 'chenpi' };
  product(FRUIT, 'g', { ...marked, policy: 'fruit' });
  product(PEEL, 'g', { ...marked, policy: 'peel' });
  product(TEA, 'g', {});
  product(MELON, 'count', { listed: true });
  product(SEED, 'g', {});
  product(CAKE, 'g', { ...marked, policy: 'cake' });

  const place = (id: string, kind: string, holder: string, more: CborObject = {}) =>
    must('association', 'places.register', {
      gln: id,
      kind,
      name: names(kind),
      township: names('town'),
      holder,
      ...more,
    });
  place(PLOT_1, 'plot', 'grower-1', { area_mmu: 10_000 });
  place(PLOT_2, 'plot', 'grower-2', { area_mmu: 10_000 });
  place(MILL, 'plant', 'mill-1');
  place(MILL_YARD, 'yard', 'mill-1');
  place(MILL_2, 'plant', 'mill-2');
  place(VAN, 'vehicle', 'carrier');
  place(SHOP, 'shop', 'shop');
  const season = { from: bench.time_ms - 1000, to: bench.time_ms + 90 * 86_400_000 };
  must('association', 'places.set-membership', { gln: PLOT_1, mark: 'xh', ...season });
  must('association', 'quotas.grant', {
    gln: PLOT_1,
    gtin: FRUIT,
    season: SEASON,
    amount: QUOTA_G,
    ...season,
  });
  return bench;
}

function names(en: string): CborObject {
  return { zh: en, en };
}

function withCheck(digits: string): string {
  return `${digits}${checkDigit(digits)}`;
}
