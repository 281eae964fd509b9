// A whole house in a temporary directory: ledger, column store, gateway and pages, as `npm start` runs them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHouseClock, type HouseClock } from 'suyuan/clock';
import { type House, type HouseOptions, startHouse } from 'suyuan/house';
import { openLogger } from 'suyuan/logger';

export interface TempHouse {
  readonly house: House;
  readonly clock: HouseClock;
  close(): Promise<void>;
}

/** `prepare` is called before the house is founded, to set its clock. */
export async function openTempHouse(
  options: Partial<HouseOptions> = {},
  prepare: (clock: HouseClock) => void = () => {},
): Promise<TempHouse> {
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-bench-'));
  const log = openLogger(directory, 'warn');
  const clock = createHouseClock();
  prepare(clock);
  // The rooms' timers do not hold the process.
  const alive = setInterval(() => {}, 2 ** 30);
  const tidy = async (): Promise<void> => {
    clearInterval(alive);
    await log.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const house = await startHouse(
      {
        directory: join(directory, 'data'),
        host: '127.0.0.1',
        httpPort: 0,
        mqttPort: 0,
        name: 'bench',
        profile: 'guomi',
        consensus: 'solo',
        ...options,
      },
      { clock, logger: log.logger },
    );
    return {
      house,
      clock,
      async close() {
        await house.stop();
        await tidy();
      },
    };
  } catch (error) {
    await tidy();
    throw error;
  }
}
