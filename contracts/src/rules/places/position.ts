// The exact position of a place as a salted commitment: public is the township, the field itself is shown to one reader at a
// time, who checks it against the ledger (docs/formats.md §5, `place.exact`).

import { tagged } from '../../crypto/tagged.ts';
import type { Hash } from '../../crypto/types.ts';
import { equalBytes } from '../../encoding/bytes.ts';
import { encodeCbor } from '../../encoding/cbor.ts';
import { AppError } from '../../errors.ts';

/** WGS 84, 10^-7 degrees. */
export interface ExactPosition {
  readonly gln: string;
  readonly lat_e7: number;
  readonly lon_e7: number;
  /** 16 random bytes: without them a grid of the county could be tried out. */
  readonly salt: Uint8Array;
}

/** 32 bytes. Throws RangeError when a coordinate or the salt is out of range. */
export function positionCommitment(hash: Hash, position: ExactPosition): Uint8Array {
  const { gln, lat_e7, lon_e7, salt } = position;
  const inRange = Math.abs(lat_e7) <= 900_000_000 && Math.abs(lon_e7) <= 1_800_000_000;
  if (!Number.isInteger(lat_e7) || !Number.isInteger(lon_e7) || !inRange) {
    throw new RangeError('positionCommitment: give latitude and longitude in 10^-7 degrees');
  }
  if (salt.length !== 16) throw new RangeError('positionCommitment: salt must be 16 bytes');
  return tagged(hash, 'suyuan/position/1', encodeCbor([gln, lat_e7, lon_e7, salt]));
}

/** Returns when the position is the one committed to. Throws `places/no-position` or `places/other-position`. */
export function verifyPosition(
  hash: Hash,
  place: { readonly gln: string; readonly exact?: Uint8Array },
  position: ExactPosition,
): void {
  if (place.exact === undefined) {
    throw new AppError('places/no-position', 'The place was registered without an exact position.');
  }
  const same =
    place.gln === position.gln && equalBytes(positionCommitment(hash, position), place.exact);
  if (!same) {
    throw new AppError('places/other-position', 'This is not the position on the ledger.', {
      gln: place.gln,
    });
  }
}
