// Quorum certificates (docs/formats.md §4): ⌊2n/3⌋ + 1 validators signed the same final vote.

import type { CryptoProvider, Hash } from '../crypto/types.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { asArray, asBytes, asUint } from '../encoding/read.ts';
import { AppError } from '../errors.ts';
import { VALIDATORS_MAX } from '../limits.ts';
import { blockHash } from './header.ts';
import { quorum, type Validator } from './validators.ts';

export interface Vote {
  readonly chainId: Uint8Array;
  readonly epoch: number;
  readonly slot: number;
  readonly blockHash: Uint8Array;
}

export interface CertificateSignature {
  /** Position in the epoch's validator set. */
  readonly validator: number;
  readonly signature: Uint8Array;
}

export interface Certificate {
  readonly epoch: number;
  readonly slot: number;
  readonly blockHash: Uint8Array;
  /** Ascending by validator. */
  readonly signatures: readonly CertificateSignature[];
}

/** The bytes that a validator signs to finalise a block. */
export function encodeVote(vote: Vote): Uint8Array {
  return encodeCbor(['suyuan/final/1', vote.chainId, vote.epoch, vote.slot, vote.blockHash]);
}

export function encodeCertificate(c: Certificate): Uint8Array {
  return encodeCbor([
    c.epoch,
    c.slot,
    c.blockHash,
    c.signatures.map((s) => [s.validator, s.signature]),
  ]);
}

/** Throws `certificate/*`, `cbor/*` or `format/*`. */
export function decodeCertificate(bytes: Uint8Array): Certificate {
  const items = asArray(decodeCbor(bytes), 'certificate', 4);
  if (items.length !== 4)
    throw new AppError('certificate/malformed', 'A certificate has four fields.');
  const signatures = asArray(items[3], 'certificate signatures', VALIDATORS_MAX).map((entry) => {
    const pair = asArray(entry, 'certificate signature', 2);
    return {
      validator: asUint(pair[0], 'validator index'),
      signature: asBytes(pair[1], 'signature', 64),
    };
  });
  for (let i = 1; i < signatures.length; i += 1) {
    const [before, after] = [signatures[i - 1], signatures[i]];
    if (before === undefined || after === undefined || before.validator >= after.validator) {
      throw new AppError(
        'certificate/duplicate-signer',
        'The signers of a certificate must ascend, each once.',
      );
    }
  }
  return {
    epoch: asUint(items[0], 'epoch'),
    slot: asUint(items[1], 'slot'),
    blockHash: asBytes(items[2], 'blockHash', 32),
    signatures,
  };
}

/**
 * Returns when the certificate finalises exactly this header on this chain in this epoch: at least a quorum of distinct
 * validators, and every signature valid. Throws `certificate/*`.
 */
export function verifyCertificate(
  crypto: CryptoProvider,
  hash: Hash,
  args: {
    readonly chainId: Uint8Array;
    readonly epoch: number;
    readonly validators: readonly Validator[];
    readonly headerBytes: Uint8Array;
    readonly certificate: Certificate;
  },
): void {
  const { certificate, validators } = args;
  if (certificate.epoch !== args.epoch) {
    throw new AppError('certificate/wrong-epoch', 'The certificate is of another epoch.', {
      expected: args.epoch,
      found: certificate.epoch,
    });
  }
  if (!equalBytes(certificate.blockHash, blockHash(hash, args.headerBytes))) {
    throw new AppError(
      'certificate/other-block',
      'The certificate is for another block than the header beside it.',
    );
  }
  const needed = quorum(validators.length);
  if (certificate.signatures.length < needed) {
    throw new AppError('certificate/no-quorum', `The certificate needs ${needed} signatures.`, {
      needed,
      found: certificate.signatures.length,
    });
  }
  const vote = encodeVote({ ...certificate, chainId: args.chainId });
  for (const { validator: index, signature } of certificate.signatures) {
    const validator = validators[index];
    if (validator === undefined) {
      throw new AppError(
        'certificate/unknown-signer',
        'The certificate names a validator outside the set.',
        { index },
      );
    }
    if (!crypto.verify(validator.key, vote, signature)) {
      throw new AppError(
        'certificate/bad-signature',
        `The signature of ${validator.id} does not verify.`,
        { index },
      );
    }
  }
}
