// Exports of the trace of a lot: tables and events as the server gives them, evidence only after it was verified here.

import { buildDigitalLink, parseDigitalLink } from '@suyuan/contracts/gs1';
import { BundleError } from '@suyuan/contracts/verify';
import { CliError } from '../errors.ts';
import { DEFAULT_SERVER, serverUrl } from '../http.ts';
import { download, saveWhole } from './save.ts';

export interface ExportOptions {
  readonly out: string;
  readonly server?: string;
  readonly direction?: string;
  readonly format?: string;
  readonly genesis?: string;
  readonly json?: true;
}

export type ExportKind = 'nyt4712' | 'fsma204' | 'epcis' | 'evidence';

interface Target {
  readonly server: URL;
  readonly subject: { readonly gtin: string; readonly lot: string; readonly serial?: string };
  /** What the code on the product says, or would. */
  readonly link: string;
}

export async function exportTrace(
  kind: ExportKind,
  what: string,
  lot: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const target = targetOf(what, lot, options.server);
  if (kind === 'evidence') return exportEvidence(target, options);
  if (options.genesis !== undefined)
    throw new CliError('--genesis is for evidence: nothing else is verified here');
  const { server, subject } = target;
  const url = new URL(`/api/v1/exports/${kind}`, server);
  url.searchParams.set('gtin', subject.gtin);
  url.searchParams.set('lot', subject.lot);
  if (options.direction !== undefined) url.searchParams.set('direction', options.direction);
  if (kind !== 'epcis') {
    const byName = options.out.toLowerCase().endsWith('.csv') ? 'csv' : 'xlsx';
    url.searchParams.set('format', options.format ?? byName);
  } else if (options.format !== undefined) {
    throw new CliError('--format is for tables');
  }
  let size = 0;
  await saveWhole(options.out, async (out) => {
    size = await download(url, out);
  });
  if (options.json) console.log(JSON.stringify({ file: options.out, bytes: size }));
  else console.log(`export   ${options.out}, ${size} bytes, as the server tells it: not verified`);
}

async function exportEvidence(target: Target, options: ExportOptions): Promise<void> {
  if (options.direction !== undefined || options.format !== undefined)
    throw new CliError('--direction and --format are not for evidence');
  const { saveEvidence } = await import('./evidence.ts');
  const { server, link, subject } = target;
  const { fetched, files, missing } = await saveEvidence(server, link, subject, options).catch(
    (error: unknown) => {
      if (!(error instanceof BundleError)) throw error;
      throw new CliError(
        `the evidence does not hold at step ${error.step}: ${error.message} (${error.code}); nothing was written`,
        2,
      );
    },
  );
  const genesis = Buffer.from(fetched.genesis).toString('hex');
  const { height } = fetched.verdict.chain;
  if (options.json) {
    const counts = { samples: fetched.samples, missingSamples: fetched.missing };
    console.log(JSON.stringify({ file: options.out, genesis, height, ...counts, files, missing }));
    return;
  }
  console.log(`evidence ${options.out}, ${files.length} files, state of block ${height}`);
  if (missing.length > 0)
    console.log(`missing  ${missing.length} documents whose files the server does not have`);
  if (fetched.missing > 0)
    console.log(`picked   ${fetched.missing} spot checks were NOT DELIVERED`);
  if (!fetched.pinned)
    console.log(
      'genesis  taken from this server: compare it with one that you have from elsewhere',
    );
  console.log(`verify   npx --no -- suyuan verify bundle.cbor --genesis ${genesis}`);
}

/** A link, or a GTIN and a lot. */
function targetOf(what: string, lot: string | undefined, given: string | undefined): Target {
  if (/^\d{8,14}$/.test(what)) {
    if (lot === undefined) throw new CliError('say which lot: GTIN LOT, or a link with a lot');
    const server = serverUrl(given ?? DEFAULT_SERVER);
    return ofLink(
      `${server.origin}/01/${what.padStart(14, '0')}/10/${encodeURIComponent(lot)}`,
      server,
    );
  }
  if (lot !== undefined) throw new CliError('a link says which lot itself: leave the lot out');
  const absolute = /^https?:\/\//.test(what);
  if (!absolute && !what.startsWith('/'))
    throw new CliError(`${what} is neither a GTIN nor a GS1 Digital Link, such as /01/…/10/…`);
  if (absolute && !URL.canParse(what)) throw new CliError(`${what} is not a web address`);
  const server = serverUrl(given ?? (absolute ? new URL(what).origin : DEFAULT_SERVER));
  return ofLink(absolute ? what : new URL(what, server).href, server);
}

function ofLink(text: string, server: URL): Target {
  const { key, qualifiers } = parseDigitalLink(text);
  const of = (ai: string) => qualifiers.find((element) => element.ai === ai)?.value;
  const [lot, serial] = [of('10'), of('21')];
  if (key.ai !== '01' || lot === undefined)
    throw new CliError('the link must name a product and a lot: …/01/GTIN/10/LOT');
  const { origin } = new URL(text);
  return {
    server,
    subject: { gtin: key.value, lot, ...(serial === undefined ? {} : { serial }) },
    link: buildDigitalLink([key, ...qualifiers], { stem: origin }),
  };
}
