import { describe, expect, it } from 'vitest';
import type { CborObject } from '../../encoding/types.ts';
import { createTestChain } from '../../testing/test-chain.ts';
import { payloadFromJson } from '../payload-json.ts';

const names = (en: string) => ({ zh: en, en });
const place = (gln: string) => ({
  module: 'places',
  action: 'register',
  payload: { gln, kind: 'shop', name: names('s'), township: names('t'), holder: 'carrier' },
});

describe('batch.run', () => {
  it('does all of its calls, later ones upon earlier ones, with the events of each', () => {
    const chain = createTestChain();
    const receipt = chain.must('regulator', 'batch', 'run', {
      calls: [
        {
          module: 'products',
          action: 'register-mark',
          payload: { mark: 'xinhui', name: names('Xinhui'), steward: 'association' },
        },
        {
          module: 'products',
          action: 'register',
          payload: {
            gtin: '06901234500004',
            name: names('peel'),
            category: 'food',
            regime: 'gi',
            mark: 'xinhui',
            unit: 'g',
          },
        },
      ],
    });
    expect(receipt.events.map(({ type }) => type)).toEqual([
      'products.mark-registered',
      'products.registered',
    ]);
    expect(chain.value('marks/xinhui')).toMatchObject({ steward: 'association' });
    expect(chain.value('products/06901234500004')).toMatchObject({ mark: 'xinhui' });
  });

  it('does none of them when one is refused, under the code of the rule', () => {
    const chain = createTestChain();
    const calls = [place('6901234500103'), place('6901234500202'), place('6901234500103')];
    const receipt = chain.run('carrier', 'batch', 'run', { calls });
    expect(receipt).toMatchObject({ ok: false, code: 'places/exists', events: [] });
    expect(chain.value('places/6901234500202')).toBeUndefined();
  });

  it.each([
    [
      'a batch in a batch',
      { module: 'batch', action: 'run', payload: { calls: [] } },
      'batch/nested',
    ],
    [
      'the opening of a recall',
      { module: 'recalls', action: 'open', payload: {} },
      'batch/not-here',
    ],
    ['an unknown action', { module: 'lots', action: 'steal', payload: {} }, 'rules/unknown-action'],
    [
      'a bad payload',
      { module: 'lots', action: 'harvest', payload: { gtin: 1 } },
      'rules/bad-payload',
    ],
  ])('refuses %s', (_name, call, code) => {
    const chain = createTestChain();
    const payload = { calls: [call as unknown as CborObject] };
    expect(chain.run('carrier', 'batch', 'run', payload)).toMatchObject({ ok: false, code });
  });

  it('reads byte strings of its calls by the schemas of their actions', () => {
    const hash = 'ab'.repeat(32);
    const payload = payloadFromJson('batch', 'run', {
      calls: [{ module: 'documents', action: 'revoke', payload: { hash, reason: 'x' } }],
    });
    expect(payload).toMatchObject({
      calls: [{ payload: { hash: new Uint8Array(32).fill(0xab) } }],
    });
    expect(() => payloadFromJson('batch', 'run', { calls: [{ module: 'batch' }] })).toThrow(
      expect.objectContaining({ code: 'batch/nested' }),
    );
  });
});
