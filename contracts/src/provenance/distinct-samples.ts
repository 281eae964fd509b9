// The answers to spot checks as a bundle holds them: no pack twice (docs/formats.md §8, step 12).

import type { PackedBatch, ProvenPack } from './bundle.ts';

/** The samples without what stands in them twice: one pack may answer two picks. */
export function distinctSamples(samples: readonly PackedBatch[]): PackedBatch[] {
  const batches = new Map<string, { batch: PackedBatch; packs: Map<number, ProvenPack> }>();
  for (const batch of samples) {
    const name = `${batch.gateway}/${batch.anchor.join()}`;
    const found = batches.get(name) ?? { batch, packs: new Map<number, ProvenPack>() };
    batches.set(name, found);
    for (const pack of batch.packs) found.packs.set(pack.index, pack);
  }
  return [...batches.values()].map(({ batch, packs }) => ({
    ...batch,
    packs: [...packs.values()],
  }));
}
