import { nodeCrypto } from '@suyuan/contracts/node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { secretOf } from '../testing/test-device.ts';
import { createVerifier, type Verifier } from './verifier.ts';

const message = new TextEncoder().encode('a reading');

let verifier: Verifier;
beforeEach(() => {
  verifier = createVerifier(nodeCrypto, 1);
});
afterEach(() => verifier.close());

function device(seed: number) {
  const secret = secretOf('sm2', seed);
  const key = nodeCrypto.publicKeyOf(secret);
  const signature = nodeCrypto.sign(secret, message);
  return (bytes = signature) => verifier.verify(`device ${seed}`, key, message, bytes);
}

it('verifies a device with one signature before all that another has sent', async () => {
  const [busy, quiet] = [device(1), device(2)];
  let before = 0;
  const flood = Array.from({ length: 100 }, async () => {
    const valid = await busy();
    before += 1;
    return valid;
  });
  expect(await quiet()).toBe(true);
  // Those of the first message to the thread, and not the rest.
  expect(before).toBeLessThan(17);
  expect((await Promise.all(flood)).every(Boolean)).toBe(true);
});

it('tells good from bad and refuses what waits when it closes', async () => {
  const check = device(1);
  expect(await check()).toBe(true);
  expect(await check(new Uint8Array(64).fill(1))).toBe(false);
  const settled = Promise.allSettled(Array.from({ length: 40 }, () => check()));
  await verifier.close();
  expect((await settled).at(-1)).toMatchObject({ reason: { code: 'gateway/stopped' } });
  await expect(check()).rejects.toMatchObject({ code: 'gateway/stopped' });
});
