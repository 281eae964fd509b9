// Ten thousand changed packs through the whole gateway: none is stored, nothing falls over.

import { nodeCrypto } from '@suyuan/contracts/node';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { closeTestStore, openTestBed, START_MS } from './testing/test-bed.ts';
import { publish, TestDevice, temperatures } from './testing/test-device.ts';

afterAll(closeTestStore);

const MUTATIONS = 10_000;

const change = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), bit: fc.nat(255) }),
  fc.record({ kind: fc.constant('double' as const), at: fc.nat(), bit: fc.nat(7) }),
);

function mutate(pack: Uint8Array, { kind, at, bit }: { kind: string; at: number; bit: number }) {
  const place = at % pack.length;
  const copy = Buffer.from(pack);
  if (kind === 'cut') return copy.subarray(0, place);
  if (kind === 'insert') {
    return Buffer.concat([copy.subarray(0, place), Buffer.of(bit), copy.subarray(place)]);
  }
  if (kind === 'double') return Buffer.concat([copy, copy.subarray(place)]);
  copy[place] = (copy[place] ?? 0) ^ (1 << bit);
  return copy;
}

it('stores none of ten thousand mutated packs', { timeout: 120_000 }, async () => {
  const bed = await openTestBed();
  const devices = (['es256', 'ed25519'] as const).map(
    (suite, i) => new TestDevice(nodeCrypto, bed.ledger, `logger-000${i}`, suite, i + 1),
  );
  const seed = (Date.now() ^ (Math.random() * 0x100000000)) >>> 0;
  for (const device of devices) {
    const packs = [2, 8].map((count) => device.pack(temperatures(START_MS, count)));
    const client = await device.connect(bed.gateway.port, START_MS);
    const changes = fc.sample(change, { seed, numRuns: MUTATIONS / 2 });
    const mutated = changes.map((how, i) => mutate(packs[i % 2] ?? new Uint8Array(), how));
    for (let at = 0; at < mutated.length; at += 500) {
      const some = mutated.slice(at, at + 500);
      await Promise.all(some.map((pack) => publish(client, device.topic, pack)));
    }
    // The devices' own packs still pass.
    for (const pack of packs) await publish(client, device.topic, pack);
    await client.endAsync();
  }
  await bed.gateway.drained();
  expect(bed.gateway.status().packs, `seed ${seed}`).toEqual({
    received: MUTATIONS + 4,
    stored: 4,
    quarantined: MUTATIONS,
    duplicate: 0,
    inFlight: 0,
  });
  expect(await bed.store.query('SELECT count() AS n FROM packs')).toEqual([{ n: 4 }]);
  expect(bed.gateway.status().failure).toBeNull();
  await bed.close();
});
