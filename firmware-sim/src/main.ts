// Runs a simulation described by a JSON file of `SimOptions`: `tsx firmware-sim/src/main.ts sim.json`. Progress goes to
// stderr, the report to stdout; ends at the end of its source, or in good order on SIGINT and SIGTERM.

import { readFile } from 'node:fs/promises';
import { isAppError } from '@suyuan/contracts';
import { isDurableError } from '@suyuan/durable';
import { runSim, type SimOptions } from './sim/run-sim.ts';

const path = process.argv[2];
if (path === undefined) {
  process.stderr.write('usage: main.ts <options.json>\n');
  process.exitCode = 2;
} else {
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  process.once('SIGTERM', () => stopping.abort());
  try {
    const options = JSON.parse(await readFile(path, 'utf8')) as SimOptions;
    const report = await runSim({
      ...options,
      signal: stopping.signal,
      onProgress: (progress) => process.stderr.write(`${JSON.stringify(progress)}\n`),
    });
    process.stdout.write(`${JSON.stringify(report)}\n`);
  } catch (error) {
    if (!isAppError(error) && !isDurableError(error)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exitCode = 1;
  }
}
