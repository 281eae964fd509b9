// One POST to somebody else's server: the address checked where it is used, no redirects, little patience.

import { lookup } from 'node:dns';
import { type ClientRequest, request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { assertTarget, isPublicAddress, privateTarget } from './address-guard.ts';

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Resolves with the status of the answer; rejects when there was none. */
export type Post = (request: PostRequest, signal: AbortSignal) => Promise<number>;

export interface PostOptions {
  /** Lets it send to private, loopback and link-local addresses. */
  readonly allowPrivate: boolean;
  readonly timeout_ms: number;
}

/** What is read of an answer before the connection is dropped. */
const ANSWER_BYTES_MAX = 64 * 1024;

export function createPost({ allowPrivate, timeout_ms }: PostOptions): Post {
  return ({ url: text, headers, body }, signal) =>
    new Promise((resolve, reject) => {
      const url = assertTarget(text, allowPrivate);
      const bytes = Buffer.from(body);
      const options: RequestOptions = {
        method: 'POST',
        headers: { ...headers, 'content-length': String(bytes.length) },
        // The connection goes to the very address that was checked: a second resolution could say another.
        lookup: guardedLookup(allowPrivate),
        agent: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout_ms)]),
      };
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const sent: ClientRequest = send(url, options, (response) => {
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > ANSWER_BYTES_MAX) sent.destroy();
        });
        response.on('error', () => {});
        // The status decides; the rest of the answer is of no interest.
        resolve(response.statusCode ?? 0);
      });
      sent.on('error', reject);
      sent.end(bytes);
    });
}

function guardedLookup(allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => allowPrivate || isPublicAddress(address));
      const [first] = allowed;
      if (first === undefined) return callback(privateTarget(), '', 0);
      // `all` asks for the list.
      if (options.all === true) return callback(null, allowed);
      return callback(null, first.address, isIP(first.address));
    });
  };
}
