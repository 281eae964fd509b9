// Serials and hidden codes of a label batch, by chance, and the root that the ledger holds of them.

import { type Hash, hiddenCommitment, leafHash, logRoot, unitLeaf } from '@suyuan/contracts';

/** Crockford's: no I, L, O, U to misread. 32 of them, so that a byte gives one without favour. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 65 bits each: nobody finds one by trying, a serial online nor a code at home. */
const CHARS = 13;

export interface Units {
  /** In printing order, each once. */
  readonly serials: readonly string[];
  /** One for each serial. */
  readonly codes?: readonly string[];
}

export interface LotName {
  readonly gtin: string;
  readonly lot: string;
}

type Random = (size_bytes: number) => Uint8Array;

function word(random: Random): string {
  return Array.from(random(CHARS), (byte) => LETTERS[byte & 31]).join('');
}

/** `random` must be fit for secrets. */
export function makeUnits(count: number, hidden: boolean, random: Random): Units {
  const serials = new Set<string>();
  while (serials.size < count) serials.add(word(random));
  const units = { serials: [...serials] };
  return hidden ? { ...units, codes: units.serials.map(() => word(random)) } : units;
}

/** Of each unit the commitment to its code; undefined where there are no codes. */
export function commitmentsOf(
  hash: Hash,
  lot: LotName,
  { serials, codes }: Units,
): Uint8Array[] | undefined {
  return codes?.map((code, i) =>
    hiddenCommitment(hash, { gtin: lot.gtin, lot: lot.lot, serial: serials[i] ?? '' }, code),
  );
}

/** 32 bytes: the root of the batch (docs/formats.md §5). */
export function rootOf(
  hash: Hash,
  { gtin, lot }: LotName,
  serials: readonly string[],
  commitments?: readonly Uint8Array[],
): Uint8Array {
  return logRoot(
    hash,
    serials.map((serial, i) => leafHash(hash, unitLeaf(gtin, lot, serial, commitments?.[i]))),
  );
}
