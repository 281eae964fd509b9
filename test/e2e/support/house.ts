// A house in this process on a clock that the test holds: for tests that live through a year or look into its store.

import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createHouseClock, type HouseClock } from 'suyuan/clock';
import { type House, type HouseOptions, startHouse } from 'suyuan/house';
import { openLogger } from 'suyuan/logger';
import { webFiles } from 'suyuan/web-files';
import { createTempDir } from './paths.ts';

export interface TestHouse extends House {
  readonly clock: HouseClock;
  /** Of this house alone; gone after `close`. */
  readonly directory: string;
  /** Origin of pages and API. */
  readonly url: string;
  readonly mqttUrl: string;
  close(): Promise<void>;
}

export interface TestHouseOptions
  extends Partial<
    Pick<
      HouseOptions,
      'profile' | 'gatewayLimits' | 'http' | 'name' | 'privateWebhooks' | 'consensus'
    >
  > {
  /** The clock stands here when the house is founded; without it, real time. */
  readonly start_ms?: number;
  readonly sampleLink?: (gtin: string) => string | undefined;
  /** A data directory that is there already, and stays. */
  readonly directory?: string;
}

export async function openTestHouse(options: TestHouseOptions = {}): Promise<TestHouse> {
  const { start_ms, sampleLink, directory, ...rest } = options;
  const folder = directory === undefined ? createTempDir() : { path: directory, remove() {} };
  mkdirSync(folder.path, { recursive: true });
  const clock = createHouseClock();
  if (start_ms !== undefined) clock.standAt(start_ms);
  const log = openLogger(folder.path, 'warn');
  const failures: Error[] = [];
  const house = await startHouse(
    {
      directory: folder.path,
      host: '127.0.0.1',
      httpPort: 0,
      mqttPort: 0,
      name: '测试账本 Test ledger',
      profile: 'guomi',
      // Of four validators everything is done four times; the tests of the ledger itself ask for them.
      consensus: 'solo',
      webDirectory: await ownPages(join(folder.path, 'web')),
      ...rest,
    },
    {
      clock,
      logger: log.logger,
      ...(sampleLink === undefined ? {} : { sampleLink }),
      onFailure: (error) => failures.push(error),
    },
  );
  return {
    ...house,
    clock,
    directory: folder.path,
    url: `http://127.0.0.1:${house.httpPort}`,
    mqttUrl: `mqtt://127.0.0.1:${house.mqttPort}`,
    async close() {
      await house.stop();
      await log.close();
      folder.remove();
      if (failures[0] !== undefined) throw failures[0];
    },
  };
}

/** A copy, so that a build beside the test does not change the pages under it. */
async function ownPages(directory: string): Promise<string> {
  cpSync(await webFiles(() => {}), directory, { recursive: true });
  return directory;
}
