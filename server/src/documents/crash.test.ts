// A file that was acknowledged is there after any crash, whole; one that was not is there whole or not at all.

import { createHash } from 'node:crypto';
import { createMemoryDisk } from '@suyuan/durable';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openDocumentStore } from './store.ts';

async function* chunked(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 700) yield bytes.slice(at, at + 700);
}

test('acknowledged documents survive a loss of power at any call', async () => {
  let lost = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      async (seed, powerAfter, files, recordsFirst) => {
        let state = seed;
        const disk = createMemoryDisk(() => {
          state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
          return state / 2_147_483_648;
        });
        let recorded = recordsFirst;
        const sizes = new Map(
          files.map((file) => [createHash('sha256').update(file).digest('hex'), file.length]),
        );
        const parts = {
          directory: '/data/documents',
          disk,
          clock: { now_ms: () => 0 },
          recordOf: (hash: string) =>
            recorded ? { mime: 'x', size_bytes: sizes.get(hash) ?? 0, shielded: false } : undefined,
        };
        const store = await openDocumentStore(parts);
        disk.losePowerAfter(powerAfter);
        const taken = new Set<string>();
        for (const file of files) {
          await store.put(chunked(file), 'a').then(
            ({ hash }) => taken.add(hash),
            () => {
              lost += 1;
            },
          );
        }
        disk.restart();
        recorded = true;
        const again = await openDocumentStore(parts);
        for (const hash of sizes.keys()) {
          const file = await again.open(hash);
          if (file === undefined) {
            expect(taken.has(hash)).toBe(false);
            continue;
          }
          let size_bytes = 0;
          for await (const chunk of file.chunks()) size_bytes += chunk.length;
          expect(size_bytes).toBe(sizes.get(hash));
        }
        expect(await disk.list('/data/documents/incoming')).toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
  expect(lost).toBeGreaterThan(0);
});
