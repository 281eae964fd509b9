import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../encoding/cbor.ts';
import type { CborValue } from '../encoding/types.ts';
import { BLOCK_SIZE_BYTES_MAX, VIA_MAX } from '../limits.ts';
import { bentBytes, codeOf } from '../testing/hostile.ts';
import { type Block, decodeBlock, decodeReceipt, encodeBlock, encodeReceipt } from './block.ts';

const part = (byte: number) => new Uint8Array(3).fill(byte);
const block: Block = {
  header: part(1),
  certificate: part(2),
  via: [part(7)],
  txs: [part(3), part(4)],
  receipts: [part(5), part(6)],
};
const receipt = {
  txId: new Uint8Array(32).fill(9),
  ok: false,
  code: 'lots/exists',
  events: [{ type: 'lots.harvested', data: { gtin: '06901234500004', leaf: part(1) } }],
};
const blockCode = (value: CborValue) => codeOf(() => decodeBlock(encodeCbor(value)));
const receiptCode = (value: CborValue) => codeOf(() => decodeReceipt(encodeCbor(value)));

describe('a block', () => {
  it('round trips', () => {
    expect(decodeBlock(encodeBlock(block))).toEqual(block);
    expect(decodeBlock(encodeBlock({ ...block, txs: [], receipts: [] })).txs).toEqual([]);
  });

  it('is refused when it is too large, misses a part or a receipt', () => {
    const p = part(1);
    expect(codeOf(() => decodeBlock(new Uint8Array(BLOCK_SIZE_BYTES_MAX + 1)))).toBe(
      'ledger/bad-block',
    );
    expect(blockCode([p, p, [], []])).toBe('ledger/bad-block');
    expect(blockCode([p, p, [], [p], []])).toBe('ledger/bad-block');
    expect(blockCode([p, p, [], [p], [p], 1])).toBe('format/invalid');
    expect(blockCode([p, p, ['header'], [p], [p]])).toBe('format/invalid');
    const via = Array.from({ length: VIA_MAX + 1 }, () => p);
    expect(blockCode([p, p, via, [p], [p]])).toBe('format/invalid');
    expect(blockCode([p, p, via.slice(1), [p], [p]])).toBeUndefined();
    expect(blockCode([p, p, [], ['tx'], [p]])).toBe('format/invalid');
    const many = Array.from({ length: 10_001 }, () => p);
    expect(blockCode([p, p, [], many, many])).toBe('format/invalid');
  });

  it('bent anywhere never decodes to the same parts', () => {
    fc.assert(
      fc.property(bentBytes(encodeBlock(block)), (bent) => {
        codeOf(() => expect(decodeBlock(bent)).not.toEqual(block));
      }),
    );
  });
});

describe('a receipt', () => {
  it('round trips', () => {
    expect(decodeReceipt(encodeReceipt(receipt))).toEqual(receipt);
  });

  it('is refused with another form', () => {
    const { txId } = receipt;
    expect(receiptCode([txId, true, ''])).toBe('ledger/bad-receipt');
    expect(receiptCode([txId, true, '', [], 1])).toBe('format/invalid');
    expect(receiptCode([txId, 1, '', []])).toBe('format/invalid');
    expect(receiptCode([txId, true, 'x'.repeat(65), []])).toBe('format/invalid');
    expect(receiptCode([txId, true, '', [['type']]])).toBe('format/invalid');
    expect(receiptCode([txId, true, '', [['type', {}, 1]]])).toBe('format/invalid');
    expect(receiptCode([txId.slice(1), true, '', []])).toBe('format/invalid');
  });
});
