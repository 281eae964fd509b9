import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryReadings } from '../http/testing/memory-readings.ts';
import {
  DEVICE,
  openWorld,
  type SeededPacks,
  seedLot,
  seedPacks,
  type World,
} from '../http/testing/seed.ts';
import { createPackProver } from './packed-batches.ts';

let world: World;
let seeded: SeededPacks;

beforeAll(async () => {
  world = await openWorld();
  await seedLot(world);
  seeded = await seedPacks(world);
});
afterAll(() => world.close());

const prover = (leafHashes = seeded.leafHashes) =>
  createPackProver(world.node, createMemoryReadings({ ...seeded, leafHashes }), world.hash);

describe('createPackProver', () => {
  it('groups packs by batch, in order, whatever order they come in and however often', async () => {
    const shuffled = [...seeded.packs].reverse();
    const batches = await prover().prove([...shuffled, ...shuffled], () => 2);
    expect(batches.map((b) => b.packs.map((p) => p.index))).toEqual(
      [0, 1].map(() => Array.from({ length: 20 }, (_, i) => i)),
    );
  });

  it('leaves out what the log does not hold yet', async () => {
    const batches = await prover().prove(seeded.packs, () => 1);
    expect(batches).toHaveLength(1);
    expect(await prover().prove(seeded.packs, () => 0)).toEqual([]);
  });

  it('leaves out batches that the store holds in part, or holds otherwise than they were anchored', async () => {
    const part = new Map(seeded.leafHashes);
    part.set('gateway/0', (part.get('gateway/0') ?? []).slice(1));
    expect((await prover(part).prove(seeded.packs, () => 2)).map((b) => b.packs.length)).toEqual([
      20,
    ]);
    const other = new Map(seeded.leafHashes);
    other.set('gateway/1', [...(other.get('gateway/1') ?? [])].reverse());
    expect((await prover(other).prove(seeded.packs, () => 2)).map((b) => b.packs.length)).toEqual([
      20,
    ]);
    expect(await prover(new Map()).prove(seeded.packs, () => 2)).toEqual([]);
  });

  it('leaves out what was anchored after the revocation of its device, and nothing before', async () => {
    await world.act('association', 'devices', 'revoke', { id: DEVICE });
    expect(await prover().prove(seeded.packs, () => 2)).toHaveLength(2);
    const late = await openWorld();
    await seedLot(late);
    await late.act('association', 'devices', 'revoke', { id: DEVICE });
    const packs = await seedPacks(late);
    const proven = createPackProver(late.node, createMemoryReadings(packs), late.hash);
    expect(await proven.prove(packs.packs, () => 2)).toEqual([]);
    await late.close();
  });
});
