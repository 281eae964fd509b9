// Errors of these routes, under the types of EPCIS.

import { AppError, isAppError } from '@suyuan/contracts';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../../http/context.ts';
import { PROBLEM_TYPE } from '../../http/problems.ts';
import { type EpcisProblemJson, kindOfCode, problemJson } from '../problem.ts';
import { sayVersions } from './headers.ts';

/** Fastify's own errors that a caller can cause. */
const FASTIFY_CODES: Readonly<Record<string, readonly [code: string, detail: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'http/unsupported-media-type',
    'Send application/json or application/ld+json.',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['http/malformed', 'Content-Length does not match the body.'],
};

export function useEpcisProblems(app: App): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => replyWith(error, request, reply));
}

function replyWith(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  const known = knownError(error);
  const kind = known === undefined ? undefined : kindOfCode(known.code);
  if (known === undefined || kind === undefined || kind[0] === 500) {
    request.log.error({ route: request.routeOptions.url, err: error }, 'request failed');
    const words =
      'The server could not do this. Give the instance to its keeper: the log has the cause.';
    return send(reply, request.id, problemJson(new AppError('http/internal', words), ''), 500);
  }
  const [status] = kind;
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (status === 413) reply.header('connection', 'close');
  if (status === 503 || status === 429) reply.header('retry-after', '1');
  return send(reply, request.id, problemJson(known), status);
}

function knownError(error: FastifyError): AppError | undefined {
  if (isAppError(error)) return error;
  const known = FASTIFY_CODES[error.code];
  if (known !== undefined) return new AppError(known[0], known[1]);
  if (error.statusCode === 429) {
    return new AppError('http/too-many-requests', 'Too many requests from this address; wait.');
  }
  return undefined;
}

/** A document with errors: the first as the problem, all of them in `errors`. */
export function sendEpcisProblems(
  reply: FastifyReply,
  requestId: string,
  problems: readonly EpcisProblemJson[],
): FastifyReply {
  const [first] = problems;
  if (first === undefined) throw new RangeError('sendEpcisProblems: no problem');
  return send(reply, requestId, { ...first, errors: problems }, 400);
}

function send(
  reply: FastifyReply,
  requestId: string,
  problem: EpcisProblemJson & { readonly errors?: readonly EpcisProblemJson[] },
  status: number,
): FastifyReply {
  sayVersions(reply);
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type(PROBLEM_TYPE)
    .serializer(JSON.stringify)
    .send({
      ...problem,
      type: status === 500 ? 'epcisException:ImplementationException' : problem.type,
      status,
      instance: `urn:uuid:${requestId}`,
    });
}
