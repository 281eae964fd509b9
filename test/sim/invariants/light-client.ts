// A phone that follows the chain from the pinned genesis with the product's own verifier: it must take every header of the chain and
// none beside it, whatever the attackers can sign.

import {
  advanceEpoch,
  bytesToHex,
  type CertifiedHeader,
  encodeCertificate,
  encodeHeader,
  encodeVote,
  equalBytes,
  type Header,
  blockHash as headerHash,
  isAppError,
  type SecretKey,
  type TrustedSet,
  trustGenesis,
  verifyHeader,
} from '@suyuan/contracts';
import type { SimCrypto } from '../ports/crypto.ts';
import type { SimLedger } from '../world/ledger.ts';
import type { ChainEntry, SimValidator } from './chain.ts';
import { Violation } from './violation.ts';
import { quorumOf } from './votes.ts';

export interface LightClient {
  /** A committed header whose certificate is its own. */
  follow(
    entry: ChainEntry,
    certificate: Uint8Array,
    next: readonly SimValidator[] | undefined,
  ): void;
  /** Offers headers beside the chain under all that the attackers can make of their keys and of what honest ones signed. */
  attack(args: {
    readonly entry: ChainEntry;
    readonly certificate: Uint8Array;
    readonly secrets: ReadonlyMap<number, SecretKey>;
    readonly random: () => number;
  }): void;
  readonly offered: number;
}

export function createLightClient(crypto: SimCrypto, ledger: SimLedger): LightClient {
  let trusted: TrustedSet = trustGenesis(crypto, ledger.genesis, ledger.chainId).trusted;
  let before: TrustedSet | undefined;
  let offered = 0;

  function mustRefuse(from: TrustedSet, certified: CertifiedHeader, what: string): void {
    offered += 1;
    try {
      verifyHeader(crypto, from, certified);
    } catch (error) {
      if (isAppError(error)) return;
      throw error;
    }
    throw new Violation('light-client', `a phone takes a header beside the chain: ${what}`);
  }

  /** The same end of an epoch, with validators of the attackers' choice. */
  function mustNotAdvance(certified: CertifiedHeader, next: readonly SimValidator[]): void {
    offered += 1;
    try {
      advanceEpoch(crypto, trusted, { ...certified, next: next.slice(0, 1) });
    } catch (error) {
      if (isAppError(error)) return;
      throw error;
    }
    throw new Violation('light-client', 'a phone takes validators that the chain did not name');
  }

  return {
    follow(entry, certificate, next) {
      const certified = { header: entry.headerBytes, certificate };
      if (entry.epoch !== trusted.epoch || entry.height <= trusted.height) return;
      try {
        if (next === undefined) {
          verifyHeader(crypto, trusted, certified);
        } else {
          mustNotAdvance(certified, next);
          before = trusted;
          trusted = advanceEpoch(crypto, trusted, { ...certified, next });
        }
      } catch (error) {
        if (error instanceof Violation) throw error;
        throw new Violation(
          'light-client',
          `a phone refuses block ${entry.height} of epoch ${entry.epoch}: ${String(error)}`,
        );
      }
    },
    attack({ entry, certificate, secrets, random }) {
      if (entry.epoch !== trusted.epoch || entry.height <= trusted.height) return;
      const forged: Header = {
        ...entry.header,
        time_ms: entry.header.time_ms + 1,
        proposer: entry.header.proposer,
      };
      const header = encodeHeader(forged);
      const hash = ledger.hash;
      const blockHash = headerHash(hash, header);
      const slot = entry.height;
      const { epoch } = trusted;
      const vote = encodeVote({ chainId: ledger.chainId, epoch, slot, blockHash });
      const own = [...secrets].sort(([a], [b]) => a - b);
      const signed = own.map(([validator, secret]) => ({
        validator,
        signature: crypto.sign(secret, vote),
      }));
      const needed = quorumOf(trusted.validators.length);
      // The true certificate beside another header, and its signatures under another name.
      mustRefuse(trusted, { header, certificate }, 'the certificate of another block');
      const make = (signatures: readonly { validator: number; signature: Uint8Array }[]) =>
        encodeCertificate({ epoch, slot, blockHash, signatures });
      mustRefuse(trusted, { header, certificate: make(signed) }, `${signed.length} signatures`);
      const first = signed[0];
      if (first !== undefined) {
        const twice = Array.from({ length: needed }, () => first);
        mustRefuse(trusted, { header, certificate: make(twice) }, 'one signer many times');
        const named = Array.from({ length: needed }, (_, validator) => ({ ...first, validator }));
        mustRefuse(trusted, { header, certificate: make(named) }, "one's signature for all");
      }
      const noise = Array.from({ length: needed }, (_, validator) => ({
        validator,
        signature: new Uint8Array(64).fill(Math.floor(random() * 256)),
      }));
      mustRefuse(trusted, { header, certificate: make(noise) }, 'signatures of nobody');
      if (before !== undefined) {
        mustRefuse(
          before,
          { header: entry.headerBytes, certificate },
          'a header of the next epoch under the set before',
        );
      }
      if (bytesToHex(blockHash) === entry.hash || equalBytes(header, entry.headerBytes))
        throw new Error('sim: the forged header is the true one');
    },
    get offered() {
      return offered;
    },
  };
}
