// Whether a block of a log is final. The blocks under one certificate come one after another: its signatures are verified once.

import {
  type AsyncCryptoProvider,
  type Block,
  blockHash,
  bytesToHex,
  type CryptoProvider,
  equalBytes,
  type Hash,
  verifyBlockCertificate,
} from '@suyuan/contracts';
import type { VotingSet } from './law.ts';

/** Blocks whose hashes are remembered as committed. */
const COMMITTED_MAX = 1_024;

export interface Certifier {
  hashOf(headerBytes: Uint8Array): Uint8Array;
  /** Throws as `verifyBlockCertificate`. */
  verify(block: Block, set: VotingSet): void;
  committed(hash: Uint8Array): void;
  isCommitted(hash: Uint8Array): boolean;
}

export function createCertifier(parts: {
  readonly chainId: Uint8Array;
  readonly hash: Hash;
  readonly crypto: CryptoProvider | AsyncCryptoProvider;
}): Certifier {
  const { chainId, hash, crypto } = parts;
  const committed = new Set<string>();
  let run:
    | { readonly certificate: Uint8Array; readonly headers: readonly Uint8Array[] }
    | undefined;

  /** The block is the next of those that the last certificate was found to stand for. */
  function goesOn({ header, certificate, via }: Block): boolean {
    return (
      run !== undefined &&
      run.headers.length === via.length + 1 &&
      equalBytes(run.certificate, certificate) &&
      equalBytes(run.headers[0]!, header) &&
      via.every((bytes, i) => equalBytes(bytes, run!.headers[i + 1]!))
    );
  }

  return {
    hashOf: (headerBytes) => blockHash(hash, headerBytes),
    verify(block, { epoch, members: validators }) {
      if (!goesOn(block))
        verifyBlockCertificate(crypto, hash, { chainId, epoch, validators, block });
      run = { certificate: block.certificate, headers: block.via };
    },
    committed(id) {
      committed.add(bytesToHex(id));
      for (const oldest of committed) {
        if (committed.size <= COMMITTED_MAX) break;
        committed.delete(oldest);
      }
    },
    isCommitted: (id) => committed.has(bytesToHex(id)),
  };
}
