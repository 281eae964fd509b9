// Errors as RFC 7807 problems. A 4xx says what to do; a 5xx says nothing, and the log says everything.

import { STATUS_CODES } from 'node:http';
import { AppError, isAppError } from '@suyuan/contracts';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { statusOfCode } from './status-codes.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Names the kind of problem; follows `code`.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What is wrong and what to do next.' }),
    instance: Type.String({ description: 'This request, as the log of the server knows it.' }),
    code: Type.String({ description: 'Stable code, `subject/what`.' }),
    field: Type.Optional(Type.String({ description: 'The field that is wrong.' })),
  },
  { description: 'RFC 7807 problem.' },
);

export type Problem = Static<typeof Problem>;

/** Fastify's own errors that a caller can cause, under our codes. */
const FASTIFY_CODES: Readonly<Record<string, readonly [code: string, detail: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['http/too-large', 'The body is larger than this route takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'http/unsupported-media-type',
    'This route does not take that Content-Type; its description in /openapi.json names those it takes.',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['http/malformed', 'The body is empty where JSON is needed.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['http/malformed', 'The body is not JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['http/malformed', 'Content-Length does not match the body.'],
  FST_ERR_BAD_URL: ['http/malformed', 'The path holds a percent-encoding that does not decode.'],
  FST_ERR_MAX_PARAM_LENGTH: ['http/malformed', 'A part of the path is too long.'],
};

const INTERNAL_DETAIL =
  'The server could not do this. Give the instance to its keeper: the log has the cause.';

/** The problem of an AppError thrown by a route or by what it calls. */
export function problemOf(
  error: AppError,
  requestId: string,
  status = statusOfCode(error.code),
): Problem {
  const field = error.details.field ?? error.details.ai;
  return {
    type: `urn:suyuan:error:${error.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.message,
    instance: `urn:uuid:${requestId}`,
    code: error.code,
    ...(typeof field === 'string' ? { field } : {}),
  };
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const waits = problem.status === 503 || problem.status === 429;
  if (waits && !reply.hasHeader('retry-after')) reply.header('retry-after', '1');
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type(PROBLEM_TYPE)
    .serializer(JSON.stringify)
    .send(problem);
}

/** An answer for a field of the request that is wrong. */
export function malformed(field: string, detail: string): AppError {
  return new AppError('http/malformed', detail, { field });
}

export function notFound(detail: string): AppError {
  return new AppError('http/not-found', detail);
}

function fieldOfValidation(error: FastifyError): string {
  const first = error.validation?.[0];
  const path = (first?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const missing = first?.params?.requiredProperties ?? first?.params?.missingProperty;
  if (path !== '') return path;
  if (Array.isArray(missing)) return String(missing[0]);
  const extra = first?.params?.additionalProperties;
  if (Array.isArray(extra)) return String(extra[0]);
  return error.validationContext ?? 'request';
}

function reasonOfValidation(error: FastifyError): string {
  const message = error.validation?.[0]?.message ?? 'is wrong';
  // How the validator says that additional properties are not allowed.
  return message === 'schema is false' ? 'is not a known field' : message;
}

function asAppError(error: FastifyError): AppError | undefined {
  if (isAppError(error)) return error;
  if (error.validation !== undefined) {
    const field = fieldOfValidation(error).slice(0, 64);
    const reason = reasonOfValidation(error);
    return malformed(field, `${field} in the ${error.validationContext ?? 'request'} ${reason}.`);
  }
  const known = FASTIFY_CODES[error.code];
  if (known !== undefined) return new AppError(known[0], known[1]);
  if (error.statusCode === 429) {
    return new AppError(
      'http/too-many-requests',
      'Too many requests from this address; wait, as Retry-After says.',
    );
  }
  return undefined;
}

/** Answers with the problem of any error. */
export function replyWithError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = asAppError(error);
  const status = known === undefined ? 500 : statusOfCode(known.code);
  if (known === undefined || status >= 500) {
    // Turning away what is too much is no fault, and a crowd must not fill the log with traces.
    const facts = { route: request.routeOptions.url };
    if (status === 503) request.log.warn({ ...facts, code: known?.code }, 'request turned away');
    else request.log.error({ ...facts, err: error }, 'request failed');
  }
  // What the table lists tells the caller what to do, 503 and 504 too; 500 tells nothing.
  if (known !== undefined && status !== 500) {
    return sendProblem(reply, problemOf(known, request.id, status));
  }
  return sendProblem(
    reply,
    problemOf(new AppError('http/internal', INTERNAL_DETAIL), request.id, status),
  );
}

/** Routes all errors of `app` through problems. */
export function useProblems(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) =>
    replyWithError(error, request, reply),
  );
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      problemOf(notFound('There is nothing at this path; /docs lists what there is.'), request.id),
    ),
  );
}
