import { afterAll, describe, expect, it } from 'vitest';
import { portableCrypto } from '../crypto/portable.ts';
import type { PublicKey, SecretKey } from '../crypto/types.ts';
import { utf8ToBytes } from '../encoding/bytes.ts';
import { createThreadedCrypto, type ThreadedCrypto } from './threaded-crypto.ts';

const open: ThreadedCrypto[] = [];
function threaded(workers: number, queueMax: number): ThreadedCrypto {
  const crypto = createThreadedCrypto({ workers, queueMax });
  open.push(crypto);
  return crypto;
}
afterAll(() => Promise.all(open.map((crypto) => crypto.close())));

function signer(suite: SecretKey['suite'], fill: number, userId?: string) {
  const secret = new Uint8Array(32).fill(fill);
  const key: SecretKey = userId === undefined ? { suite, secret } : { suite, secret, userId };
  return {
    key: portableCrypto.publicKeyOf(key),
    sign: (text: string) => portableCrypto.sign(key, utf8ToBytes(text)),
  };
}

describe('createThreadedCrypto', () => {
  it('verifies every suite, user ids included, as the portable provider does', async () => {
    const crypto = threaded(2, 100);
    const signers = [
      signer('sm2', 1),
      signer('sm2', 2, 'someone@example.org'),
      signer('es256', 3),
      signer('ed25519', 4),
    ];
    for (const [i, { key, sign }] of signers.entries()) {
      // A view on a larger buffer, as decoded messages are.
      const signature = new Uint8Array(80).fill(9);
      signature.set(sign('reading'), 16);
      const view = signature.subarray(16);
      expect(await crypto.verifyAsync(key, utf8ToBytes('reading'), view)).toBe(true);
      expect(await crypto.verifyAsync(key, utf8ToBytes('other'), view)).toBe(false);
      const stranger = signers[(i + 1) % signers.length]?.key as PublicKey;
      expect(await crypto.verifyAsync(stranger, utf8ToBytes('reading'), view)).toBe(false);
      expect(crypto.verify(key, utf8ToBytes('reading'), view)).toBe(true);
    }
  });

  it('says false to malformed keys and signatures, and never throws', async () => {
    const crypto = threaded(1, 100);
    const { key, sign } = signer('sm2', 1);
    const message = utf8ToBytes('m');
    const signature = sign('m');
    const keys = [new Uint8Array(33), key.bytes.slice(1), new Uint8Array(1_000_000), 'text'];
    for (const bytes of keys) {
      const bad = { suite: 'sm2', bytes } as PublicKey;
      expect(await crypto.verifyAsync(bad, message, signature)).toBe(false);
    }
    const long: PublicKey = { ...key, userId: 'x'.repeat(100) };
    expect(await crypto.verifyAsync(long, message, signature)).toBe(false);
    expect(await crypto.verifyAsync(key, message, signature.slice(1))).toBe(false);
    expect(await crypto.verifyAsync(key, message, new Uint8Array(64))).toBe(false);
    expect(await crypto.verifyAsync(key, message, signature)).toBe(true);
  });

  it('refuses what is too much, of one key and of all, and takes more once some is done', async () => {
    const crypto = threaded(1, 8);
    const ask = ({ key, sign }: ReturnType<typeof signer>) =>
      crypto.verifyAsync(key, utf8ToBytes('m'), sign('m'));
    const [a, b, c, d, e] = [1, 2, 3, 4, 5].map((fill) => signer('sm2', fill));
    if (!a || !b || !c || !d || !e) throw new Error('five signers');
    const taken = [ask(a), ask(a)];
    await expect(ask(a)).rejects.toMatchObject({ code: 'crypto/busy' });
    taken.push(ask(b), ask(b), ask(c), ask(c), ask(d), ask(d));
    await expect(ask(e)).rejects.toMatchObject({ code: 'crypto/busy' });
    expect(await Promise.all(taken)).toEqual(Array.from({ length: 8 }, () => true));
    expect(await ask(a)).toBe(true);
  });

  it('keeps a crowd at one door from another', async () => {
    const crypto = threaded(1, 400);
    const other = crypto.door(4);
    const [crowd, one] = [signer('sm2', 1), signer('sm2', 2)];
    const bad = new Uint8Array(64).fill(7);
    let answered = 0;
    const flood = Array.from({ length: 100 }, async () => {
      await crypto.verifyAsync(crowd.key, utf8ToBytes('m'), bad);
      answered += 1;
    });
    expect(await other.verifyAsync(one.key, utf8ToBytes('m'), one.sign('m'))).toBe(true);
    // One message of 16 jobs may be under way, and the next one held it.
    expect(answered).toBeLessThanOrEqual(32);
    await Promise.all(flood);
    expect(answered).toBe(100);
  });

  it('leaves the calling thread free', async () => {
    const crypto = threaded(1, 4_000);
    const { key } = signer('sm2', 1);
    const bad = new Uint8Array(64).fill(7);
    let turns = 0;
    let done = false;
    const count = () => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    const flood = Promise.all(
      Array.from({ length: 200 }, (_, n) => crypto.verifyAsync(key, utf8ToBytes(`${n}`), bad)),
    );
    setImmediate(count);
    expect(await flood).toEqual(Array.from({ length: 200 }, () => false));
    done = true;
    // On the calling thread the 200 would be a handful of turns.
    expect(turns).toBeGreaterThan(200);
  });

  it('rejects what waits, and what comes, once it is closed', async () => {
    const crypto = threaded(1, 100);
    const { key, sign } = signer('sm2', 1);
    const waiting = Array.from({ length: 20 }, () =>
      crypto.verifyAsync(key, utf8ToBytes('m'), sign('m')),
    );
    const settled = Promise.allSettled(waiting);
    await crypto.close();
    const codes = (await settled).map((r) => (r.status === 'rejected' ? r.reason.code : 'done'));
    expect(codes).toContain('crypto/stopped');
    expect(new Set([...codes, 'done'])).toEqual(new Set(['crypto/stopped', 'done']));
    await expect(crypto.verifyAsync(key, utf8ToBytes('m'), sign('m'))).rejects.toMatchObject({
      code: 'crypto/stopped',
    });
  });

  it('needs a thread and a place to wait', () => {
    expect(() => createThreadedCrypto({ workers: 0, queueMax: 1 })).toThrow(RangeError);
    expect(() => createThreadedCrypto({ workers: 1, queueMax: 0 })).toThrow(RangeError);
  });
});
