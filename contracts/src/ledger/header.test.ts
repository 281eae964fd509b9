import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableCrypto } from '../crypto/portable.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import type { CborValue } from '../encoding/types.ts';
import { bentBytes, codeOf } from '../testing/hostile.ts';
import { createTestChain } from '../testing/test-chain.ts';
import { blockHash, decodeHeader, encodeHeader } from './header.ts';

const { header: bytes } = createTestChain().head;
const hash = portableCrypto.hash('sha256');
const fields = decodeCbor(bytes) as CborValue[];
const codeFor = (value: CborValue) => codeOf(() => decodeHeader(encodeCbor(value)));

describe('a header', () => {
  it('round trips to the same bytes', () => {
    expect(encodeHeader(decodeHeader(bytes))).toEqual(bytes);
  });

  it('is refused with another version or number of fields', () => {
    expect(codeFor([2, ...fields.slice(1)])).toBe('ledger/bad-header');
    expect(codeFor(fields.slice(0, 11))).toBe('ledger/bad-header');
    expect(codeFor([...fields, 1])).toBe('format/invalid');
    expect(codeFor({})).toBe('format/invalid');
  });

  it('is refused with any field of another kind', () => {
    for (let i = 1; i < fields.length; i += 1)
      expect(codeFor(fields.map((f, j) => (i === j ? false : f)))).toBe('format/invalid');
  });

  it('bent anywhere has another hash', () => {
    const name = blockHash(hash, bytes);
    fc.assert(
      fc.property(bentBytes(bytes), (bent) => {
        codeOf(() => decodeHeader(bent));
        expect(equalBytes(blockHash(hash, bent), name)).toBe(false);
      }),
    );
  });
});
