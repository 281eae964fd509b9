// What a buyer's phone does, without the phone: bundle, spot checks, verdict.

import {
  type CheckedBundle,
  checkBundle,
  concludeBundle,
  decodePackedBatch,
  type PackedBatch,
  picksOf,
  type SamplePick,
  samplePath,
  type Verdict,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';

export async function fetchBytes(url: URL | string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return new Uint8Array(await response.arrayBuffer());
}

export function bundleUrl(origin: string, path: string): URL {
  const url = new URL('/api/v1/bundles', origin);
  url.searchParams.set('link', path);
  return url;
}

export interface Fetched {
  readonly bytes: Uint8Array;
  readonly checked: CheckedBundle;
  readonly picks: readonly SamplePick[];
  readonly samples: readonly PackedBatch[];
  readonly verdict: Verdict;
}

/** Fetches, picks with `randomUint32`, verifies. Throws what the verifier throws. */
export async function fetchVerdict(
  origin: string,
  path: string,
  pin: Uint8Array,
  randomUint32: () => number,
): Promise<Fetched> {
  const bytes = await fetchBytes(bundleUrl(origin, path));
  const checked = checkBundle(bytes, pin, Date.now(), { crypto: nodeCrypto });
  const picks = picksOf(checked, randomUint32);
  const samples: PackedBatch[] = [];
  for (const pick of picks) {
    samples.push(decodePackedBatch(await fetchBytes(new URL(samplePath(pick), origin))));
  }
  return { bytes, checked, picks, samples, verdict: concludeBundle(checked, samples, picks) };
}
