// A house beside a ledger that others run, from its opening to the end of its work.

import { join, resolve } from 'node:path';
import { bytesToHex, type PublicKey } from '@suyuan/contracts';
import type { LedgerNode, PeerAddress } from '@suyuan/server';
import type { OpenedGenesisFile } from '../genesis/make.ts';
import { awaitAccount } from '../house/await-account.ts';
import { createHouseClock } from '../house/clock.ts';
import { startHouse } from '../house/house.ts';
import { webFiles } from '../house/web-files.ts';
import { writeFileOr } from '../io.ts';
import { openLogger } from '../logger.ts';
import { createTerminal, type Terminal } from '../validator/terminal.ts';
import { announce } from './announce.ts';
import type { HouseCommandOptions } from './follow.ts';
import type { StartSettings } from './options.ts';
import type { Ending } from './until-signal.ts';

export interface Followed {
  readonly genesis: OpenedGenesisFile;
  readonly peers: readonly PeerAddress[];
}

/** What the ledger has not said by then it will not say without a person. */
const PATIENCE_MS = 10_000;

export async function runFollower(
  options: HouseCommandOptions & StartSettings,
  { genesis, peers }: Followed,
  directory: string,
  ending: Ending,
): Promise<void> {
  const { host, httpPort, mqttPort, gateway } = options;
  const log = openLogger(directory, options.logLevel);
  const clock = createHouseClock();
  const terminal = createTerminal(process.stdout, clock.now_ms);
  try {
    const webDirectory =
      options.pages === undefined
        ? await webFiles((line) => terminal.say(line))
        : resolve(options.pages);
    terminal.say(`following ${genesis.genesis.name} …`);
    const house = await startHouse(
      {
        ...{ directory, host, httpPort, mqttPort, webDirectory },
        name: genesis.genesis.name,
        ...(options.reindex === true ? { reindex: true } : {}),
        ...(options.allowPrivateWebhooks === true ? { privateWebhooks: true } : {}),
        ...(options.clickhouse === undefined ? {} : { clickhouseUrl: options.clickhouse }),
        follow: {
          ...{ genesis, peers, gateway },
          ...(options.snapshot === undefined ? {} : { snapshot: options.snapshot }),
          ...{ tell: terminal.event, signal: ending.signal },
          admitted: (node, account, key) =>
            admitted(node, account, key, { directory, terminal, signal: ending.signal }),
        },
      },
      {
        clock,
        logger: log.logger,
        onFailure(error) {
          ending.failed ??= error;
          ending.now();
        },
      },
    );
    try {
      announce(house, host, directory, false);
      terminal.say('  stop with Ctrl-C; the next start goes on from here');
      await aborted(ending.signal);
    } finally {
      terminal.say('stopping …');
      await house.stop();
    }
    if (ending.failed !== undefined) throw ending.failed;
  } catch (error) {
    // Told to stop while it waited: that is no failure.
    if (ending.signal.aborted && ending.failed === undefined) return;
    log.logger.fatal({ err: error }, 'stopped');
    throw error;
  } finally {
    await log.close();
  }
}

/** Waits for the gateway's account; says how it comes about when it takes long. */
async function admitted(
  node: LedgerNode,
  id: string,
  key: PublicKey,
  parts: {
    readonly directory: string;
    readonly terminal: Terminal;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { directory, terminal, signal } = parts;
  const path = join(directory, `${id}.account.json`);
  const payload = {
    id,
    roles: ['gateway'],
    name: { zh: `数据网关 ${id}`, en: `Gateway ${id}` },
    key: { suite: key.suite, key: bytesToHex(key.bytes) },
  };
  await writeFileOr(path, `${JSON.stringify(payload, null, 2)}\n`);
  const timer = setTimeout(() => {
    terminal.say(
      `the ledger does not know ${id} yet (height ${node.height()} here). Association, regulator or`,
      'bureau admits it once; this house goes on by itself then:',
      '',
      '  suyuan tx submit --key account.key.json --module accounts --action register \\',
      `    --payload ${path} --server http://VALIDATOR`,
      '',
    );
  }, PATIENCE_MS);
  try {
    await awaitAccount(node, id, key, signal);
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
