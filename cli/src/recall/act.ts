// `suyuan recall ack`, `report` and `close`: what holders and the opener sign.

import { CliError } from '../errors.ts';
import { serverUrl } from '../http.ts';
import { uintOption } from '../io.ts';
import { readKeyFile } from '../key-file.ts';
import { submitAction } from '../submit.ts';
import { percentOf, type Sums, sumsText } from '../trace/amounts.ts';
import { recallOf } from './record.ts';

export interface SignOptions {
  readonly key: string;
  readonly as?: string;
  readonly server: string;
  readonly json?: true;
}

export interface ReportOptions extends SignOptions {
  readonly recovered?: string;
  readonly destroyed?: string;
  readonly sold?: string;
}

export interface CloseOptions extends SignOptions {
  readonly shortfallReason?: string;
}

async function signed(
  options: SignOptions,
  action: string,
  payload: Parameters<typeof submitAction>[1]['payload'],
) {
  const server = serverUrl(options.server);
  const { secret, id } = await readKeyFile(options.key);
  const signer = options.as ?? id;
  if (signer === undefined) throw new CliError('say who signs: --as ID');
  const receipt = await submitAction(server, {
    secret,
    signer,
    module: 'recalls',
    action,
    payload,
  });
  if (options.json) console.log(JSON.stringify(receipt));
  return { signer, block: String(receipt.height) };
}

export async function acknowledge(recall: string, options: SignOptions): Promise<void> {
  const { signer, block } = await signed(options, 'acknowledge', { recall });
  if (options.json) return;
  console.log(`acknowledged ${recall} by ${signer} in block ${block}`);
  console.log('next: stop selling, look for the goods, and say what became of them:');
  const { key, server } = options;
  console.log(
    `      npx --no -- suyuan recall report ${recall} --recovered Ng --sold Ng --key ${key} --as ${signer} --server ${new URL(server).origin}`,
  );
}

/** `1500`, `1500g` or `12pcs`, several joined with `+`. Throws CliError. */
export function sumsOption(text: string | undefined, what: string): Sums {
  const sums = { g: 0, count: 0 };
  for (const part of (text ?? '0').split('+')) {
    const [, digits = '', unit = 'g'] = /^\s*(\d+)\s*(g|pcs)?\s*$/.exec(part) ?? [];
    if (digits === '')
      throw new CliError(`${what} is whole grams or pieces, such as 1500g or 12pcs or 1500g+12pcs`);
    sums[unit === 'pcs' ? 'count' : 'g'] += uintOption(digits, what);
  }
  return sums;
}

export async function report(recall: string, options: ReportOptions): Promise<void> {
  const recovered = sumsOption(options.recovered, '--recovered');
  const destroyed = sumsOption(options.destroyed, '--destroyed');
  const sold = sumsOption(options.sold, '--sold');
  const payload = {
    recall,
    recovered: { ...recovered },
    destroyed: { ...destroyed },
    sold: { ...sold },
  };
  const { signer, block } = await signed(options, 'report', payload);
  if (options.json) return;
  const sum = {
    g: recovered.g + destroyed.g + sold.g,
    count: recovered.count + destroyed.count + sold.count,
  };
  console.log(`reported ${sumsText(sum)} for ${recall} by ${signer} in block ${block}`);
  console.log('a later report takes the place of this one');
}

/** A shortfall is worked out here; its reason is for a person to give. */
export async function close(recall: string, options: CloseOptions): Promise<void> {
  const { due, reported, status } = await recallOf(serverUrl(options.server), recall);
  const missing = { g: due.g - reported.g, count: due.count - reported.count };
  const short = missing.g > 0 || missing.count > 0;
  if (status === 'open' && short && options.shortfallReason === undefined) {
    throw new CliError(
      `${sumsText(missing)} of ${sumsText(due)} are not accounted for: wait for the reports, or say why they never will be with --shortfall-reason`,
    );
  }
  const reason = options.shortfallReason ?? '';
  const { signer, block } = await signed(options, 'close', {
    recall,
    ...(short ? { shortfall: { ...missing, reason } } : {}),
  });
  if (options.json) return;
  const left = short ? `, short of ${sumsText(missing)}` : '';
  console.log(
    `closed ${recall} by ${signer} in block ${block}: ${percentOf(reported, due)} % accounted for${left}`,
  );
}
