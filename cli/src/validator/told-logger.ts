// The log of a node, of which the terminal shows what a person has to do something about: each once, until something else is said of
// the same peer.

import type { NodeLogger } from '@suyuan/server';

/** Belong to the life of a network; how many peers are connected is told anyway. */
const QUIET = ['peer/closed', 'peer/stopping', 'peer/duplicate', 'peer/unresponsive'];
const TOLD_MAX = 256;

export function createToldLogger(logger: NodeLogger, tell: (text: string) => void): NodeLogger {
  const told = new Map<string, string>();

  function show(fields: object, message: string): void {
    const { code, peer } = fields as { code?: unknown; peer?: unknown };
    if (typeof code !== 'string' || QUIET.includes(code)) return;
    const about = typeof peer === 'string' ? peer : '';
    if (told.get(about) === code) return;
    told.delete(about);
    told.set(about, code);
    if (told.size > TOLD_MAX) told.delete([...told.keys()][0] ?? '');
    tell(`${message} (${code})`);
  }

  return {
    info: (fields, message) => logger.info(fields, message),
    warn(fields, message) {
      logger.warn(fields, message);
      show(fields, message);
    },
    error(fields, message) {
      logger.error(fields, message);
      show(fields, message);
    },
  };
}
