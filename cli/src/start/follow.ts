// `suyuan house`: what can be refused is refused before the house is even loaded.

import { isAccountId } from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { readGenesis } from '../genesis/make.ts';
import { readPeers } from '../validator/peers-file.ts';
import { openDataDirectory } from './data-directory.ts';
import { checkStartOptions, type StartOptions } from './options.ts';
import { assertPortFree } from './ports.ts';
import { untilSignal } from './until-signal.ts';

export interface HouseCommandOptions
  extends Pick<
    StartOptions,
    | 'data'
    | 'host'
    | 'http'
    | 'mqtt'
    | 'clickhouse'
    | 'pages'
    | 'reindex'
    | 'allowPrivateWebhooks'
    | 'logLevel'
  > {
  readonly genesis: string;
  readonly peers: string;
  readonly gateway: string;
  readonly snapshot?: boolean;
}

/** Runs until SIGINT or SIGTERM. Throws what made it stop otherwise. */
export async function follow(options: HouseCommandOptions): Promise<void> {
  const { gateway, host } = options;
  const settings = checkStartOptions({ ...options, consensus: 'simplex' });
  if (!isAccountId(gateway)) throw new CliError(`--gateway ${gateway} is no id of an account`);
  const genesis = await readGenesis(options.genesis);
  const peers = await readPeers(options.peers);
  const data = await openDataDirectory(options.data);
  try {
    await untilSignal(async (ending) => {
      await assertPortFree(host, settings.httpPort, '--http');
      await assertPortFree(host, settings.mqttPort, '--mqtt');
      const { runFollower } = await import('./run-follower.ts');
      await runFollower({ ...options, ...settings }, { genesis, peers }, data.path, ending);
    });
  } finally {
    await data.release();
  }
}
