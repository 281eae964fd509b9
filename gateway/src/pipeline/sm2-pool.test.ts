import { nodeCrypto } from '@suyuan/contracts/node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { secretOf } from '../testing/test-device.ts';
import { createSm2Pool, type Sm2Pool } from './sm2-pool.ts';

const message = new TextEncoder().encode('a reading');
const secret = secretOf('sm2', 1);
const key = nodeCrypto.publicKeyOf(secret);
const good = nodeCrypto.sign(secret, message);

let pool: Sm2Pool;
beforeEach(() => {
  pool = createSm2Pool(1);
});
afterEach(() => pool.close());

it('verifies a device with one signature before all that another has sent', async () => {
  const finished: string[] = [];
  const check = async (device: string): Promise<boolean> => {
    const valid = await pool.verify(device, key, message, good);
    finished.push(device);
    return valid;
  };
  const all = [...Array.from({ length: 100 }, () => check('busy')), check('quiet')];
  expect((await Promise.all(all)).every(Boolean)).toBe(true);
  // In the first message of 16.
  expect(finished.indexOf('quiet')).toBeLessThan(16);
});

it('tells good from bad and refuses what waits when it closes', async () => {
  expect(await pool.verify('a', key, message, good)).toBe(true);
  expect(
    await pool.verify(
      'a',
      key,
      message,
      good.map((byte) => byte ^ 1),
    ),
  ).toBe(false);
  const waiting = Array.from({ length: 40 }, () => pool.verify('a', key, message, good));
  const settled = Promise.allSettled(waiting);
  await pool.close();
  expect((await settled).at(-1)).toMatchObject({ reason: { code: 'gateway/stopped' } });
  await expect(pool.verify('a', key, message, good)).rejects.toMatchObject({
    code: 'gateway/stopped',
  });
});
