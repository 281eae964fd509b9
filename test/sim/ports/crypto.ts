// Signatures that cost nothing: a keyed mix of the message. Nobody can make one without asking for it here, so the simulation sees
// every statement that any key signs, and a Byzantine validator has its own key alone. Hashes are real.

import { hash as digestOf } from 'node:crypto';
import type { CryptoProvider, Hash, PublicKey, SecretKey } from '@suyuan/contracts';

export interface SimCrypto extends CryptoProvider {
  /** Sees each message that is signed, with the secret it is signed with. */
  onSign: (secret: SecretKey, message: Uint8Array) => void;
}

const SIGNATURE_BYTES = 64;

const sha256: Hash = (data) => {
  const digest = digestOf('sha256', data, 'buffer');
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.length);
};

export function secretOf(name: string): SecretKey {
  return { suite: 'ed25519', secret: sha256(Buffer.from(`secret ${name}`)) };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Two lanes of 32 bits over key and message, spread over 64 bytes. */
function mixed(key: readonly number[], message: Uint8Array): Uint8Array {
  let a = key[0]!;
  let b = key[1]!;
  for (let i = 0; i < message.length; i++) {
    a = Math.imul(a ^ message[i]!, 0x01000193);
    b = Math.imul((b ^ message[i]!) + i, 0x85ebca6b);
    b ^= b >>> 13;
  }
  const out = new Uint8Array(SIGNATURE_BYTES);
  const words = new Int32Array(out.buffer);
  for (let i = 0; i < words.length; i++) {
    a = Math.imul(a ^ (a >>> 15) ^ key[i % 8]!, 0x2c1b3c6d);
    b = Math.imul(b ^ (b >>> 12) ^ a, 0x297a2d39);
    words[i] = a ^ (b >>> 7);
  }
  return out;
}

export function createSimCrypto(): SimCrypto {
  const keys = new Map<string, readonly number[]>();
  const known = new Map<string, PublicKey>();

  function publicKeyOf(secret: SecretKey): PublicKey {
    const name = textOf(secret.secret);
    const found = known.get(name);
    if (found !== undefined) return found;
    const bytes = sha256(secret.secret);
    const key: PublicKey = { suite: secret.suite, bytes };
    known.set(name, key);
    keys.set(textOf(bytes), [...new Int32Array(secret.secret.slice().buffer)]);
    return key;
  }

  const provider: SimCrypto = {
    onSign: () => {},
    hash: () => sha256,
    publicKeyOf,
    sign(secret, message) {
      const { bytes } = publicKeyOf(secret);
      provider.onSign(secret, message);
      return mixed(keys.get(textOf(bytes))!, message);
    },
    verify(key, message, signature) {
      const secret = keys.get(textOf(key.bytes));
      if (secret === undefined || signature.length !== SIGNATURE_BYTES) return false;
      const right = mixed(secret, message);
      for (let i = 0; i < SIGNATURE_BYTES; i++) if (right[i] !== signature[i]) return false;
      return true;
    },
  };
  return provider;
}
