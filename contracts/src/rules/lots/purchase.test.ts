import { describe, expect, it } from 'vitest';
import { portableCrypto } from '../../crypto/portable.ts';
import { consentId, decodeConsent } from '../../ledger/consent.ts';
import { testSecret } from '../../testing/test-chain.ts';
import {
  consentTo,
  createTrade,
  FRUIT,
  lotOf,
  MILL_2,
  PEEL,
  PLOT_1,
  PLOT_2,
  purchaseOf,
  QUOTA_G,
  TEA,
} from '../../testing/trade.ts';
import { getQuota } from '../quotas/quota.ts';

describe('a purchase', () => {
  it('draws on the grower’s quota with his signed word, which stands in the record', () => {
    const bench = createTrade();
    const consent = consentTo(bench, 700);
    expect(bench.run('mill-1', 'lots.purchase', { ...purchaseOf('A', 700), consent })).toBe('');
    const id = consentId(portableCrypto.hash('sha256'), decodeConsent(consent));
    expect(lotOf(bench, FRUIT, 'A')).toMatchObject({
      maker: 'mill-1',
      process: 'purchase',
      origin: { grower: 'grower-1', plot: PLOT_1, consent: id },
    });
    expect(getQuota(bench.state, PLOT_1, FRUIT, '2025')?.drawn).toBe(700);
  });

  it('uses a consent once', () => {
    const bench = createTrade();
    const consent = consentTo(bench, 700);
    bench.must('mill-1', 'lots.purchase', { ...purchaseOf('A', 700), consent });
    expect(bench.run('mill-1', 'lots.purchase', { ...purchaseOf('B', 700), consent })).toBe(
      'consent/used',
    );
  });

  it.each<[string, Parameters<typeof consentTo>[2], string]>([
    [
      'another grower',
      { grower: 'grower-2', secret: testSecret('ed25519', 'grower-2') },
      'consent/other-grower',
    ],
    [
      'a key that is not his',
      { secret: testSecret('ed25519', 'grower-2') },
      'consent/bad-signature',
    ],
    ['another buyer', { buyer: 'mill-2' }, 'consent/other-terms'],
    ['another product', { gtin: TEA }, 'consent/other-terms'],
    ['another plot', { plot: PLOT_2 }, 'consent/other-terms'],
    ['another season', { season: '2024' }, 'consent/other-terms'],
    ['more', { amount: 701 }, 'consent/other-terms'],
    ['another ledger', { chainId: new Uint8Array(32) }, 'consent/other-terms'],
    ['an hour that has passed', { validUntil: 1_759_999_999_999 }, 'consent/expired'],
  ])('is refused with a consent of %s', (_, change, code) => {
    const bench = createTrade();
    const consent = consentTo(bench, 700, change);
    expect(bench.run('mill-1', 'lots.purchase', { ...purchaseOf('A', 700), consent })).toBe(code);
  });

  it('is refused with bytes that are no consent', () => {
    const bench = createTrade();
    const buy = (consent: Uint8Array) =>
      bench.run('mill-1', 'lots.purchase', { ...purchaseOf('A', 700), consent });
    expect(buy(new Uint8Array([1, 2, 3]))).toMatch(/^cbor\//);
    expect(buy(new Uint8Array(0))).toBe('rules/bad-payload');
    expect(buy(new Uint8Array(1025))).toBe('rules/bad-payload');
  });

  it('needs the consent where a mark or a quota hangs on it', () => {
    const bench = createTrade();
    expect(bench.run('mill-1', 'lots.purchase', purchaseOf('A', 700))).toBe('lots/consent-needed');
    const tea = { ...purchaseOf('A', 700), gtin: TEA };
    expect(bench.run('mill-1', 'lots.purchase', tea)).toBe('');
    expect(lotOf(bench, TEA, 'A').origin?.consent).toBeNull();
  });

  it('never goes beyond the quota, consent or not', () => {
    const bench = createTrade();
    const consent = consentTo(bench, QUOTA_G + 1);
    expect(bench.run('mill-1', 'lots.purchase', { ...purchaseOf('A', QUOTA_G + 1), consent })).toBe(
      'quotas/exceeded',
    );
  });

  it.each([
    ['a grower’s role', 'grower-1', {}, 'rules/role-needed'],
    ['a place of another', 'mill-1', { place: MILL_2 }, 'rules/foreign-place'],
    ['a plot of another grower', 'mill-1', { plot: PLOT_2 }, 'lots/not-your-plot'],
    ['a grower that nobody knows', 'mill-1', { grower: 'nobody' }, 'accounts/unknown'],
    ['a seller who is no grower', 'mill-1', { grower: 'mill-2' }, 'lots/not-a-grower'],
    ['what does not grow', 'mill-1', { gtin: PEEL }, 'lots/not-a-crop'],
  ])('is refused with %s', (_, signer, change, code) => {
    const bench = createTrade();
    expect(bench.run(signer, 'lots.purchase', { ...purchaseOf('A', 700), ...change })).toBe(code);
  });
});
