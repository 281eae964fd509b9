// A bundle from a server, checked here, with spot checks that are picked here.

import { randomBytes } from 'node:crypto';
import { nodeCrypto } from '@suyuan/contracts/node';
import {
  type CheckedBundle,
  checkBundle,
  concludeBundle,
  decodePackedBatch,
  distinctSamples,
  type PackedBatch,
  picksOf,
  type SamplePick,
  samplePath,
  type Verdict,
  withSamples,
} from '@suyuan/contracts/verify';
import { CliError } from './errors.ts';
import { request, requestJson } from './http.ts';
import { hexOption } from './io.ts';
import { readPin } from './pin.ts';

/** Spot checks asked for at a time. */
const AT_ONCE = 4;

export interface FetchedBundle {
  /** With the samples in it. */
  readonly bytes: Uint8Array;
  readonly checked: CheckedBundle;
  readonly verdict: Verdict;
  readonly samples: number;
  /** Spot checks that the server did not answer. */
  readonly missing: number;
  /** 32 bytes. */
  readonly genesis: Uint8Array;
  /** The genesis is the caller's own, not what the server says. */
  readonly pinned: boolean;
}

/** Throws CliError, or BundleError at the first link that does not close. */
export async function fetchBundle(
  server: URL,
  url: URL,
  genesisOption: string | undefined,
): Promise<FetchedBundle> {
  const pin = genesisOption === undefined ? undefined : await readPin(genesisOption);
  const bytes = await request(url);
  const genesis = pin ?? (await pinOf(server));
  const checked = checkBundle(bytes, genesis, Date.now(), { crypto: nodeCrypto });
  const picks = picksOf(checked, () => randomBytes(4).readUInt32BE(0));
  const samples: PackedBatch[] = [];
  for (let at = 0; at < picks.length; at += AT_ONCE) {
    const group = await Promise.all(
      picks.slice(at, at + AT_ONCE).map((pick) => askFor(server, pick)),
    );
    samples.push(...group.flatMap((sample) => (sample === undefined ? [] : [sample])));
  }
  return {
    bytes: withSamples(checked.bundle, distinctSamples(samples)),
    checked,
    verdict: concludeBundle(checked, samples, picks),
    samples: samples.length,
    missing: picks.length - samples.length,
    genesis,
    pinned: pin !== undefined,
  };
}

async function pinOf(server: URL): Promise<Uint8Array> {
  const { genesis } = await requestJson(new URL('/suyuan-pin.json', server));
  return hexOption(String(genesis), 'the genesis that the server says', 32);
}

/** A pack that is not delivered is counted as missing. */
async function askFor(server: URL, pick: SamplePick): Promise<PackedBatch | undefined> {
  const url = new URL(samplePath(pick), server);
  try {
    return decodePackedBatch(await request(url));
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}
