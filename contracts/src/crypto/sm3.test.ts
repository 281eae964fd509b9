import { createHash, createHmac, getHashes } from 'node:crypto';
import { hmac } from '@noble/hashes/hmac.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, utf8ToBytes } from '../encoding/bytes.ts';
import { sm3 } from './sm3.ts';

const hex = (text: string) => bytesToHex(sm3(utf8ToBytes(text)));

describe('SM3', () => {
  it('gives the digests of GB/T 32905 appendix A', () => {
    expect(hex('abc')).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
    expect(hex('abcd'.repeat(16))).toBe(
      'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732',
    );
  });

  it('hashes in parts of any size, and a clone goes on by itself', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 150, size: 'max' }), { maxLength: 5 }),
        (parts) => {
          const whole = sm3.create();
          for (const part of parts) whole.update(part);
          const clone = whole.clone();
          const expected = bytesToHex(sm3(Uint8Array.from(parts.flatMap((part) => [...part]))));
          expect(bytesToHex(whole.digest())).toBe(expected);
          expect(bytesToHex(clone.digest())).toBe(expected);
        },
      ),
    );
  });

  describe.skipIf(!getHashes().includes('sm3'))('agrees with OpenSSL', () => {
    it('at every length around the block and padding boundaries', () => {
      for (let length = 0; length <= 260; length++) {
        const data = new Uint8Array(length).map((_, i) => (i * 167 + length) & 0xff);
        expect(bytesToHex(sm3(data))).toBe(createHash('sm3').update(data).digest('hex'));
      }
    });

    it('under HMAC', () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 90, size: 'max' }),
          fc.uint8Array({ maxLength: 90, size: 'max' }),
          (key, data) => {
            const expected = createHmac('sm3', key).update(data).digest('hex');
            expect(bytesToHex(hmac(sm3, key, data))).toBe(expected);
          },
        ),
      );
    });
  });
});
