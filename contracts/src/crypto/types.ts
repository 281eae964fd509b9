// The shapes that every signature and hash in the house goes through. Two implementations: `portableCrypto` (runs anywhere)
// and `nodeCrypto` (`@suyuan/contracts/node`), which must agree on every input.

/** GB/T 32918 on the curve of GB/T 32918.5, ECDSA on P-256 with SHA-256, RFC 8032. */
export type SuiteName = 'sm2' | 'es256' | 'ed25519';

export type HashName = 'sm3' | 'sha256';

/** 32 bytes of digest over any bytes. */
export type Hash = (data: Uint8Array) => Uint8Array;

/** `bytes` is 33 bytes, SEC 1 compressed, for sm2 and es256; 32 bytes for ed25519. */
export interface PublicKey {
  readonly suite: SuiteName;
  readonly bytes: Uint8Array;
  /** sm2 only; absent means the GM/T 0009 default `1234567812345678`. At most 64 bytes of UTF-8. */
  readonly userId?: string;
}

/** `secret` is 32 bytes: a big-endian scalar (sm2, es256) or an RFC 8032 seed (ed25519). */
export interface SecretKey {
  readonly suite: SuiteName;
  readonly secret: Uint8Array;
  readonly userId?: string;
}

/** What the rest of `contracts` asks of cryptography. Passed in as an argument, so that Node can bring its own. */
export interface CryptoProvider {
  /** The hash of that name. */
  hash(name: HashName): Hash;
  /** The public key of a secret. Throws `crypto/bad-key`. */
  publicKeyOf(secret: SecretKey): PublicKey;
  /** 64 bytes of signature over `message`. Throws `crypto/bad-key`. Deterministic for sm2, es256 and ed25519 (RFC 6979 or RFC 8032 nonces) in the portable provider. */
  sign(secret: SecretKey, message: Uint8Array): Uint8Array;
  /** True if `signature` (64 bytes) is valid. Malformed keys and signatures give false; it never throws. */
  verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean;
}

/** A provider that can also verify off the calling thread. */
export interface AsyncCryptoProvider extends CryptoProvider {
  verifyAsync(key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}
