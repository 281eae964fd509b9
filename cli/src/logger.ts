// The one logger: JSON lines to a file of the data directory; the terminal is for people.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { destination, type Logger, pino } from 'pino';

export function openLogger(
  directory: string,
  level: string,
): { logger: Logger; close(): Promise<void> } {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = destination({ dest: join(directory, 'suyuan.log'), sync: false, mkdir: true });
  const logger = pino({ level, redact: ['secret', 'password', 'token', '*.secret'] }, file);
  return {
    logger,
    close: () => new Promise((resolve) => file.flush(() => resolve())),
  };
}
