// The one chain: what any honest node commits at a height is what all others commit there, with the same state, under a certificate
// of a quorum of the epoch's own validators.

import {
  asArray,
  bytesToHex,
  decodeCbor,
  decodeHeader,
  equalBytes,
  type Header,
} from '@suyuan/contracts';
import type { SimCrypto } from '../ports/crypto.ts';
import { Violation } from './violation.ts';
import { quorumOf } from './votes.ts';

export interface SimValidator {
  readonly id: string;
  readonly key: { readonly suite: 'ed25519' | 'sm2' | 'es256'; readonly bytes: Uint8Array };
}

export interface ChainEntry {
  readonly height: number;
  readonly hash: string;
  readonly header: Header;
  readonly headerBytes: Uint8Array;
  readonly epoch: number;
  readonly txIds: ReadonlySet<string>;
}

export interface CommittedView {
  readonly headerBytes: Uint8Array;
  readonly certificate: Uint8Array;
  readonly via: readonly Uint8Array[];
  readonly txIds: readonly string[];
  /** Those of them that a rule refused. */
  readonly refused: readonly string[];
}

export interface ChainOracle {
  /** A node holds this block as committed. Throws Violation. Returns true if no node had it before. */
  committed(node: number, block: CommittedView): boolean;
  at(height: number): ChainEntry | undefined;
  readonly height: number;
  /** The set that votes on the block after the newest, told by whoever first executed the end of an epoch. */
  beginEpoch(epoch: number, from: number, validators: readonly SimValidator[]): void;
  epochOf(height: number): number;
  newest(): {
    readonly epoch: number;
    readonly from: number;
    readonly validators: readonly SimValidator[];
  };
  setOf(epoch: number): readonly SimValidator[] | undefined;
  /** The height at which a transaction stands. */
  heightOf(txId: string): number | undefined;
  /** A rule refused it: it stands in the chain and did nothing. */
  isRefused(txId: string): boolean;
}

export function createChainOracle(options: {
  readonly chainId: Uint8Array;
  readonly crypto: SimCrypto;
  readonly hashOf: (headerBytes: Uint8Array) => Uint8Array;
  readonly genesis: readonly SimValidator[];
}): ChainOracle {
  const { chainId, crypto, hashOf } = options;
  const entries: ChainEntry[] = [];
  const sets: { epoch: number; from: number; validators: readonly SimValidator[] }[] = [
    { epoch: 0, from: 1, validators: options.genesis },
  ];
  const places = new Map<string, number>();
  const refused = new Set<string>();
  const checked = new Set<string>();

  const epochOf = (height: number) => sets.findLast(({ from }) => from <= height)!.epoch;

  function checkCertificate(block: CommittedView, header: Header): void {
    const where = `block ${header.height}`;
    const [epoch, slot, hash, signatures] = asArray(
      decodeCbor(block.certificate),
      'certificate',
      4,
    );
    const last = block.via.at(-1) ?? block.headerBytes;
    let previous = hashOf(block.headerBytes);
    for (const bytes of block.via) {
      if (!equalBytes(decodeHeader(bytes).previous, previous))
        throw new Violation('certificates', `${where}: the headers to its certificate do not link`);
      previous = hashOf(bytes);
    }
    if (!(hash instanceof Uint8Array) || !equalBytes(hash, hashOf(last)))
      throw new Violation('certificates', `${where}: its certificate is for another block`);
    const expected = epochOf(header.height);
    if (epoch !== expected)
      throw new Violation(
        'certificates',
        `${where}: certificate of epoch ${epoch}, not ${expected}`,
      );
    const set = sets.find((one) => one.epoch === expected)!.validators;
    const signers = new Set<number>();
    const message = finalVote(chainId, expected, Number(slot), hash);
    for (const entry of asArray(signatures, 'signatures', 64)) {
      const [index, signature] = asArray(entry, 'signature', 2);
      const validator = set[Number(index)];
      if (validator === undefined || !(signature instanceof Uint8Array))
        throw new Violation('certificates', `${where}: a signer outside the set`);
      if (!crypto.verify(validator.key, message, signature))
        throw new Violation('certificates', `${where}: a signature that does not verify`);
      signers.add(Number(index));
    }
    if (signers.size < quorumOf(set.length))
      throw new Violation(
        'certificates',
        `${where}: ${signers.size} of ${set.length} signers, ${quorumOf(set.length)} are needed`,
      );
  }

  return {
    committed(node, block) {
      const header = decodeHeader(block.headerBytes);
      const hash = bytesToHex(hashOf(block.headerBytes));
      const { height } = header;
      const found = entries[height - 1];
      const mark = `${hash}/${bytesToHex(block.certificate)}`;
      if (found !== undefined && found.hash !== hash) {
        const what = equalBytes(found.header.stateRoot, header.stateRoot)
          ? ''
          : ' with other state';
        throw new Violation(
          'agreement',
          `node ${node} has ${hash.slice(0, 8)} at height ${height}, others have ${found.hash.slice(0, 8)}${what}`,
        );
      }
      if (!checked.has(mark)) {
        checkCertificate(block, header);
        checked.add(mark);
      }
      if (found !== undefined) return false;
      if (height !== entries.length + 1)
        throw new Violation(
          'agreement',
          `node ${node} commits height ${height} after ${entries.length}`,
        );
      const before = entries.at(-1);
      const previous = before === undefined ? chainId : hashOf(before.headerBytes);
      if (!equalBytes(header.previous, previous))
        throw new Violation('agreement', `block ${height} does not stand upon block ${height - 1}`);
      if (before !== undefined && header.time_ms <= before.header.time_ms)
        throw new Violation('time', `block ${height} is not later than the one before`);
      entries.push({
        height,
        hash,
        header,
        headerBytes: block.headerBytes,
        epoch: epochOf(height),
        txIds: new Set(block.txIds),
      });
      for (const id of block.refused) refused.add(id);
      for (const id of block.txIds) {
        if (places.has(id))
          throw new Violation('transactions', `transaction ${id.slice(0, 8)} stands in two blocks`);
        places.set(id, height);
      }
      return true;
    },
    at: (height) => entries[height - 1],
    get height() {
      return entries.length;
    },
    beginEpoch(epoch, from, validators) {
      const known = sets.find((set) => set.epoch === epoch);
      if (known === undefined) sets.push({ epoch, from, validators });
    },
    epochOf,
    newest: () => sets.at(-1)!,
    setOf: (epoch) => sets.find((set) => set.epoch === epoch)?.validators,
    heightOf: (txId) => places.get(txId),
    isRefused: (txId) => refused.has(txId),
  };
}

/** ["suyuan/final/1", chainId, epoch, slot, block], written out by hand: the code under test must not judge itself. */
function finalVote(
  chainId: Uint8Array,
  epoch: number,
  slot: number,
  block: Uint8Array,
): Uint8Array {
  const text = Buffer.from('suyuan/final/1');
  return Buffer.concat([
    Buffer.from([0x85, 0x60 + text.length]),
    text,
    Buffer.from([0x58, 0x20]),
    chainId,
    uint(epoch),
    uint(slot),
    Buffer.from([0x58, 0x20]),
    block,
  ]);
}

function uint(value: number): Buffer {
  if (value < 24) return Buffer.from([value]);
  if (value < 2 ** 8) return Buffer.from([0x18, value]);
  if (value < 2 ** 16) return Buffer.from([0x19, value >> 8, value & 255]);
  const out = Buffer.alloc(5);
  out[0] = 0x1a;
  out.writeUInt32BE(value, 1);
  return out;
}
