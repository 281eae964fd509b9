// A provider whose `verifyAsync` never takes the calling thread: SM2, most of a millisecond even with a precomputed key, has
// threads of its own; the other suites have Node's pool.

import type { AsyncCryptoProvider, PublicKey } from '../crypto/types.ts';
import { bytesToHex } from '../encoding/bytes.ts';
import { AppError } from '../errors.ts';
import { nodeCrypto } from './node-crypto.ts';
import { Sm2Lane } from './sm2-lane.ts';

export interface ThreadedCryptoOptions {
  /** Threads, at least 1; each is started by its first signature and takes about 30 MB with 256 busy keys. */
  readonly workers: number;
  /** SM2 signatures that may wait at once; a quarter of them may be of one key. */
  readonly queueMax: number;
}

/** `verifyAsync` rejects with `crypto/busy` (too many wait) or `crypto/stopped` (closed, or the thread died), and nothing else. */
export interface ThreadedCrypto extends AsyncCryptoProvider {
  /**
   * The same threads through a door of its own: doors take turns, and each has its own bound, so that a crowd at one
   * does not shut the others.
   */
  door(queueMax: number): AsyncCryptoProvider;
  close(): Promise<void>;
}

/** One key may not fill a queue: whoever signs badly under another's name shuts out that name at most. */
const KEY_SHARE = 4;

export function createThreadedCrypto(options: ThreadedCryptoOptions): ThreadedCrypto {
  const { workers, queueMax } = options;
  assertCount('workers', workers);
  const lanes = Array.from({ length: workers }, () => new Sm2Lane());
  let doors = 0;

  function door(limit: number): AsyncCryptoProvider {
    assertCount('queueMax', limit);
    doors += 1;
    const number = doors;
    const perKey = Math.ceil(limit / KEY_SHARE);
    const counts = new Map<string, number>();
    let count = 0;

    function leave(name: string): void {
      count -= 1;
      const left = (counts.get(name) ?? 1) - 1;
      if (left === 0) counts.delete(name);
      else counts.set(name, left);
    }

    async function verifySm2(key: PublicKey, message: Uint8Array, signature: Uint8Array) {
      if (!isWellFormed(key, message, signature)) return false;
      const name = bytesToHex(key.bytes);
      const ofKey = counts.get(name) ?? 0;
      if (count >= limit || ofKey >= perKey) throw busy();
      count += 1;
      counts.set(name, ofKey + 1);
      const job = { key, message: owned(message), signature: owned(signature) };
      try {
        return await new Promise<boolean>((resolve, reject) => {
          // The same thread for all signatures of a key, so that its table exists once.
          lanes[laneOf(key.bytes, lanes.length)]?.add(number, name, { job, resolve, reject });
        });
      } finally {
        leave(name);
      }
    }

    return {
      ...nodeCrypto,
      verifyAsync: (key, message, signature) =>
        key.suite === 'sm2'
          ? verifySm2(key, message, signature)
          : nodeCrypto.verifyAsync(key, message, signature),
    };
  }

  return {
    ...door(queueMax),
    door,
    async close() {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

/** What a thread can be sent; the rest of the form is checked there. */
function isWellFormed(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  return (
    key.bytes instanceof Uint8Array &&
    key.bytes.length === 33 &&
    message instanceof Uint8Array &&
    signature instanceof Uint8Array &&
    signature.length === 64
  );
}

function laneOf(key: Uint8Array, lanes: number): number {
  let sum = 0;
  for (const byte of key) sum = (sum * 31 + byte) >>> 0;
  return sum % lanes;
}

/** A view would take the whole buffer behind it along to the thread. */
function owned(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

function assertCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`createThreadedCrypto: ${name} must be at least 1`);
  }
}

function busy(): AppError {
  return new AppError(
    'crypto/busy',
    'More signatures wait for verification than are taken in; send it again in a moment.',
  );
}
