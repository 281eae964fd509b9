import { buildDigitalLink, parseDigitalLink } from '@suyuan/contracts/gs1';
import { fetchBundle } from '../checked-bundle.ts';
import { CliError } from '../errors.ts';
import { DEFAULT_SERVER, serverUrl } from '../http.ts';
import { writeFileOr } from '../io.ts';

export interface GetOptions {
  readonly out: string;
  readonly server?: string;
  readonly genesis?: string;
  readonly json?: true;
}

export async function getBundle(link: string, options: GetOptions): Promise<void> {
  const { server, canonical } = targetOf(link, options.server);
  const url = new URL('/api/v1/bundles', server);
  url.searchParams.set('link', canonical);
  const { bytes, verdict, samples, missing, genesis, pinned } = await fetchBundle(
    server,
    url,
    options.genesis,
  );
  const { counts, chain } = verdict;
  await writeFileOr(options.out, bytes);
  const hash = Buffer.from(genesis).toString('hex');
  if (options.json) {
    const { height } = chain;
    const file = { file: options.out, bytes: bytes.length, genesis: hash, height };
    console.log(JSON.stringify({ ...file, ...counts, samples, missing }));
    return;
  }
  console.log(`bundle   ${options.out}, ${bytes.length} bytes, state of block ${chain.height}`);
  console.log(
    `checked  ${counts.signatures} signatures, ${counts.hashes} hashes, ${counts.packs} packs, ${counts.readings} readings`,
  );
  const shortfall = missing > 0 ? `, ${missing} more were NOT DELIVERED` : '';
  console.log(`picked   ${samples} packs by chance, delivered and right${shortfall}`);
  if (!pinned)
    console.log(
      'genesis  taken from this server: compare it with one that you have from elsewhere',
    );
  console.log(`verify   npx --no -- suyuan verify ${options.out} --genesis ${hash}`);
}

/** Where to ask, and the link in canonical form. */
export function targetOf(
  link: string,
  given: string | undefined,
): { server: URL; canonical: string } {
  const absolute = /^https?:\/\//.test(link);
  if (!absolute && !link.startsWith('/'))
    throw new CliError(`${link} is not a GS1 Digital Link, such as http://localhost:8080/01/…`);
  if (absolute && !URL.canParse(link)) throw new CliError(`${link} is not a web address`);
  const server = serverUrl(given ?? (absolute ? new URL(link).origin : DEFAULT_SERVER));
  const { key, qualifiers } = parseDigitalLink(absolute ? link : new URL(link, server).href);
  return { server, canonical: buildDigitalLink([key, ...qualifiers]) };
}
