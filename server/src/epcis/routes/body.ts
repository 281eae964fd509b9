// Who sends, and what: the token first, then the body, and whether the token vouches for it.

import { createHash } from 'node:crypto';
import { AppError, equalBytes } from '@suyuan/contracts';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../access-door.ts';
import { EVENT_BYTES_MAX } from '../limits.ts';
import type { Epcis } from '../service.ts';
import { createSplitter } from '../split-document.ts';
import { headerOf } from './headers.ts';

/** Throws `access/*`. */
export function callerOf(epcis: Epcis, request: FastifyRequest): Promise<Caller> {
  return epcis.access.enter(headerOf(request, 'authorization'));
}

/** True if the account signed these bytes, false if it did not say. Throws `access/other-body`. */
export function vouches({ bodyHash }: Caller, hash: Uint8Array): boolean {
  if (bodyHash === null) return false;
  if (equalBytes(bodyHash, hash)) return true;
  throw new AppError('access/other-body', 'The token was signed for another body.');
}

export interface SmallBody {
  readonly json: unknown;
  readonly hash: Uint8Array;
}

/** A body that is small enough to be held. Throws `epcis/too-large` or `epcis/bad-json`. */
export async function readSmallBody(request: FastifyRequest): Promise<SmallBody> {
  const digest = createHash('sha256');
  // The splitter knows what is too deep; for all but documents with events it gives the whole.
  const splitter = createSplitter({ eventsMax: 1, eventBytesMax: EVENT_BYTES_MAX });
  let hasEvents = false;
  for await (const chunk of streamOf(request)) {
    digest.update(chunk);
    hasEvents = splitter.push(chunk).length > 0 || hasEvents;
  }
  const { envelope } = splitter.end();
  if (hasEvents) {
    const words = 'This is a document: send it to POST /epcis/capture.';
    throw new AppError('epcis/invalid-document', words);
  }
  return { json: envelope, hash: new Uint8Array(digest.digest()) };
}

export function streamOf(request: FastifyRequest): AsyncIterable<Uint8Array> {
  const body = request.body as AsyncIterable<Uint8Array> | undefined | null;
  if (body !== undefined && body !== null) return body;
  throw new AppError('epcis/bad-json', 'The body is empty where JSON is needed.');
}

export const EMPTY_HASH = new Uint8Array(createHash('sha256').digest());
