// Why a block is final (docs/formats.md §4): its certificate names it, or a block that stands upon it through the headers in `via`.

import type { CryptoProvider, Hash } from '../crypto/types.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AppError } from '../errors.ts';
import { VIA_MAX } from '../limits.ts';
import type { Block } from './block.ts';
import { decodeCertificate, verifyCertificate } from './certificate.ts';
import { blockHash, decodeHeader, type Header } from './header.ts';
import { type Validator, validatorsHash } from './validators.ts';

/**
 * Returns the block's header when the certificate makes the block final on this chain in this epoch: every header of `via` follows the
 * one before it in the same epoch, and a quorum signed for the last. What the block holds is not looked at. Throws `ledger/other-chain`,
 * `ledger/other-validators`, `ledger/bad-via`, `ledger/bad-header`, `certificate/*`, `cbor/*` or `format/*`.
 */
export function verifyBlockCertificate(
  crypto: CryptoProvider,
  hash: Hash,
  args: {
    readonly chainId: Uint8Array;
    readonly epoch: number;
    readonly validators: readonly Validator[];
    readonly block: Pick<Block, 'header' | 'certificate' | 'via'>;
  },
): Header {
  const { chainId, epoch, validators, block } = args;
  if (block.via.length > VIA_MAX) {
    throw new AppError('ledger/bad-via', `At most ${VIA_MAX} headers lead to the certificate.`);
  }
  const set = validatorsHash(hash, validators);
  const header = headerOfEpoch(block.header, chainId, set);
  let last = header;
  let lastBytes = block.header;
  for (const bytes of block.via) {
    const next = headerOfEpoch(bytes, chainId, set);
    const follows =
      next.height === last.height + 1 && equalBytes(next.previous, blockHash(hash, lastBytes));
    // Upon a block that ends the epoch nothing stands in it.
    if (!follows || !equalBytes(last.nextValidators, set)) {
      throw new AppError(
        'ledger/bad-via',
        'The headers between the block and its certificate are no chain; get the block from another node.',
        { height: header.height, at: next.height },
      );
    }
    last = next;
    lastBytes = bytes;
  }
  const certificate = decodeCertificate(block.certificate);
  verifyCertificate(crypto, hash, {
    chainId,
    epoch,
    validators,
    headerBytes: lastBytes,
    certificate,
  });
  return header;
}

function headerOfEpoch(bytes: Uint8Array, chainId: Uint8Array, set: Uint8Array): Header {
  const header = decodeHeader(bytes);
  if (!equalBytes(header.chainId, chainId)) {
    throw new AppError('ledger/other-chain', 'The header belongs to another chain.');
  }
  if (!equalBytes(header.validators, set)) {
    throw new AppError(
      'ledger/other-validators',
      'The header names another validator set than this epoch has.',
    );
  }
  return header;
}
