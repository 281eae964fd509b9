// That whoever asks for a seat among the validators holds the key that he names (docs/formats.md §4): a signature by that key over the
// chain and the seat. Without it one could enter another's key, and be counted for what that one signs.

import type { CryptoProvider, PublicKey, SecretKey } from '../crypto/types.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import { publicKeyToValue } from './public-key.ts';

export interface ValidatorSeat {
  /** 32 bytes. */
  readonly chainId: Uint8Array;
  /** The account that the key is to vote for. */
  readonly id: string;
  readonly key: PublicKey;
}

/** The bytes that the new validator key signs. */
export function encodeSeat({ chainId, id, key }: ValidatorSeat): Uint8Array {
  return encodeCbor(['suyuan/validator/1', chainId, id, publicKeyToValue(key)]);
}

/** 64 bytes, the `proof` of `governance.propose` and `governance.rotate`. Throws `crypto/bad-key`. */
export function signSeat(
  crypto: CryptoProvider,
  secret: SecretKey,
  seat: Omit<ValidatorSeat, 'key'>,
): { key: PublicKey; proof: Uint8Array } {
  const key = crypto.publicKeyOf(secret);
  return { key, proof: crypto.sign(secret, encodeSeat({ ...seat, key })) };
}

/** True if the key itself signed for this seat on this chain. */
export function verifySeat(
  crypto: CryptoProvider,
  seat: ValidatorSeat,
  proof: Uint8Array,
): boolean {
  return crypto.verify(seat.key, encodeSeat(seat), proof);
}
