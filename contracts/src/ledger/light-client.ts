// Light-client verification: from a pinned genesis hash over the epochs' last blocks to one certified header, without
// any block in between (docs/formats.md §4 and §8).

import type { CryptoProvider, Hash } from '../crypto/types.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AppError } from '../errors.ts';
import { decodeCertificate, verifyCertificate } from './certificate.ts';
import { type Genesis, openGenesis } from './genesis.ts';
import { decodeHeader, type Header } from './header.ts';
import { type Validator, validatorsHash } from './validators.ts';

/** What a light client knows: the chain, and who votes in the current epoch. */
export interface TrustedSet {
  readonly chainId: Uint8Array;
  readonly hash: Hash;
  readonly epoch: number;
  readonly validators: readonly Validator[];
  /** Height of the last header accepted, 0 for the genesis. */
  readonly height: number;
  readonly time_ms: number;
}

/** A header with its certificate, as bytes received. */
export interface CertifiedHeader {
  readonly header: Uint8Array;
  readonly certificate: Uint8Array;
}

/** A header that ended an epoch, and the validators that it handed over to. */
export interface EpochEnd extends CertifiedHeader {
  readonly next: readonly Validator[];
}

/** Trust from the genesis whose hash was pinned (32 bytes). Throws `ledger/*`, `key/*`, `cbor/*` or `format/*`. */
export function trustGenesis(
  crypto: CryptoProvider,
  genesisBytes: Uint8Array,
  pinned: Uint8Array,
): { trusted: TrustedSet; genesis: Genesis } {
  const { genesis, hash, chainId } = openGenesis(crypto, genesisBytes);
  if (!equalBytes(chainId, pinned)) {
    throw new AppError(
      'ledger/other-genesis',
      'This is another ledger than the one pinned on this device.',
    );
  }
  const trusted = {
    chainId,
    hash,
    epoch: 0,
    validators: genesis.validators,
    height: 0,
    time_ms: genesis.time_ms,
  };
  return { trusted, genesis };
}

/** Verifies a header of the current epoch. Throws `ledger/*`, `certificate/*`, `cbor/*` or `format/*`. */
export function verifyHeader(
  crypto: CryptoProvider,
  trusted: TrustedSet,
  certified: CertifiedHeader,
): Header {
  const header = decodeHeader(certified.header);
  if (!equalBytes(header.chainId, trusted.chainId)) {
    throw new AppError('ledger/other-chain', 'The header belongs to another chain.');
  }
  if (header.height <= trusted.height || header.time_ms < trusted.time_ms) {
    throw new AppError('ledger/out-of-order', 'The header is older than one already accepted.');
  }
  if (!equalBytes(header.validators, validatorsHash(trusted.hash, trusted.validators))) {
    throw new AppError(
      'ledger/other-validators',
      'The header names another validator set than this epoch has.',
    );
  }
  verifyCertificate(crypto, trusted.hash, {
    chainId: trusted.chainId,
    epoch: trusted.epoch,
    validators: trusted.validators,
    headerBytes: certified.header,
    certificate: decodeCertificate(certified.certificate),
  });
  return header;
}

/** Verifies the header that ends the epoch and moves on to the next set. Throws as `verifyHeader`. */
export function advanceEpoch(
  crypto: CryptoProvider,
  trusted: TrustedSet,
  end: EpochEnd,
): TrustedSet {
  const header = verifyHeader(crypto, trusted, end);
  if (equalBytes(header.nextValidators, header.validators)) {
    throw new AppError('ledger/no-epoch-end', 'The header does not end an epoch.');
  }
  if (!equalBytes(header.nextValidators, validatorsHash(trusted.hash, end.next))) {
    throw new AppError(
      'ledger/other-validators',
      'The next validators are not those that the header commits to.',
    );
  }
  return {
    ...trusted,
    epoch: trusted.epoch + 1,
    validators: end.next,
    height: header.height,
    time_ms: header.time_ms,
  };
}
