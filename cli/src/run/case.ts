// A dispute about an origin: the grower opens it, a regulator decides it.

import type { CborObject } from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { serverUrl } from '../http.ts';
import { readKeyFile } from '../key-file.ts';
import { submitAction } from '../submit.ts';
import { lotText, seedOf } from '../trace/source.ts';

interface CaseOptions {
  readonly id: string;
  readonly key: string;
  readonly as?: string;
  readonly server: string;
  readonly json?: true;
}

export interface RefuteOptions extends CaseOptions {
  readonly lot: string;
  readonly reason: string;
}

export interface DecideOptions extends CaseOptions {
  readonly outcome: 'upheld' | 'dismissed';
  readonly decision: string;
}

export async function refute(options: RefuteOptions): Promise<void> {
  const seed = seedOf(options.lot);
  const { gtin, lot } = seed;
  const { signer, block } = await sign(options, 'refute', { gtin, lot, reason: options.reason });
  if (options.json) return;
  console.log(`refuted  ${lotText(seed)} by ${signer} in block ${block}, case ${options.id}`);
  console.log('         it and what is made of it are disputed until a regulator decides');
}

export async function decide(options: DecideOptions): Promise<void> {
  const { outcome, decision } = options;
  const { signer, block } = await sign(options, 'decide', { outcome, decision });
  if (options.json) return;
  const meaning =
    outcome === 'upheld'
      ? 'the origin is false: whoever scans a pack made of it reads so first'
      : 'the origin stands: the lot is clear again';
  console.log(`decided  case ${options.id} is ${outcome}, by ${signer} in block ${block}`);
  console.log(`         ${meaning}`);
}

async function sign(options: CaseOptions, action: string, payload: CborObject) {
  const server = serverUrl(options.server);
  const { secret, id } = await readKeyFile(options.key);
  const signer = options.as ?? id;
  if (signer === undefined) throw new CliError('say who signs: --as ID');
  const what = { module: 'cases', action, payload: { case: options.id, ...payload } };
  const receipt = await submitAction(server, { secret, signer, ...what });
  if (options.json) console.log(JSON.stringify(receipt));
  return { signer, block: String(receipt.height) };
}
