// Where the next page begins. A token is not secret and not trusted: it can only say what a caller could ask for anyway.

import { createHash } from 'node:crypto';
import { AppError } from '@suyuan/contracts';
import { PER_PAGE, PER_PAGE_MAX } from './limits.ts';

export interface PageToken {
  /** Value that the page before ended with, and its `seq`. */
  readonly value: number;
  readonly seq: number;
  /** Events recorded after the first page are not seen on later ones. */
  readonly upTo: number;
  /** Events still to come under an eventCountLimit; −1 without one. */
  readonly left: number;
}

const HASH_CHARS = 12;
const TOKEN_CHARS_MAX = 4_096;

export const queryHash = (query: unknown): string =>
  createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, HASH_CHARS);

export function encodePageToken(hash: string, token: PageToken): string {
  const { value, seq, upTo, left } = token;
  return Buffer.from(JSON.stringify([hash, value, seq, upTo, left])).toString('base64url');
}

/** Throws `epcis/bad-page` when it is no token of this very query. */
export function decodePageToken(text: unknown, hash: string): PageToken {
  const items = itemsOf(text);
  const [known, ...numbers] = items;
  if (known !== hash || numbers.length !== 4 || !numbers.every(Number.isSafeInteger)) throw bad();
  const [value = 0, seq = 0, upTo = 0, left = 0] = numbers.map(Number);
  return { value, seq, upTo, left };
}

/** The token of a list of names: the last one that was shown. */
export function encodeNameToken(name: string): string {
  return Buffer.from(JSON.stringify([name])).toString('base64url');
}

export function decodeNameToken(text: unknown): string {
  const [name] = itemsOf(text);
  if (typeof name !== 'string') throw bad();
  return name;
}

function itemsOf(text: unknown): unknown[] {
  if (typeof text !== 'string' || text.length > TOKEN_CHARS_MAX) throw bad();
  try {
    const items: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(items)) return items;
  } catch {
    // Falls through: no base64url and no JSON are the same mistake.
  }
  throw bad();
}

/** Throws `epcis/query-parameter`. */
export function perPageOf(value: unknown): number {
  if (value === undefined) return PER_PAGE;
  const number = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : 0;
  if (number < 1) {
    throw new AppError('epcis/query-parameter', 'perPage: give an integer from 1.', {
      field: 'perPage',
    });
  }
  return Math.min(number, PER_PAGE_MAX);
}

function bad(): AppError {
  return new AppError(
    'epcis/bad-page',
    'nextPageToken is not of this query; follow the Link of the page before.',
  );
}
