// Headers, origins and rates. The pages run no inline script and talk to nobody but this server.

import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import type { HttpOptions } from './options.ts';

/** Addresses whose rate is remembered; the oldest is forgotten first. */
const RATE_ADDRESSES_MAX = 10_000;
const WINDOW_MS = 60_000;

export const PAGE_CSP = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  workerSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  objectSrc: ["'none'"],
};

/** The page of the API's description sets styles of its own as it goes; its scripts are files of this server. */
export const DOCS_CSP: Record<string, string> = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

export async function useSecurity(app: FastifyInstance, options: HttpOptions): Promise<void> {
  await app.register(helmet, {
    global: true,
    contentSecurityPolicy: { useDefaults: false, directives: PAGE_CSP },
    // Only a launcher that serves TLS may pin browsers to it: on a market's LAN the page is plain HTTP.
    strictTransportSecurity: options.tls ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
  // Any origin may read and submit: nothing here rests on cookies, and a transaction carries its own signature.
  await app.register(cors, {
    origin: '*',
    methods: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE'],
    exposedHeaders: [
      'ETag',
      'Link',
      'Location',
      'Retry-After',
      'GS1-EPCIS-Version',
      'GS1-CBV-Version',
    ],
    strictPreflight: false,
    maxAge: 600,
  });
  await app.register(rateLimit, {
    global: true,
    max: options.rate.reads,
    timeWindow: WINDOW_MS,
    cache: RATE_ADDRESSES_MAX,
    // An IPv6 customer holds a whole /64.
    ipv6Subnet: 64,
  });
}

/** The rate of routes that write or that cost much. */
export function writeRate(options: HttpOptions): { max: number; timeWindow: number } {
  return { max: options.rate.writes, timeWindow: WINDOW_MS };
}

export function serialRate(options: HttpOptions): { max: number; timeWindow: number } {
  return { max: options.rate.serials, timeWindow: WINDOW_MS };
}

export function bundleRate(options: HttpOptions): { max: number; timeWindow: number } {
  return { max: options.rate.bundles, timeWindow: WINDOW_MS };
}
