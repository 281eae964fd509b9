// The hash id of an event (CBV 2.0 §8.9).

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '../../encoding/bytes.ts';
import type { EpcisContext, EpcisEvent } from './types.ts';

/** The text that is hashed, for finding out why two parties disagree. `event` must be checked. */
export function preHash(_event: EpcisEvent, _context: EpcisContext): string {
  return '';
}

/** `ni:///sha-256;{64 hex digits}?ver=CBV2.0` of a checked event: the same for all spellings of one event. */
export function eventHash(event: EpcisEvent, context: EpcisContext): string {
  return `ni:///sha-256;${bytesToHex(sha256(utf8ToBytes(preHash(event, context))))}?ver=CBV2.0`;
}
