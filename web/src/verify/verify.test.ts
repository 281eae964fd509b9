import { readFileSync } from 'node:fs';
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

const EXAMPLES = new URL('../../../docs/examples/', import.meta.url);
const readExample = (file: string) => readFileSync(new URL(file, EXAMPLES), 'utf8');
const hexBytes = (hex: string) =>
  Uint8Array.from(hex.replace(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

test.each([
  ['good-epochs.hex', 5],
  ['good-epoch-end.hex', 4],
] as const)('%s: a phone that knows the genesis alone follows the validators', async (file, n) => {
  const { bundles } = JSON.parse(readExample('examples.json')) as {
    bundles: { file: string; pinned: string; now_ms: number; expected: { height: number } }[];
  };
  const example = bundles.find((bundle) => bundle.file === file);
  if (example === undefined) throw new Error(`no example ${file}`);
  const closed: string[] = [];
  const asked = {
    bundle: hexBytes(readExample(file)),
    pin: hexBytes(example.pinned),
    link: { gtin: '06901234500004', lot: 'CP-2025/01', serial: null },
    now_ms: example.now_ms,
    picks: null,
  };
  const proof = await verify(
    asked,
    { ...parts, fetchSamples: () => Promise.resolve([]) },
    (reply) => {
      if (reply.type === 'closed') closed.push(reply.step);
    },
  );
  expect(proof.verdict.chain).toMatchObject({ height: example.expected.height, validators: n });
  expect(closed).toContain('epochs');
  const pin = asked.pin.map((byte) => byte ^ 1);
  const error = await verify({ ...asked, pin }, parts, () => {}).catch((thrown: unknown) => thrown);
  expect(toBreak(error)).toMatchObject({ step: 'genesis', code: 'ledger/other-genesis' });
});
