// The demo's season: everything is done by the ways that real parties have, signed by their own keys, on a clock that passes
// through the season in seconds.

import {
  buildDigitalLink,
  type CborObject,
  type Hash,
  labelKey,
  lotKey,
  profileHash,
  validatorSuite,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { HouseClock } from '../house/clock.ts';
import type { House } from '../house/house.ts';
import { type Fleet, openFleet, orAborted } from './fleet.ts';
import { labelsOf } from './labels.ts';
import { isLived, type SeasonFile, type SeasonProgress } from './progress.ts';
import {
  DAY_MS,
  GLN,
  GTIN,
  HOUR_MS,
  LOT,
  PLACES,
  PRODUCERS,
  PRODUCTS,
  SEASON_DAYS,
  STORY_DAYS,
} from './story.ts';

/** The longest step that leaves every reading on time: later than 48 h after its own time it would count as late. */
const STEP_MS = 40 * HOUR_MS;

export interface SeasonParts {
  readonly house: House;
  readonly clock: HouseClock;
  readonly file: SeasonFile;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onProgress: (lived: number, total: number) => void;
}

interface StoryEvent {
  readonly at_ms: number;
  readonly run: () => Promise<void>;
}

/** The progress of a house that has not begun. */
export function freshProgress(now_ms: number): SeasonProgress {
  return { end_ms: now_ms, cursor_ms: now_ms - SEASON_DAYS * DAY_MS, sampleLinks: {} };
}

/** Lives through the season up to its end, or until `signal` aborts. Gives the devices, which go on living. */
export async function liveThroughSeason(parts: SeasonParts): Promise<Fleet> {
  const { house, clock, file, signal, onProgress } = parts;
  const { end_ms } = file.get();
  const start_ms = end_ms - SEASON_DAYS * DAY_MS;
  if (!isLived(file.get())) clock.standAt(file.get().cursor_ms);
  await registerAll(house);
  const fleet = await openFleet(house, clock, parts.directory, end_ms);
  const events = storyOf(parts, end_ms);
  while (!isLived(file.get()) && !signal.aborted) {
    const from_ms = file.get().cursor_ms;
    const nextEvent_ms = events.find((e) => e.at_ms > from_ms)?.at_ms ?? end_ms;
    const to_ms = Math.min(end_ms, from_ms + STEP_MS, nextEvent_ms);
    for (const event of events.filter((e) => e.at_ms === from_ms)) await event.run();
    await fleet.register(from_ms);
    clock.standAt(to_ms);
    await fleet.report(from_ms, to_ms, signal);
    if (signal.aborted) break;
    await orAborted(house.gateway.drained(), signal);
    if (signal.aborted) break;
    await file.put({ ...file.get(), cursor_ms: to_ms });
    onProgress(to_ms - start_ms, end_ms - start_ms);
  }
  if (signal.aborted) return fleet;
  await fleet.register(end_ms);
  for (const event of events.filter((e) => e.at_ms === end_ms)) await event.run();
  await house.gateway.reconcileStatements();
  clock.letGo();
  return fleet;
}

async function registerAll(house: House): Promise<void> {
  const { node, submit, secretOf, profile } = house;
  const suite = validatorSuite(profile);
  const once = async (key: string, run: () => Promise<unknown>) => {
    if (node.read(key) === undefined) await run();
  };
  for (const { id, roles, name } of PRODUCERS) {
    const { bytes } = nodeCrypto.publicKeyOf(await secretOf(id));
    await once(`accounts/${id}`, () =>
      submit('association', 'accounts', 'register', {
        id,
        roles,
        name,
        key: { suite, key: bytes },
      }),
    );
  }
  for (const product of PRODUCTS) {
    await once(`products/${product.gtin}`, () =>
      submit('association', 'products', 'register', { ...product, unit: 'g' }),
    );
  }
  for (const place of PLACES) {
    // The association answers for orchards and fields; a holder enters its own rooms.
    const by = place.kind === 'plot' ? 'association' : place.holder;
    await once(`places/${place.gln}`, () => submit(by, 'places', 'register', { ...place }));
  }
}

/** What people do, by the day. Each entry checks whether it was done before a restart. */
function storyOf({ house, file }: SeasonParts, end_ms: number): StoryEvent[] {
  const { node } = house;
  const hash = profileHash(nodeCrypto, house.profile);
  const at = (days: number) => Math.round(end_ms - days * DAY_MS);
  const lot = (
    days: number,
    signer: string,
    action: string,
    made: readonly [string, string],
    payload: CborObject,
  ): StoryEvent => ({
    at_ms: at(days),
    run: async () => {
      if (node.read(lotKey(...made)) === undefined)
        await house.submit(signer, 'lots', action, payload);
    },
  });
  const transform = (
    days: number,
    signer: string,
    process: string,
    place: string,
    input: readonly [gtin: string, lot: string, amount: number],
    output: readonly [gtin: string, lot: string, amount: number],
    more: CborObject = {},
  ) =>
    lot(days, signer, 'transform', [output[0], output[1]], {
      inputs: [{ gtin: input[0], lot: input[1], amount: input[2] }],
      outputs: [{ gtin: output[0], lot: output[1], amount: output[2], ...more }],
      place,
      process,
    });
  const harvest = (
    days: number,
    signer: string,
    made: readonly [gtin: string, lot: string, amount: number],
    place: string,
  ) =>
    lot(days, signer, 'harvest', [made[0], made[1]], {
      gtin: made[0],
      lot: made[1],
      amount: made[2],
      place,
    });
  const labels = (
    signer: string,
    gtin: string,
    lotNumber: string,
    count: number,
    net: number,
  ): StoryEvent => ({
    at_ms: end_ms,
    run: async () => {
      if (file.get().sampleLinks[gtin] !== undefined) return;
      const link = await issueLabels(house, hash, { signer, gtin, lot: lotNumber, count, net });
      const progress = file.get();
      await file.put({ ...progress, sampleLinks: { ...progress.sampleLinks, [gtin]: link } });
    },
  });
  return [
    harvest(
      STORY_DAYS.harvest,
      'sanjiang-coop',
      [GTIN.mandarins, LOT.mandarins, 25_000_000],
      GLN.orchard,
    ),
    transform(
      STORY_DAYS.dried,
      'sanjiang-coop',
      'dry',
      GLN.yard,
      [GTIN.mandarins, LOT.mandarins, 25_000_000],
      [GTIN.chenpi, LOT.driedPeel, 1_248_000],
      { note: '三瓣开皮，晴日翻晒十天' },
    ),
    transform(
      STORY_DAYS.stored,
      'sanjiang-coop',
      'age',
      GLN.room,
      [GTIN.chenpi, LOT.driedPeel, 1_248_000],
      [GTIN.chenpi, LOT.chenpi, 1_240_000],
      { note: '布袋离地堆放，每年复晒', claimedAge_months: 10 },
    ),
    harvest(
      STORY_DAYS.paddyHarvest,
      'taishan-coop',
      [GTIN.paddy, LOT.paddy, 140_000_000],
      GLN.paddy,
    ),
    transform(
      STORY_DAYS.siloed,
      'taishan-coop',
      'dry',
      GLN.silo,
      [GTIN.paddy, LOT.paddy, 140_000_000],
      [GTIN.paddy, LOT.siloPaddy, 121_000_000],
    ),
    transform(
      STORY_DAYS.milled,
      'taishan-coop',
      'mill',
      GLN.mill,
      [GTIN.paddy, LOT.siloPaddy, 40_000_000],
      [GTIN.rice, LOT.rice, 26_400_000],
    ),
    harvest(
      STORY_DAYS.melonHarvest,
      'duruan-farm',
      [GTIN.melon, LOT.melon, 2_400_000],
      GLN.melonPlot,
    ),
    transform(
      STORY_DAYS.loaded,
      'duruan-farm',
      'chill',
      GLN.truck,
      [GTIN.melon, LOT.melon, 2_400_000],
      [GTIN.melon, LOT.chilledMelon, 2_350_000],
    ),
    labels('sanjiang-coop', GTIN.chenpi, LOT.chenpi, 4_812, 250),
    labels('taishan-coop', GTIN.rice, LOT.rice, 5_000, 5_000),
    labels('duruan-farm', GTIN.melon, LOT.chilledMelon, 2_000, 1_000),
  ].sort((a, b) => a.at_ms - b.at_ms);
}

const LABEL_BATCH = 'L1';

/** Issues the batch and gives the path of its first unit; does only what a start before has not done. */
async function issueLabels(
  house: House,
  hash: Hash,
  order: {
    readonly signer: string;
    readonly gtin: string;
    readonly lot: string;
    readonly count: number;
    readonly net: number;
  },
): Promise<string> {
  const { signer, gtin, lot, count, net } = order;
  const { node } = house;
  const name = { gtin, lot, batch: LABEL_BATCH };
  const secret = await house.secretOf(signer);
  const { serials, root } = labelsOf(hash, secret, name, count);
  if (node.read(labelKey(gtin, lot, LABEL_BATCH)) === undefined)
    await house.submit(signer, 'labels', 'issue', { ...name, root, count, net });
  await node.putSerials({ ...name, serials });
  const link = buildDigitalLink([
    { ai: '01', value: gtin },
    { ai: '10', value: lot },
    { ai: '21', value: serials[0] ?? '' },
  ]);
  return new URL(link).pathname;
}
