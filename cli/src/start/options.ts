// What `suyuan start` was told, checked before anything is touched.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Profile } from '@suyuan/contracts';
import { isYears, SEASON_YEARS } from '../demo/plan.ts';
import { CliError } from '../errors.ts';
import { portOption } from '../io.ts';

/** As commander gives them. */
export interface StartOptions {
  readonly http: string;
  readonly mqtt: string;
  readonly host: string;
  readonly data: string;
  readonly profile?: string;
  readonly consensus: 'simplex' | 'solo';
  readonly clickhouse?: string;
  readonly pages?: string;
  readonly empty?: true;
  readonly seasonYears?: string;
  readonly replay?: string;
  readonly reindex?: true;
  readonly allowPrivateWebhooks?: true;
  readonly logLevel: string;
}

export interface StartSettings {
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly profile?: Profile;
  readonly logLevel: string;
  /** Of a season that begins now. */
  readonly seasonYears?: number;
  /** A logger file that is there. */
  readonly replay?: string;
}

const PROFILES: readonly Profile[] = ['guomi', 'international'];
export const LOG_LEVELS: readonly string[] = [
  'fatal',
  'error',
  'warn',
  'info',
  'debug',
  'trace',
  'silent',
];

/** Throws CliError. */
export function checkStartOptions(options: StartOptions): StartSettings {
  const { logLevel, clickhouse, pages } = options;
  const profile = PROFILES.find((name) => name === options.profile);
  const httpPort = portOption(options.http, '--http');
  const mqttPort = portOption(options.mqtt, '--mqtt');
  if (httpPort === mqttPort && httpPort !== 0)
    throw new CliError('--http and --mqtt need two different ports');
  if (profile === undefined && options.profile !== undefined)
    throw new CliError('--profile must be guomi or international');
  if (!LOG_LEVELS.includes(logLevel))
    throw new CliError(`--log-level must be one of ${LOG_LEVELS.join(', ')}`);
  if (clickhouse !== undefined && !(URL.canParse(clickhouse) && /^https?:\/\//.test(clickhouse)))
    throw new CliError('--clickhouse must be an http(s) address');
  if (pages !== undefined && !existsSync(join(pages, 'index.html')))
    throw new CliError(`there are no built pages in ${pages}; make them with: npm run build`);
  return {
    httpPort,
    mqttPort,
    logLevel,
    ...(profile === undefined ? {} : { profile }),
    ...seasonOptions(options),
  };
}

function seasonOptions(
  options: Pick<StartOptions, 'empty' | 'seasonYears' | 'replay'>,
): Pick<StartSettings, 'seasonYears' | 'replay'> {
  const { least, most } = SEASON_YEARS;
  const { empty, replay } = options;
  const seasonYears = options.seasonYears === undefined ? undefined : Number(options.seasonYears);
  if (empty === true && (seasonYears !== undefined || replay !== undefined))
    throw new CliError('--empty has no season: leave --season-years and --replay away');
  if (seasonYears !== undefined && !isYears(seasonYears))
    throw new CliError(`--season-years must be a whole number from ${least} to ${most}`);
  if (replay !== undefined && !existsSync(replay))
    throw new CliError(`there is no logger file ${replay}; check the path after --replay`);
  return {
    ...(seasonYears === undefined ? {} : { seasonYears }),
    ...(replay === undefined ? {} : { replay: resolve(replay) }),
  };
}
