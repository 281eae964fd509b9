import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signSign1 } from '../crypto/cose.ts';
import { portableCrypto as crypto } from '../crypto/portable.ts';
import type { SuiteName } from '../crypto/types.ts';
import { utf8ToBytes } from '../encoding/bytes.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import type { CborValue } from '../encoding/types.ts';
import { TX_SIZE_BYTES_MAX } from '../limits.ts';
import { bentBytes, codeOf } from '../testing/hostile.ts';
import { testSecret } from '../testing/test-chain.ts';
import { decodeTx, encodeTx, TX_AAD, txId, verifyTx } from './tx.ts';

const hash = crypto.hash('sha256');
const secret = testSecret('ed25519', 'coop');
const key = crypto.publicKeyOf(secret);
const content = {
  chainId: new Uint8Array(32).fill(1),
  module: 'lots',
  action: 'harvest',
  payload: { gtin: '06901234500004', lot: 'L1', amount: 20_000 },
  idempotencyKey: new Uint8Array(16).fill(2),
  validUntilHeight: 100,
};
const bytes = encodeTx(crypto, { ...content, secret, signer: 'coop' });

function signed(payload: CborValue, kid: Uint8Array, headers?: ReadonlyMap<number, CborValue>) {
  return signSign1(crypto, {
    secret,
    kid,
    externalAad: TX_AAD,
    ...(headers ? { headers } : {}),
    payload: encodeCbor(payload),
  });
}
const { chainId, module, action, payload, idempotencyKey, validUntilHeight } = content;
const fields: CborValue[] = [chainId, module, action, payload, idempotencyKey, validUntilHeight];
const coop = utf8ToBytes('coop');
const code = (b: Uint8Array) => codeOf(() => decodeTx(b));

describe('a transaction', () => {
  it.each<SuiteName>(['sm2', 'es256', 'ed25519'])('of %s round trips and verifies', (suite) => {
    const own = testSecret(suite, 'coop');
    const tx = decodeTx(encodeTx(crypto, { ...content, secret: own, signer: 'coop' }));
    expect(tx).toMatchObject({ ...content, signer: 'coop', suite });
    expect(verifyTx(crypto, crypto.publicKeyOf(own), tx)).toBe(true);
    expect(verifyTx(crypto, crypto.publicKeyOf(testSecret(suite, 'x')), tx)).toBe(false);
  });

  it('has an id that a second signature does not change', () => {
    const copy = bytes.slice();
    copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
    expect(txId(hash, decodeTx(copy))).toEqual(txId(hash, decodeTx(bytes)));
    const later = encodeTx(crypto, { ...content, validUntilHeight: 101, secret, signer: 'coop' });
    expect(txId(hash, decodeTx(later))).not.toEqual(txId(hash, decodeTx(bytes)));
  });

  it('is refused with another signer than an account, header or number of fields', () => {
    expect(code(signed(fields, coop))).toBeUndefined();
    expect(code(signed(fields, utf8ToBytes('Coop')))).toBe('tx/malformed');
    expect(code(signed(fields, new Uint8Array([0xff, 0xfe])))).toBe('tx/malformed');
    expect(code(signed(fields, coop, new Map([[3, 112]])))).toBe('tx/malformed');
    expect(code(signed(fields.slice(1), coop))).toBe('tx/malformed');
    expect(code(signed([...fields, 1], coop))).toBe('format/invalid');
    expect(code(signed({}, coop))).toBe('format/invalid');
  });

  it('is refused with any field of another kind', () => {
    fields.forEach((_, i) => {
      const bad = fields.map((f, j) => (i === j ? false : f));
      expect(code(signed(bad, coop))).toBe('format/invalid');
    });
    expect(code(signed(['x', ...fields.slice(1)], coop))).toBe('format/invalid');
    expect(code(signed([chainId, 'm'.repeat(33), ...fields.slice(2)], coop))).toBe(
      'format/invalid',
    );
  });

  it('is refused above 64 KiB, both ways', () => {
    expect(code(new Uint8Array(TX_SIZE_BYTES_MAX + 1))).toBe('tx/too-large');
    const large = { ...content, payload: { note: 'x'.repeat(TX_SIZE_BYTES_MAX) } };
    expect(() => encodeTx(crypto, { ...large, secret, signer: 'coop' })).toThrow(RangeError);
  });

  it('bent anywhere is refused or does not verify', () => {
    fc.assert(
      fc.property(bentBytes(bytes), (bent) => {
        let verified = false;
        codeOf(() => {
          verified = verifyTx(crypto, key, decodeTx(bent));
        });
        expect(verified).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
