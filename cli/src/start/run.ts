// The house of this machine from its opening to the end of its work.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Plan, SEASON_YEARS } from '../demo/plan.ts';
import { isLived, openSeasonFile, type SeasonFile } from '../demo/progress.ts';
import { freshProgress, liveThroughSeason } from '../demo/season.ts';
import { CliError } from '../errors.ts';
import { createHouseClock, type HouseClock } from '../house/clock.ts';
import { isUnfounded } from '../house/genesis.ts';
import { type House, startHouse } from '../house/house.ts';
import { webFiles } from '../house/web-files.ts';
import { type HouseLog, openLogger } from '../logger.ts';
import { announce, baseUrl, createSeasonLine, showSample, showStories } from './announce.ts';
import type { StartOptions, StartSettings } from './options.ts';
import type { Ending } from './until-signal.ts';

/** Demo statements follow their day at once; a real gateway gathers late packs first. */
const DEMO_LIMITS = { statementDelay_ms: 5_000 };

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs in the directory until `ending`; all is closed when it settles. Throws what made it stop otherwise. */
export async function runHouse(
  options: StartOptions,
  settings: StartSettings,
  directory: string,
  ending: Ending,
): Promise<void> {
  const log = openLogger(directory, settings.logLevel);
  try {
    await run(options, settings, directory, log, ending);
  } catch (error) {
    log.logger.fatal({ err: error }, 'stopped');
    throw error;
  } finally {
    await log.close();
  }
}

async function run(
  options: StartOptions,
  settings: StartSettings,
  directory: string,
  { logger }: HouseLog,
  ending: Ending,
): Promise<void> {
  const { host } = options;
  const fresh = isUnfounded(directory);
  const season = await openSeason(directory, fresh, options.empty === true, settings);
  const webDirectory = options.pages === undefined ? await webFiles(say) : resolve(options.pages);
  if (ending.signal.aborted) return;
  const clock = createHouseClock();
  if (season !== undefined && !isLived(season.get())) clock.standAt(season.get().cursor_ms);
  const house = await startHouse(
    {
      directory,
      host,
      httpPort: settings.httpPort,
      mqttPort: settings.mqttPort,
      name: season === undefined ? '溯源账本 Suyuan ledger' : '溯源演示账本 Suyuan demo ledger',
      ...(settings.profile === undefined ? {} : { profile: settings.profile }),
      consensus: options.consensus,
      webDirectory,
      ...(options.reindex === true ? { reindex: true } : {}),
      ...(options.allowPrivateWebhooks === true ? { privateWebhooks: true } : {}),
      ...(options.clickhouse === undefined ? {} : { clickhouseUrl: options.clickhouse }),
      ...(season === undefined ? {} : { gatewayLimits: DEMO_LIMITS }),
    },
    {
      clock,
      logger,
      sampleLink: (gtin) => season?.get().sampleLinks[gtin],
      onFailure(error) {
        ending.failed ??= error;
        ending.now();
      },
    },
  );
  try {
    announce(house, host, directory, fresh);
    if (season === undefined) {
      if (!ending.signal.aborted) say('  stop with Ctrl-C; the next start goes on from here');
      await aborted(ending.signal);
    } else {
      await liveDemo(house, clock, season, join(directory, 'devices'), ending.signal, host);
    }
  } finally {
    say(process.stdout.isTTY ? '\nstopping … (Ctrl-C again to leave at once)' : '\nstopping …');
    await house.stop();
  }
  if (ending.failed !== undefined) throw ending.failed;
}

/** The demo's progress, on disk before the ledger is founded: a start that is cut short is a demo still. */
async function openSeason(
  directory: string,
  fresh: boolean,
  empty: boolean,
  settings: StartSettings,
): Promise<SeasonFile | undefined> {
  const known = existsSync(join(directory, 'demo-season.json'));
  if (!known && (empty || !fresh)) return undefined;
  const season = await openSeasonFile(directory, freshProgress(planOf(settings)));
  if (!empty) return season;
  if (!isLived(season.get())) {
    throw new CliError(
      `${directory} holds a demo season that is not lived to its end; start it without --empty, or choose another --data`,
    );
  }
  return undefined;
}

/** Only a season that begins now is of these years and this file; one that was begun keeps its own. */
function planOf({ seasonYears, replay }: StartSettings): Plan {
  const years = seasonYears ?? SEASON_YEARS.usual;
  return { end_ms: Date.now(), years, ...(replay === undefined ? {} : { replay }) };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function liveDemo(
  house: House,
  clock: HouseClock,
  file: SeasonFile,
  directory: string,
  signal: AbortSignal,
  host: string,
): Promise<void> {
  const line = createSeasonLine();
  const fleet = await liveThroughSeason({
    house,
    clock,
    file,
    directory,
    signal,
    onProgress: line.show,
  }).finally(line.end);
  try {
    if (signal.aborted) return;
    const { stories } = file.get();
    showStories(baseUrl(house, host), stories);
    if (stories.aged !== undefined) showSample(`${baseUrl(house, host)}${stories.aged}`);
    say('\n  stop with Ctrl-C; the next start goes on from here');
    await fleet.live(signal);
  } finally {
    await fleet.stop();
  }
}
