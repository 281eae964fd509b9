import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableCrypto as crypto } from '../crypto/portable.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import type { CborValue } from '../encoding/types.ts';
import { bentBytes, codeOf } from '../testing/hostile.ts';
import { testSecret } from '../testing/test-chain.ts';
import {
  type Certificate,
  decodeCertificate,
  encodeCertificate,
  encodeVote,
  verifyCertificate,
} from './certificate.ts';
import { blockHash } from './header.ts';
import { quorum } from './validators.ts';

const hash = crypto.hash('sha256');
const chainId = new Uint8Array(32).fill(1);
const headerBytes = new Uint8Array([1, 2, 3]);
const vote = { chainId, epoch: 4, slot: 17, blockHash: blockHash(hash, headerBytes) };
const secretOf = (i: number) => testSecret('ed25519', `v${i}`);
const validators = (n: number) =>
  Array.from({ length: n }, (_, i) => ({ id: `v${i}`, key: crypto.publicKeyOf(secretOf(i)) }));
const signatures = (indexes: readonly number[], over = vote) =>
  indexes.map((validator) => ({
    validator,
    signature: crypto.sign(secretOf(validator), encodeVote(over)),
  }));
const certificate = (indexes: readonly number[]): Certificate => ({
  ...vote,
  signatures: signatures(indexes),
});
const first = (n: number) => Array.from({ length: n }, (_, i) => i);

function codeFor(
  bytes: Uint8Array,
  n: number,
  change: { epoch?: number; chainId?: Uint8Array } = {},
) {
  return codeOf(() =>
    verifyCertificate(crypto, hash, {
      chainId,
      epoch: 4,
      validators: validators(n),
      headerBytes,
      certificate: decodeCertificate(bytes),
      ...change,
    }),
  );
}

describe('a certificate', () => {
  it.each(first(10).map((i) => i + 1))('of %i validators needs exactly the quorum', (n) => {
    const q = quorum(n);
    expect(codeFor(encodeCertificate(certificate(first(q))), n)).toBeUndefined();
    expect(codeFor(encodeCertificate(certificate(first(n).slice(n - q))), n)).toBeUndefined();
    expect(codeFor(encodeCertificate(certificate(first(n))), n)).toBeUndefined();
    expect(codeFor(encodeCertificate(certificate(first(q - 1))), n)).toBe('certificate/no-quorum');
  });

  it('counts nobody twice', () => {
    expect(codeFor(encodeCertificate(certificate([0, 1, 1])), 4)).toBe(
      'certificate/duplicate-signer',
    );
    expect(codeFor(encodeCertificate(certificate([0, 2, 1])), 4)).toBe(
      'certificate/duplicate-signer',
    );
  });

  it('counts nobody outside the set', () => {
    expect(codeFor(encodeCertificate(certificate([0, 1, 2])), 3)).toBeUndefined();
    expect(codeFor(encodeCertificate(certificate([0, 1, 3])), 3)).toBe(
      'certificate/unknown-signer',
    );
  });

  it('needs every signature that it carries to be valid', () => {
    const good = certificate([0, 1, 2, 3]);
    const last = { validator: 3, signature: new Uint8Array(64) };
    const bad = { ...good, signatures: [...good.signatures.slice(0, 3), last] };
    expect(codeFor(encodeCertificate(bad), 4)).toBe('certificate/bad-signature');
  });

  it('is of one chain, epoch, slot and block', () => {
    const bytes = encodeCertificate(certificate(first(3)));
    const other = new Uint8Array(32).fill(2);
    expect(codeFor(bytes, 4, { chainId: other })).toBe('certificate/bad-signature');
    expect(codeFor(bytes, 4, { epoch: 5 })).toBe('certificate/wrong-epoch');
    const slot = { ...certificate(first(3)), slot: 18 };
    expect(codeFor(encodeCertificate(slot), 4)).toBe('certificate/bad-signature');
    const block = { ...certificate(first(3)), blockHash: other };
    expect(codeFor(encodeCertificate(block), 4)).toBe('certificate/other-block');
    // The same votes cannot be replayed as those of a later epoch.
    const epoch = { ...certificate(first(3)), epoch: 5 };
    expect(codeFor(encodeCertificate(epoch), 4, { epoch: 5 })).toBe('certificate/bad-signature');
  });

  it('is not made of signatures over other things', () => {
    const header = first(3).map((validator) => ({
      validator,
      signature: crypto.sign(secretOf(validator), headerBytes),
    }));
    expect(codeFor(encodeCertificate({ ...vote, signatures: header }), 4)).toBe(
      'certificate/bad-signature',
    );
  });

  it.each<[string, CborValue, string]>([
    ['three fields', [4, 17, vote.blockHash], 'certificate/malformed'],
    ['five fields', [4, 17, vote.blockHash, [], 1], 'format/invalid'],
    [
      '65 signatures',
      [4, 17, vote.blockHash, first(65).map((i) => [i, new Uint8Array(64)])],
      'format/invalid',
    ],
    [
      'a signature of 63 bytes',
      [4, 17, vote.blockHash, [[0, new Uint8Array(63)]]],
      'format/invalid',
    ],
    [
      'a signature without index',
      [4, 17, vote.blockHash, [[new Uint8Array(64)]]],
      'format/invalid',
    ],
    ['a negative index', [4, 17, vote.blockHash, [[-1, new Uint8Array(64)]]], 'format/invalid'],
  ])('with %s is refused', (_, value, code) => {
    expect(codeOf(() => decodeCertificate(encodeCbor(value)))).toBe(code);
  });

  it('bent anywhere is refused', () => {
    const bytes = encodeCertificate(certificate([0, 1, 3]));
    fc.assert(
      fc.property(bentBytes(bytes), (bent) => {
        expect(codeFor(bent, 4)).toMatch(/./);
      }),
      { numRuns: 300 },
    );
  });
});
