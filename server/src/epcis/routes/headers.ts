// The headers by which both sides say what they speak (EPCIS 2.0 §12.6), and OPTIONS, by which a client asks.

import { AppError } from '@suyuan/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../../http/context.ts';
import { CAPTURE_BYTES_MAX, CAPTURE_EVENTS_MAX } from '../limits.ts';

const VERSION = '2.0.0';
const URL_CHARS_MAX = 8_192;
export const JSON_TYPE = 'application/json; charset=utf-8';

const ALLOW: readonly (readonly [path: RegExp, allow: string])[] = [
  [/^\/epcis\/(?:events|queries)\/?$/, 'OPTIONS, GET, POST'],
  [/^\/epcis\/capture\/?$/, 'OPTIONS, POST, GET'],
  [/^\/epcis\/queries\/[^/]+\/subscriptions\/?$/, 'OPTIONS, GET, POST'],
  [/^\/epcis\/queries\/[^/]+(?:\/subscriptions\/[^/]+)?\/?$/, 'OPTIONS, GET, DELETE'],
  [/^\/epcis(?:\/|$)/, 'OPTIONS, GET'],
];

/** What every answer says. */
export function sayVersions(reply: FastifyReply): void {
  reply.header('gs1-epcis-version', VERSION).header('gs1-cbv-version', VERSION);
}

/** Call it before what answers OPTIONS for browsers: that sends the headers that are set here. */
export function useEpcisDiscovery(app: App): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'OPTIONS') return;
    const [path = ''] = (request.raw.url ?? '').split('?', 1);
    const allow = ALLOW.find(([pattern]) => pattern.test(path))?.[1];
    if (allow === undefined) return;
    sayVersions(reply);
    reply
      .header('allow', allow)
      .header('gs1-epcis-min', VERSION)
      .header('gs1-epcis-max', VERSION)
      .header('gs1-cbv-min', VERSION)
      .header('gs1-cbv-max', VERSION)
      .header('gs1-epc-format', 'Never_Translates')
      .header('gs1-vendor-version', '1');
    if (!path.startsWith('/epcis/capture') && !path.startsWith('/epcis/events')) return;
    sayCaptureLimits(reply);
    reply.header('gs1-capture-error-behaviour', 'rollback');
  });
}

export function sayCaptureLimits(reply: FastifyReply): void {
  reply
    .header('gs1-epcis-capture-limit', String(CAPTURE_EVENTS_MAX))
    .header('gs1-epcis-capture-file-size-limit', String(CAPTURE_BYTES_MAX));
}

/** Throws `epcis/not-acceptable` or `epcis/uri-too-long`. */
export function negotiate(request: FastifyRequest): void {
  if ((request.raw.url ?? '').length > URL_CHARS_MAX) {
    const words = 'The address is too long; make a named query with POST /epcis/queries.';
    throw new AppError('epcis/uri-too-long', words);
  }
  for (const standard of ['epcis', 'cbv']) {
    const [version, min, max] = ['version', 'min', 'max'].map((part) =>
      versionOf(request, `gs1-${standard}-${part}`),
    );
    if ((version !== undefined && version !== 2) || (min ?? 2) > 2 || (max ?? 2) < 2) {
      throw refused(`This server speaks ${standard.toUpperCase()} ${VERSION} only.`);
    }
  }
  const format = headerOf(request, 'gs1-epc-format');
  if (format !== undefined && format !== 'No_Preference' && format !== 'Never_Translates') {
    throw refused('Events are given as they were captured: GS1-EPC-Format Never_Translates.');
  }
  const accept = headerOf(request, 'accept');
  if (
    accept !== undefined &&
    !/\*\/\*|application\/(?:\*|json|ld\+json|problem\+json)/.test(accept)
  ) {
    throw refused('This server answers with application/json.');
  }
}

/** `2.0.0` as 2, `1.2` as 1.2. */
function versionOf(request: FastifyRequest, name: string): number | undefined {
  const text = headerOf(request, name);
  if (text === undefined) return undefined;
  const [, major, minor = '0'] = /^(\d{1,3})(?:\.(\d{1,3}))?(?:\.\d{1,3})*$/.exec(text) ?? [];
  if (major === undefined) throw refused(`${name} is no version.`);
  return Number(`${major}.${minor}`);
}

export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function refused(message: string): AppError {
  return new AppError('epcis/not-acceptable', message);
}
