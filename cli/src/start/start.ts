// `suyuan start`: what can be refused is refused before the house is even loaded.

import { openDataDirectory } from './data-directory.ts';
import { checkStartOptions, type StartOptions } from './options.ts';
import { assertPortFree } from './ports.ts';

/** Runs until SIGINT or SIGTERM; a second one ends the process at once. Throws what made it stop otherwise. */
export async function start(options: StartOptions): Promise<void> {
  const settings = checkStartOptions(options);
  const data = await openDataDirectory(options.data);
  const controller = new AbortController();
  const ending = { signal: controller.signal, now: () => controller.abort() };
  // The rooms' timers do not hold the process; until the sockets listen, this one does.
  const alive = setInterval(() => {}, 2 ** 30);
  process.once('SIGINT', ending.now);
  process.once('SIGTERM', ending.now);
  try {
    await assertPortFree(options.host, settings.httpPort, '--http');
    await assertPortFree(options.host, settings.mqttPort, '--mqtt');
    const { runHouse } = await import('./run.ts');
    await runHouse(options, settings, data.path, ending);
  } finally {
    clearInterval(alive);
    process.off('SIGINT', ending.now);
    process.off('SIGTERM', ending.now);
    await data.release();
  }
}
