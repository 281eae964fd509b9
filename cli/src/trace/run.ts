// `suyuan trace`: rows as they arrive; with --proof only what is proven under the pinned genesis.

import type { TraceDirection } from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { DEFAULT_SERVER, requestStream, serverUrl } from '../http.ts';
import { uintOption } from '../io.ts';
import { readPin } from '../pin.ts';
import { amountText, counted } from './amounts.ts';
import { jsonLines } from './lines.ts';
import { createNameBook, type NameBook } from './names.ts';
import { proveTrace } from './prove.ts';
import { lotText, type TraceStart, traceStart } from './source.ts';
import { traceHeading, traceLine } from './table.ts';

export interface TraceOptions {
  readonly direction: TraceDirection;
  readonly proof?: true;
  readonly genesis?: string;
  readonly limit?: string;
  readonly server?: string;
  readonly json?: true;
}

interface Row {
  readonly gtin: string;
  readonly lot: string;
  readonly made: number;
  readonly left: number;
  readonly holder: string;
}

const LIMIT_MAX = 1_000_000;

export async function runTrace(text: string, options: TraceOptions): Promise<void> {
  const start = traceStart(text);
  const server = serverUrl(options.server ?? start.origin ?? DEFAULT_SERVER);
  if (options.proof === true) return provenTrace(start, server, options);
  if (options.genesis !== undefined)
    throw new CliError('--genesis is what --proof checks against: give both, or neither');
  return toldTrace(start, server, options);
}

async function toldTrace(start: TraceStart, server: URL, options: TraceOptions): Promise<void> {
  const url = new URL(`/api/v1/${start.path}`, server);
  url.searchParams.set('direction', options.direction);
  if (options.limit !== undefined)
    url.searchParams.set('limit', String(uintOption(options.limit, '--limit', LIMIT_MAX)));
  const show = printer(createNameBook(server), options);
  let height = 0;
  let end: { lots?: unknown; truncated?: unknown } | undefined;
  for await (const line of jsonLines(requestStream(url))) {
    if (options.json) console.log(JSON.stringify(line));
    if (typeof line.head === 'object') height = Number((line.head as { height?: unknown }).height);
    else if (typeof line.end === 'object') end = line.end as { lots?: unknown };
    else await show(String(line.relation), line.lot as Row);
  }
  if (end === undefined) throw new CliError('the trace was cut off: there is more; ask again');
  if (options.json) return;
  const more = end.truncated === true ? ', and there are MORE: raise --limit' : '';
  console.log(`\n${counted(Number(end.lots), 'lot')} as of block ${height}${more}`);
  console.log('not proven: the server says so; of a lot, --proof checks that nothing is missing');
}

async function provenTrace(
  { seed }: TraceStart,
  server: URL,
  { direction, genesis, json }: TraceOptions,
): Promise<void> {
  if (seed === undefined)
    throw new CliError('a proof is of a lot: give GTIN/LOT or a link with --proof');
  if (genesis === undefined)
    throw new CliError(
      '--proof needs --genesis: the hash that you have from elsewhere, or its file',
    );
  const pin = await readPin(genesis);
  const show = printer(createNameBook(server), { ...(json ? { json } : {}) });
  // Both ways, the lot that was asked about comes twice.
  const seen = new Set<string>();
  const { height } = await proveTrace(server, pin, { seed, direction }, async (proven) => {
    const { relation, drawn, lot } = proven;
    if (seen.has(lotText(lot))) return;
    seen.add(lotText(lot));
    if (json) {
      const { gtin, lot: number, made, left, labelled, used, lost, destroyed, holder } = lot;
      const record = { gtin, lot: number, made, left, labelled, used, lost, destroyed, holder };
      console.log(JSON.stringify({ relation, drawn, lot: record }));
    } else await show(relation, lot);
  });
  const lots = seen.size;
  const pinned = Buffer.from(pin).toString('hex');
  if (json) {
    console.log(
      JSON.stringify({ end: { lots, truncated: false, proven: true, height, genesis: pinned } }),
    );
    return;
  }
  console.log(`\nPROVEN   ${counted(lots, 'lot')} of ${lotText(seed)}, none missing, none added`);
  console.log(`         state of block ${height} under genesis ${pinned.slice(0, 16)}…`);
}

/** Prints the heading before the first row. */
function printer(names: NameBook, { json }: Pick<TraceOptions, 'json'>) {
  let begun = false;
  return async (relation: string, lot: Row): Promise<void> => {
    if (json) return;
    if (!begun) console.log(traceHeading().join('\n'));
    begun = true;
    const { zh, unit } = await names.product(lot.gtin);
    const made = amountText(lot.made, unit);
    const left = amountText(lot.left, unit);
    console.log(traceLine({ relation, lot: lot.lot, product: zh, made, left, holder: lot.holder }));
  };
}
