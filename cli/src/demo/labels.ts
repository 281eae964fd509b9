// Serials of a label batch: 64 bits each that only the issuer's key can work out, so that nobody guesses one that was
// printed, and a start after a crash makes the same ones again. The codes under the scratch layer are made the same way.

import { createHmac } from 'node:crypto';
import {
  buildDigitalLink,
  type Hash,
  hiddenCommitment,
  labelKey,
  leafHash,
  logRoot,
  type SecretKey,
  toLabelBatch,
  unitLeaf,
} from '@suyuan/contracts';
import type { Teller } from './teller.ts';

const SERIAL_BYTES = 8;
const CODE_LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_CHARS = 14;

export interface Labels {
  readonly serials: readonly string[];
  /** Hashes of the units' leaves, in printing order. */
  readonly leaves: readonly Uint8Array[];
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Under the scratch layer, by index; empty where there is none. */
  readonly codes: readonly string[];
  /** To the codes, 32 bytes each; none where there are no codes. */
  readonly commitments?: readonly Uint8Array[];
}

export interface LabelBatchName {
  readonly gtin: string;
  readonly lot: string;
  readonly batch: string;
}

export function labelsOf(
  hash: Hash,
  { secret }: SecretKey,
  name: LabelBatchName,
  count: number,
  hidden = false,
): Labels {
  const { gtin, lot, batch } = name;
  const mac = (what: string, number: number): Buffer =>
    createHmac('sha256', secret)
      .update(JSON.stringify([`suyuan/demo-${what}/1`, gtin, lot, batch, number]))
      .digest();
  const serials = new Set<string>();
  for (let number = 0; serials.size < count; number += 1)
    serials.add(mac('serial', number).subarray(0, SERIAL_BYTES).toString('base64url'));
  const list = [...serials];
  const codes = hidden ? list.map((_, i) => codeOf(mac('code', i))) : [];
  const commitments = codes.map((code, i) =>
    hiddenCommitment(hash, { gtin, lot, serial: list[i] ?? '' }, code),
  );
  const leaves = list.map((serial, i) =>
    leafHash(hash, unitLeaf(gtin, lot, serial, commitments[i])),
  );
  return {
    serials: list,
    leaves,
    root: logRoot(hash, leaves),
    codes,
    ...(hidden ? { commitments } : {}),
  };
}

/** Each byte gives one of 32 letters, evenly. */
function codeOf(bytes: Uint8Array): string {
  return [...bytes.subarray(0, CODE_CHARS)].map((byte) => CODE_LETTERS[byte % 32]).join('');
}

/** Path of a unit on the house's own site. */
export function unitPath({ gtin, lot }: LabelBatchName, serial: string): string {
  const link = buildDigitalLink([
    { ai: '01', value: gtin },
    { ai: '10', value: lot },
    { ai: '21', value: serial },
  ]);
  return new URL(link).pathname;
}

export interface LabelOrder extends LabelBatchName {
  readonly signer: string;
  readonly count: number;
  /** Of one unit. */
  readonly net: number;
  /** How many are on packs; all unless given. */
  readonly packed?: number;
  readonly hidden?: boolean;
}

/** Issues the batch, hands its serials in and puts them on packs; does only what a start before has not done. */
export async function issueLabels(teller: Teller, order: LabelOrder): Promise<Labels> {
  const { house, hash } = teller;
  const { signer, gtin, lot, batch, count, net, packed = count, hidden = false } = order;
  const labels = labelsOf(hash, await house.secretOf(signer), order, count, hidden);
  const key = labelKey(gtin, lot, batch);
  await teller.act(signer, {
    module: 'labels',
    action: 'issue',
    payload: { gtin, lot, batch, root: labels.root, count, net, ...(hidden ? { hidden } : {}) },
    done: key,
  });
  const { serials, commitments } = labels;
  const list = { gtin, lot, batch, serials };
  await house.node.putSerials(commitments === undefined ? list : { ...list, commitments });
  await teller.act(signer, {
    module: 'labels',
    action: 'activate',
    payload: { gtin, lot, batch, upTo: packed },
    done: (read) => {
      const value = read(key);
      return value !== undefined && toLabelBatch(value).activated >= packed;
    },
  });
  return labels;
}
