// `suyuan consortium`: what can be refused is refused before anything is founded.

import type { Profile } from '@suyuan/contracts';
import { openConsortium } from '../consortium/found.ts';
import { CONSORTIUM_FOUNDERS, LEAST_VALIDATORS } from '../consortium/plan.ts';
import { runConsortium } from '../consortium/run.ts';
import { CliError } from '../errors.ts';
import { portOption, uintOption } from '../io.ts';
import { openDataDirectory } from '../start/data-directory.ts';
import { takePort } from '../start/ports.ts';
import { untilSignal } from '../start/until-signal.ts';

export interface ConsortiumOptions {
  readonly validators?: string;
  readonly profile?: Profile;
  readonly data: string;
  readonly port?: string;
  readonly http: string;
  readonly mqtt: string;
  readonly house: boolean;
  readonly pages?: string;
}

const HOST = '127.0.0.1';

export async function consortium(options: ConsortiumOptions): Promise<void> {
  const most = CONSORTIUM_FOUNDERS.length;
  const validators =
    options.validators === undefined
      ? undefined
      : uintOption(options.validators, '--validators', most);
  if (validators !== undefined && validators < LEAST_VALIDATORS) {
    throw new CliError(
      `--validators: ${LEAST_VALIDATORS} to ${most}; fewer could not lose a single one`,
    );
  }
  const firstPort = options.port === undefined ? undefined : portOption(options.port, '--port');
  const [http, mqtt] = [portOption(options.http, '--http'), portOption(options.mqtt, '--mqtt')];
  const data = await openDataDirectory(options.data);
  try {
    const house = options.house
      ? {
          http: await takePort(HOST, http, '--http'),
          mqtt: await takePort(HOST, mqtt, '--mqtt'),
          ...(options.pages === undefined ? {} : { pages: options.pages }),
        }
      : undefined;
    const members = await openConsortium({
      ...{ directory: data.path, validators, firstPort, profile: options.profile },
    });
    await untilSignal(({ signal }) => runConsortium(data.path, members, house, signal));
  } finally {
    await data.release();
  }
}
