import { BundleError } from '@suyuan/contracts/verify';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VerifyReply } from './protocol.ts';
import { toBreak, verify } from './verify.ts';

const parts = {
  fetchSamples: () => Promise.reject(new Error('a broken bundle must not get as far')),
  randomUint32: () => 0,
  stopwatch_ms: () => 0,
};
const request = (bundle: Uint8Array) => ({
  bundle,
  pin: new Uint8Array(32),
  link: { gtin: '09520000000110', lot: null, serial: null },
  now_ms: 0,
  picks: null,
});

test('whatever the server sends, a break names its step and nothing is fetched', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const replies: VerifyReply[] = [];
      const error = await verify(request(bytes), parts, (reply) => replies.push(reply)).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(BundleError);
      expect(toBreak(error).step).toBe('bundle');
      expect(replies).toEqual([]);
    }),
  );
});

test('a defect of our own is shown as broken, never as proven', () => {
  expect(toBreak(new TypeError('x is undefined'))).toMatchObject({
    step: 'bundle',
    code: 'verify/defect',
  });
  expect(toBreak('odd').message).toBe('odd');
});
