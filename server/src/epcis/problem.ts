// Errors as EPCIS 2.0 names them (§12.7): RFC 7807 problems of type `epcisException:…`.

import { STATUS_CODES } from 'node:http';
import type { AppError } from '@suyuan/contracts';

export interface EpcisProblemJson {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly field?: string;
}

type Kind = readonly [status: number, type: string];

const EXACT: Readonly<Record<string, Kind>> = {
  'access/busy': [503, 'ImplementationException'],
  'access/frozen-account': [403, 'SecurityException'],
  'crypto/busy': [503, 'ImplementationException'],
  'delivery/bad-target': [400, 'SubscriptionControlsException'],
  'delivery/full': [503, 'ImplementationException'],
  'epcis/bad-page': [400, 'QueryParameterException'],
  'epcis/bad-query': [400, 'QueryValidationException'],
  'epcis/busy': [503, 'ImplementationException'],
  'epcis/event-exists': [409, 'ResourceAlreadyExistsException'],
  'epcis/capture-failed': [500, 'ImplementationException'],
  'epcis/not-acceptable': [406, 'NotAcceptableException'],
  'epcis/not-found': [404, 'NoSuchNameException'],
  'epcis/not-implemented': [501, 'ImplementationException'],
  'epcis/not-yours': [403, 'SecurityException'],
  'epcis/query-exists': [409, 'ResourceAlreadyExistsException'],
  'epcis/query-parameter': [400, 'QueryParameterException'],
  'epcis/query-too-complex': [413, 'QueryTooComplexException'],
  'epcis/query-too-large': [413, 'QueryTooLargeException'],
  'epcis/stopped': [503, 'ImplementationException'],
  'epcis/subscription': [400, 'SubscriptionControlsException'],
  'epcis/too-large': [413, 'CaptureLimitExceededException'],
  'epcis/too-many': [403, 'SecurityException'],
  'epcis/too-many-events': [413, 'CaptureLimitExceededException'],
  'epcis/uri-too-long': [414, 'URITooLongException'],
  'http/not-found': [404, 'NoSuchNameException'],
  'http/too-large': [413, 'CaptureLimitExceededException'],
  'http/too-many-requests': [429, 'ImplementationException'],
  'http/unsupported-media-type': [415, 'UnsupportedMediaTypeException'],
};

/** Subjects of which every other code is a mistake in what the caller sent. */
const SUBJECT: Readonly<Record<string, Kind>> = {
  access: [401, 'SecurityException'],
  bytes: [401, 'SecurityException'],
  cbor: [401, 'SecurityException'],
  cose: [401, 'SecurityException'],
  format: [401, 'SecurityException'],
  epcis: [400, 'ValidationException'],
  gs1: [400, 'ValidationException'],
  http: [400, 'ValidationException'],
};

/** Status and type of a code; undefined for what is ours and not the caller's. */
export function kindOfCode(code: string): Kind | undefined {
  return EXACT[code] ?? SUBJECT[code.split('/', 1)[0] ?? ''];
}

const DETAIL_CHARS_MAX = 500;

/** `path`: where in the document it happened. */
export function problemJson(error: AppError, path = ''): EpcisProblemJson {
  const [status, type] = kindOfCode(error.code) ?? [500, 'ImplementationException'];
  const { field, path: inner } = error.details;
  const at = `${path}${typeof inner === 'string' ? inner : ''}`;
  const where = at === '' ? field : at;
  return {
    type: `epcisException:${type}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.message.slice(0, DETAIL_CHARS_MAX),
    code: error.code,
    ...(typeof where === 'string' ? { field: where.slice(0, 200) } : {}),
  };
}
