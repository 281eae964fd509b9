// What tests of decoders and verifiers share: the code of a refusal, and bytes bent at one place.

import fc from 'fast-check';
import { AppError } from '../errors.ts';

/** The code of the AppError that `body` throws, `undefined` when it returns. Any other error is the test's failure. */
export function codeOf(body: () => unknown): string | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

/** `bytes` with one to three bytes changed, removed or added; never `bytes` itself. */
export function bentBytes(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(bytes.length - 1),
    mask: fc.integer({ min: 1, max: 255 }),
    how: fc.constantFrom('flip', 'flip', 'flip', 'cut', 'add'),
  });
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => {
      const list = [...bytes];
      for (const { at, mask, how } of changes) {
        if (how === 'flip' && at < list.length) list[at] = (list[at] ?? 0) ^ mask;
        else if (how === 'cut') list.splice(at, 1);
        else list.splice(at, 0, mask);
      }
      return Uint8Array.from(list);
    })
    .filter((bent) => bent.length !== bytes.length || bent.some((b, i) => b !== bytes[i]));
}
