// The libraries that are measured beside ours, taken from the room that depends on them, so that both run the same release.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

async function packageOf(room: string, name: string): Promise<unknown> {
  const require = createRequire(new URL(`../../${room}/package.json`, import.meta.url));
  return import(pathToFileURL(require.resolve(name)).href);
}

export interface NobleCurve {
  verify(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
    options?: { readonly lowS?: boolean; readonly prehash?: boolean },
  ): boolean;
}

export async function nobleP256(): Promise<NobleCurve> {
  const { p256 } = (await packageOf('contracts', '@noble/curves/nist.js')) as { p256: NobleCurve };
  return p256;
}

export async function nobleEd25519(): Promise<NobleCurve> {
  const curves = await packageOf('contracts', '@noble/curves/ed25519.js');
  return (curves as { ed25519: NobleCurve }).ed25519;
}

export interface SmCrypto {
  readonly sm2: {
    doVerifySignature(
      message: readonly number[],
      signatureHex: string,
      publicKeyHex: string,
      options: { readonly hash: boolean; readonly userId: string },
    ): boolean;
  };
}

export async function smCrypto(): Promise<SmCrypto> {
  const { default: library } = (await packageOf('contracts', 'sm-crypto')) as { default: SmCrypto };
  return library;
}

interface FastifyReply {
  header(name: string, value: string): FastifyReply;
  type(value: string): FastifyReply;
  send(body: Uint8Array): FastifyReply;
}

export interface BareFastify {
  get(path: string, handler: (request: unknown, reply: FastifyReply) => Promise<unknown>): void;
  listen(options: { readonly host: string; readonly port: number }): Promise<string>;
  close(): Promise<void>;
}

export async function bareFastify(): Promise<BareFastify> {
  const library = (await packageOf('server', 'fastify')) as { default: () => BareFastify };
  return library.default();
}
