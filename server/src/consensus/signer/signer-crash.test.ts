// The promise of the signer: whatever is asked, however often the machine dies and at whichever call of the disk, no two signatures of
// one key ever conflict.

import { AppError, bytesToHex, type CryptoProvider } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { createMemoryDisk, PowerLoss } from '@suyuan/durable';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chainId, secretOf } from '../messages/testing/votes.ts';
import { foundGuard, openSigner, type SignedStatement, type Signer } from './index.ts';
import { statementBytes } from './statement.ts';

const path = '/data/guard';
const secret = secretOf(0);
const publicKey = nodeCrypto.publicKeyOf(secret);
const blocks = [1, 2].map((byte) => new Uint8Array(32).fill(byte));

const place = { epoch: fc.nat(1), slot: fc.nat(3) };
const block = fc.constantFrom(...blocks);
const statement: fc.Arbitrary<SignedStatement> = fc.oneof(
  fc.record({ kind: fc.constant('notar' as const), ...place, block }),
  fc.record({ kind: fc.constant('final' as const), ...place, block }),
  fc.record({ kind: fc.constant('skip' as const), ...place }),
  fc.record({
    kind: fc.constant('propose' as const),
    ...place,
    block,
    parentSlot: fc.constant(-1),
  }),
);
type Step =
  | { readonly sign: readonly SignedStatement[]; readonly wait: boolean }
  | { readonly release: readonly [epoch: number, slot: number] };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      sign: fc.array(statement, { minLength: 1, maxLength: 3 }),
      wait: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ release: fc.tuple(place.epoch, fc.integer({ min: -1, max: 3 })) }),
  },
);
const life = fc.record({
  steps: fc.array(step, { maxLength: 25 }),
  powerAfter: fc.option(fc.integer({ min: 1, max: 80 }), { nil: undefined }),
  fails: fc.option(fc.constantFrom('write', 'dataSync', 'rename', 'syncDirectory'), {
    nil: undefined,
    freq: 8,
  }),
  keepCache: fc.boolean(),
  closes: fc.boolean(),
});

/** Signatures that give away what was signed: told the moment they exist, even if nobody ever gets them. */
function listeningCrypto(onSign: (message: string) => void): CryptoProvider {
  return {
    ...nodeCrypto,
    sign(_secret, message) {
      onSign(bytesToHex(message));
      return new Uint8Array(64);
    },
  };
}

test('no two signatures conflict, across any crash at any call', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(life, { minLength: 1, maxLength: 6 }),
      fc.nat(),
      async (lives, seed) => {
        const disk = createMemoryDisk(generator(seed));
        const signed = new Set<string>();
        const crypto = listeningCrypto((message) => signed.add(message));
        await foundGuard({ disk, path, publicKey, chainId });
        for (const { steps, powerAfter, fails, keepCache, closes } of lives) {
          if (powerAfter !== undefined) disk.losePowerAfter(powerAfter);
          try {
            const signer = await openSigner({
              disk,
              path,
              secret,
              crypto,
              chainId,
              maxFile_bytes: 600,
            });
            if (fails !== undefined) disk.failNext(fails as 'write', 'EIO');
            await live(signer, steps);
            if (closes) await signer.close();
          } catch (error) {
            expectDiskToBlame(error);
          }
          if (keepCache) disk.restartKeepingCache();
          else disk.restart();
          assertNoConflict(signed);
        }
        // What was signed is known after the last restart, as far as it was not released.
        const signer = await openSigner({ disk, path, secret, crypto, chainId });
        for (const epoch of [0, 1]) {
          for (const known of signer.signed(epoch)) signed.add(hexOf(known));
        }
        assertNoConflict(signed);
      },
    ),
    { numRuns: 200 },
  );
});

test('a power loss at each single call of a short life loses nothing that was signed', async () => {
  const said: SignedStatement[][] = Array.from({ length: 8 }, (_, slot) => [
    { kind: 'notar', epoch: 0, slot, block: blocks[0]! },
    { kind: slot % 2 === 0 ? 'final' : 'skip', epoch: 0, slot, block: blocks[0]! },
  ]);
  let replaced = false;
  for (let calls = 1, alive = false; !alive; calls++) {
    for (let seed = 0; seed < 4; seed++) {
      const disk = createMemoryDisk(generator(seed * 1000 + calls));
      await foundGuard({ disk, path, publicKey, chainId });
      const signed = new Set<string>();
      const crypto = listeningCrypto((message) => signed.add(message));
      disk.losePowerAfter(calls);
      alive = true;
      try {
        const signer = await openSigner({
          disk,
          path,
          secret,
          crypto,
          chainId,
          maxFile_bytes: 500,
        });
        for (const statements of said) await signer.sign(statements);
        await signer.close();
      } catch (error) {
        expectDiskToBlame(error);
        alive = false;
      }
      replaced ||= alive && disk.contentOf(path).length < 1200;
      disk.restart();
      const again = await openSigner({ disk, path, secret, crypto: nodeCrypto, chainId });
      const known = again.signed(0).map(hexOf);
      for (const message of signed) expect(known).toContain(message);
    }
  }
  expect(replaced).toBe(true);
});

async function live(signer: Signer, steps: readonly Step[]): Promise<void> {
  const waits: Promise<unknown>[] = [];
  for (const next of steps) {
    if ('release' in next) await signer.release(...next.release);
    else {
      const wait = signer.sign(next.sign).catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'signer/conflict') return;
        throw error;
      });
      waits.push(wait);
      wait.catch(() => {});
      if (next.wait) await wait;
    }
  }
  await Promise.all(waits);
}

/** Reads the messages back and applies the rules anew, independently of the signer. */
function assertNoConflict(signed: ReadonlySet<string>): void {
  for (const epoch of [0, 1]) {
    for (const slot of [0, 1, 2, 3]) {
      const has = (said: SignedStatement) => signed.has(hexOf(said));
      const of = (kind: 'notar' | 'final' | 'propose') =>
        blocks.filter((of) =>
          has(
            kind === 'propose'
              ? { kind, epoch, slot, block: of, parentSlot: -1 }
              : { kind, epoch, slot, block: of },
          ),
        );
      const [notar, final] = [of('notar'), of('final')];
      expect(notar.length).toBeLessThanOrEqual(1);
      expect(of('propose').length).toBeLessThanOrEqual(1);
      if (final.length > 0) {
        // The notar vote may only stand in the file: recorded in a life that ended before it was signed.
        expect(final.length).toBe(1);
        expect([...final, ...notar].every((of) => of === final[0])).toBe(true);
        expect(has({ kind: 'skip', epoch, slot })).toBe(false);
      }
    }
  }
}

function hexOf(said: SignedStatement): string {
  return bytesToHex(statementBytes(chainId, said));
}

function expectDiskToBlame(error: unknown): void {
  if (error instanceof PowerLoss) return;
  if (error instanceof AppError && error.code === 'signer/guard-failed') return;
  throw error;
}

function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
