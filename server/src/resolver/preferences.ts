// The preferences of a request: media types and languages by their weight (RFC 9110 §12.4.2, §12.5).

import type { FastifyRequest } from 'fastify';

/** Entries of one header that are read; what follows them would not be preferred anyway. */
const ENTRIES_MAX = 32;

/** The values of a header in order of preference; those with weight 0 are refused and left out. */
export function byPreference(header: string | undefined): readonly string[] {
  return (header ?? '')
    .split(',', ENTRIES_MAX)
    .map((entry) => {
      const [value = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      const q = weight === undefined ? 1 : Number(weight);
      return { value, q: Number.isFinite(q) ? q : 0 };
    })
    .filter(({ value, q }) => value !== '' && q > 0)
    .sort((a, b) => b.q - a.q)
    .map(({ value }) => value);
}

export function acceptOf(request: FastifyRequest): readonly string[] {
  return byPreference(request.headers.accept);
}

/** Primary subtags (`zh`, `en`), the preferred first. */
export function languagesOf(request: FastifyRequest): readonly string[] {
  return byPreference(request.headers['accept-language']).map((tag) => tag.split('-', 1)[0] ?? '');
}
