// The one logger: JSON lines to a file of the data directory; the terminal is for people.

import { join } from 'node:path';
import { destination, type Logger, pino } from 'pino';

export interface HouseLog {
  readonly logger: Logger;
  /** Resolves when everything logged is in the file. */
  close(): Promise<void>;
}

/** Appends to `suyuan.log` in a directory that exists. A log that cannot be written stops nothing. */
export function openLogger(directory: string, level: string): HouseLog {
  const file = destination({ dest: join(directory, 'suyuan.log'), sync: false, mode: 0o600 });
  let broken = false;
  file.on('error', (error: Error) => {
    if (!broken) process.stderr.write(`suyuan: the log is not written: ${error.message}\n`);
    broken = true;
  });
  const logger = pino({ level, redact: ['secret', 'password', 'token', '*.secret'] }, file);
  // A crash takes its last words with it.
  const flush = (error: Error): void => {
    logger.fatal({ err: error }, 'crashed');
    try {
      file.flushSync();
    } catch {
      // The file was not open yet; the terminal has the error.
    }
  };
  process.on('uncaughtExceptionMonitor', flush);
  return {
    logger,
    close: () =>
      new Promise((resolve) => {
        process.off('uncaughtExceptionMonitor', flush);
        file.once('close', resolve);
        file.once('error', () => resolve());
        file.end();
      }),
  };
}
