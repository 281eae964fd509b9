// The word of a validator key that it takes a seat on a ledger: made where the key is, handed to whoever proposes the newcomer.

import {
  type CborObject,
  isAccountId,
  publicKeyToValue,
  type SecretKey,
  signSeat,
  toPublicKey,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError } from '../errors.ts';
import { readJson } from '../io.ts';

const FORMAT = 'suyuan-seat-1';

export interface Seat {
  readonly id: string;
  /** As payloads have it. */
  readonly key: CborObject;
  /** 64 bytes. */
  readonly proof: Uint8Array;
}

/** Signs for the seat of `id` on that chain. */
export function makeSeat(secret: SecretKey, chainId: Uint8Array, id: string): Seat {
  const { key, proof } = signSeat(nodeCrypto, secret, { chainId, id });
  return { id, key: publicKeyToValue(key), proof };
}

export function seatToText({ id, key, proof }: Seat): string {
  const hex = Buffer.from(key.key as Uint8Array).toString('hex');
  const file = {
    format: FORMAT,
    id,
    key: { suite: key.suite, key: hex },
    proof: Buffer.from(proof).toString('hex'),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Throws CliError. Whether the proof holds the ledger judges. */
export async function readSeat(path: string): Promise<Seat> {
  const value = await readJson(path, 'seat');
  const { format, id, key, proof } = (value ?? {}) as Record<string, unknown>;
  const { suite, key: hex } = (key ?? {}) as Record<string, unknown>;
  const isHex = (text: unknown, least: number, most: number): text is string =>
    typeof text === 'string' &&
    /^([0-9a-f]{2})*$/.test(text) &&
    text.length >= 2 * least &&
    text.length <= 2 * most;
  if (format !== FORMAT || !isAccountId(id) || !isHex(hex, 32, 33) || !isHex(proof, 64, 64)) {
    throw new CliError(
      `${path} is no seat; the newcomer makes one where its validator key is: suyuan governance seat`,
    );
  }
  const publicKey = toPublicKey({
    suite: String(suite),
    key: new Uint8Array(Buffer.from(hex, 'hex')),
  });
  return {
    id,
    key: publicKeyToValue(publicKey),
    proof: new Uint8Array(Buffer.from(proof, 'hex')),
  };
}
