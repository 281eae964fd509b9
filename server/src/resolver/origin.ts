// The origin under which this server is known, for the absolute links of a linkset.

import type { FastifyRequest } from 'fastify';
import type { HttpOptions } from '../http/options.ts';
import { malformed } from '../http/problems.ts';

/** A host name, an IPv4 address or a bracketed IPv6 address, with a port or without. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i;

/** Throws `http/malformed` for a Host header that is not one: it is written into links that others may keep. */
export function originOf(request: FastifyRequest, options: HttpOptions): string {
  if (options.publicUrl !== undefined) return options.publicUrl.replace(/\/+$/, '');
  if (!HOST.test(request.host)) throw malformed('host', 'The Host header is not a host name.');
  return `${request.protocol}://${request.host}`;
}
