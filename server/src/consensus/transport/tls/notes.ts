// Log lines about peers. What a stranger can make happen as often as it likes is said once a minute, with how often it was.

import type { NodeClock } from '../../../engine/clock.ts';
import type { NodeLogger } from '../../../engine/logger.ts';
import type { PeerError, PeerErrorCode } from './peer-error.ts';

/** An operator has to do something, or nothing gets better. */
const LOUD: readonly PeerErrorCode[] = [
  'peer/other-chain',
  'peer/key-used-twice',
  'peer/own-key-elsewhere',
  'peer/bad-proof',
  'peer/wrong-address',
];
/** Belongs to the life of a network. */
const QUIET: readonly PeerErrorCode[] = ['peer/closed', 'peer/stopping', 'peer/duplicate'];

const SILENCE_MS = 60_000;
const NOTES_MAX = 1000;

export interface Notes {
  /** `about`: peer or address; the same code about the same one is written once a minute. */
  write(error: PeerError, about: string, fields?: object): void;
}

export function createNotes(logger: NodeLogger, clock: NodeClock): Notes {
  const written = new Map<string, { at_ms: number; hidden: number }>();
  return {
    write(error, about, fields = {}) {
      const name = `${error.code} ${about}`;
      const now_ms = clock.now_ms();
      const before = written.get(name);
      if (before !== undefined && Math.abs(now_ms - before.at_ms) < SILENCE_MS) {
        before.hidden += 1;
        return;
      }
      written.delete(name);
      written.set(name, { at_ms: now_ms, hidden: 0 });
      if (written.size > NOTES_MAX) {
        const oldest = written.keys().next();
        if (oldest.done !== true) written.delete(oldest.value);
      }
      const repeated = before !== undefined && before.hidden > 0 ? { times: before.hidden } : {};
      const line = { code: error.code, ...error.details, peer: about, ...fields, ...repeated };
      if (LOUD.includes(error.code)) logger.error(line, error.message);
      else if (QUIET.includes(error.code)) logger.info(line, error.message);
      else logger.warn(line, error.message);
    },
  };
}
