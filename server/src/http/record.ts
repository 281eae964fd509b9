// Sending a record of the ledger: JSON, an ETag over its bytes, 304 when the caller has it already.

import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

const ETAG_CHARS = 24;

/** A strong ETag over the parts that make the answer what it is. */
export function etagOf(...parts: readonly (Uint8Array | string)[]): string {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part).update('\0');
  return `"${digest.digest('hex').slice(0, ETAG_CHARS)}"`;
}

/** True when If-None-Match names this tag: the answer is 304 without a body. */
export function isKnown(request: FastifyRequest, etag: string): boolean {
  const header = request.headers['if-none-match'];
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/** Sends what `make` gives unless the caller has it. `cache` is the Cache-Control to go with it. */
export function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: {
    readonly etag: string;
    readonly type: string;
    readonly cache?: string;
    make(): unknown;
  },
): FastifyReply {
  reply.header('etag', answer.etag).header('cache-control', answer.cache ?? 'no-cache');
  if (isKnown(request, answer.etag)) return reply.code(304).send();
  return reply.type(answer.type).send(answer.make());
}

/** For what a hash names and nothing can change. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';
