// Asks for the packs that this device picked by chance. What does not arrive counts as missing; what arrives is verified by
// the caller like everything else.

import {
  decodePackedBatch,
  type PackedBatch,
  type SamplePick,
  samplePath,
} from '@suyuan/contracts/verify';
import { readBounded } from '../net/read-bounded.ts';

/** One pack of 16 KiB with two inclusion proofs of 53 hashes fits twice. */
const SIZE_BYTES_MAX = 64 * 1024;
const TIMEOUT_MS = 10_000;
const PARALLEL = 4;

async function fetchSample(pick: SamplePick): Promise<PackedBatch | null> {
  try {
    const response = await fetch(samplePath(pick), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) return null;
    const bytes = await readBounded(response, SIZE_BYTES_MAX);
    return bytes === null ? null : decodePackedBatch(bytes);
  } catch {
    return null;
  }
}

export async function fetchSamples(
  picks: readonly SamplePick[],
  onFetched: (fetched: number) => void,
): Promise<PackedBatch[]> {
  const queue = [...picks];
  const samples: PackedBatch[] = [];
  let fetched = 0;
  const work = async () => {
    for (let pick = queue.shift(); pick !== undefined; pick = queue.shift()) {
      const sample = await fetchSample(pick);
      if (sample !== null) samples.push(sample);
      fetched += 1;
      onFetched(fetched);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return samples;
}
