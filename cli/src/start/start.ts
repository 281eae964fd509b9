// `suyuan start`: what can be refused is refused before the house is even loaded.

import { openDataDirectory } from './data-directory.ts';
import { checkStartOptions, type StartOptions } from './options.ts';
import { assertPortFree } from './ports.ts';
import { untilSignal } from './until-signal.ts';

/** Runs until SIGINT or SIGTERM; a second one ends the process at once. Throws what made it stop otherwise. */
export async function start(options: StartOptions): Promise<void> {
  const settings = checkStartOptions(options);
  const data = await openDataDirectory(options.data);
  try {
    await untilSignal(async (ending) => {
      await assertPortFree(options.host, settings.httpPort, '--http');
      await assertPortFree(options.host, settings.mqttPort, '--mqtt');
      const { runHouse } = await import('./run.ts');
      await runHouse(options, settings, data.path, ending);
    });
  } finally {
    await data.release();
  }
}
