import { randomBytes } from 'node:crypto';
import { buildDigitalLink, parseDigitalLink } from '@suyuan/contracts/gs1';
import { nodeCrypto } from '@suyuan/contracts/node';
import {
  checkBundle,
  concludeBundle,
  decodePackedBatch,
  distinctSamples,
  type PackedBatch,
  picksOf,
  type SamplePick,
  samplePath,
  withSamples,
} from '@suyuan/contracts/verify';
import { CliError } from '../errors.ts';
import { DEFAULT_SERVER, request, requestJson, serverUrl } from '../http.ts';
import { hexOption, writeFileOr } from '../io.ts';
import { readPin } from '../pin.ts';

export interface GetOptions {
  readonly out: string;
  readonly server?: string;
  readonly genesis?: string;
  readonly json?: true;
}

/** Spot checks asked for at a time. */
const AT_ONCE = 4;

export async function getBundle(link: string, options: GetOptions): Promise<void> {
  const { server, canonical } = targetOf(link, options.server);
  const url = new URL('/api/v1/bundles', server);
  url.searchParams.set('link', canonical);
  const pin = options.genesis === undefined ? undefined : await readPin(options.genesis);
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
  const { counts, chain } = concludeBundle(checked, samples, picks);
  const whole = withSamples(checked.bundle, distinctSamples(samples));
  await writeFileOr(options.out, whole);
  const missing = picks.length - samples.length;
  const pinned = Buffer.from(genesis).toString('hex');
  if (options.json) {
    const { height } = chain;
    const file = { file: options.out, bytes: whole.length, genesis: pinned, height };
    console.log(JSON.stringify({ ...file, ...counts, samples: samples.length, missing }));
    return;
  }
  console.log(`bundle   ${options.out}, ${whole.length} bytes, state of block ${chain.height}`);
  console.log(
    `checked  ${counts.signatures} signatures, ${counts.hashes} hashes, ${counts.packs} packs, ${counts.readings} readings`,
  );
  const shortfall = missing > 0 ? `, ${missing} more were NOT DELIVERED` : '';
  console.log(`picked   ${samples.length} packs by chance, delivered and right${shortfall}`);
  if (pin === undefined)
    console.log(
      'genesis  taken from this server: compare it with one that you have from elsewhere',
    );
  console.log(`verify   npx --no -- suyuan verify ${options.out} --genesis ${pinned}`);
}

/** Where to ask, and the link in canonical form. */
function targetOf(link: string, given: string | undefined): { server: URL; canonical: string } {
  const absolute = /^https?:\/\//.test(link);
  if (!absolute && !link.startsWith('/'))
    throw new CliError(`${link} is not a GS1 Digital Link, such as http://localhost:8080/01/…`);
  if (absolute && !URL.canParse(link)) throw new CliError(`${link} is not a web address`);
  const server = serverUrl(given ?? (absolute ? new URL(link).origin : DEFAULT_SERVER));
  const { key, qualifiers } = parseDigitalLink(absolute ? link : new URL(link, server).href);
  return { server, canonical: buildDigitalLink([key, ...qualifiers]) };
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
