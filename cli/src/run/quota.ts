// What is left of a quota, before anybody signs a harvest or a purchase that draws on it.

import { decodeCbor, isGln, isGtin14, quotaKey, toQuota } from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { serverUrl } from '../http.ts';
import { entryReader } from '../recall/whereabouts.ts';
import { amountText } from '../trace/amounts.ts';
import { createNameBook } from '../trace/names.ts';

export interface QuotaOptions {
  readonly plot: string;
  readonly gtin: string;
  readonly season: string;
  readonly server: string;
  readonly json?: true;
}

export async function showQuota({ plot, gtin, season, json, ...options }: QuotaOptions) {
  if (!isGln(plot)) throw new CliError('--plot must be a GLN of 13 digits with its check digit');
  if (!isGtin14(gtin))
    throw new CliError('--gtin must be a GTIN of 14 digits with its check digit');
  const server = serverUrl(options.server);
  const key = quotaKey(plot, gtin, season);
  const value = (await entryReader(server)([key])).get(key);
  if (value === undefined) {
    throw new CliError(
      `no quota was granted to plot ${plot} for ${gtin} in season ${season}: ask the steward of the mark`,
    );
  }
  const { granted, drawn } = toQuota(decodeCbor(value));
  const left = granted - drawn;
  if (json) {
    console.log(JSON.stringify({ plot, gtin, season, granted, drawn, left }));
    return;
  }
  const { unit } = await createNameBook(server).product(gtin);
  console.log(`配额 granted  ${amountText(granted, unit)}`);
  console.log(`已用 drawn    ${amountText(drawn, unit)}`);
  console.log(`还剩 left     ${amountText(left, unit)}`);
}
