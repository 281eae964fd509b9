// What `suyuan start` was told, checked before anything is touched.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile } from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { portOption } from '../io.ts';

/** As commander gives them. */
export interface StartOptions {
  readonly http: string;
  readonly mqtt: string;
  readonly host: string;
  readonly data: string;
  readonly profile?: string;
  readonly clickhouse?: string;
  readonly pages?: string;
  readonly empty?: true;
  readonly reindex?: true;
  readonly logLevel: string;
}

export interface StartSettings {
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly profile?: Profile;
  readonly logLevel: string;
}

const PROFILES: readonly Profile[] = ['guomi', 'international'];
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

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
  return { httpPort, mqttPort, logLevel, ...(profile === undefined ? {} : { profile }) };
}
