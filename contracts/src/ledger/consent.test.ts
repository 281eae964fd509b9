import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableCrypto } from '../crypto/portable.ts';
import { AppError } from '../errors.ts';
import { bentBytes, codeOf } from '../testing/hostile.ts';
import { testSecret } from '../testing/test-chain.ts';
import { consentId, decodeConsent, encodeConsent, verifyConsent } from './consent.ts';

const secret = testSecret('ed25519', 'grower');
const key = portableCrypto.publicKeyOf(secret);
const terms = {
  chainId: new Uint8Array(32).fill(1),
  buyer: 'mill',
  gtin: '06901234500004',
  plot: '6901234500103',
  season: '',
  amount: 700,
};
const content = { ...terms, nonce: new Uint8Array(16).fill(2), validUntil: 1000 };
const bytes = encodeConsent(portableCrypto, { ...content, secret, grower: 'grower' });
const expected = { ...terms, grower: 'grower', time_ms: 999 };

describe('a consent', () => {
  it('comes back as it was signed, and holds until its hour', () => {
    const consent = decodeConsent(bytes);
    expect(consent).toMatchObject({ ...content, grower: 'grower' });
    verifyConsent(portableCrypto, key, consent, expected);
    const later = { ...expected, time_ms: 1000 };
    expect(codeOf(() => verifyConsent(portableCrypto, key, consent, later))).toBe(
      'consent/expired',
    );
    expect(consentId(portableCrypto.hash('sha256'), consent)).toHaveLength(32);
  });

  it('is refused with further headers, a foreign kid or too many bytes', () => {
    const kid = encodeConsent(portableCrypto, { ...content, secret, grower: 'NO ID' });
    expect(codeOf(() => decodeConsent(kid))).toBe('consent/malformed');
    expect(codeOf(() => decodeConsent(new Uint8Array(1025)))).toBe('consent/malformed');
  });

  it('bent anywhere is refused with a code, and never believed', () => {
    fc.assert(
      fc.property(bentBytes(bytes), (bent) => {
        try {
          verifyConsent(portableCrypto, key, decodeConsent(bent), expected);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          return;
        }
        throw new Error('a bent consent was believed');
      }),
      { numRuns: 200 },
    );
  });
});
