// `suyuan recall scope` and `open`: what it would reach; and the same, signed.

import { bytesToHex } from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { requestJson, serverUrl } from '../http.ts';
import { hexOption, uintOption } from '../io.ts';
import { readKeyFile } from '../key-file.ts';
import { readPin } from '../pin.ts';
import { submitAction } from '../submit.ts';
import { counted, sumsText } from '../trace/amounts.ts';
import { printScope } from './print-scope.ts';
import { checkedScope, questionOf } from './scope.ts';

export interface ScopeOptions {
  readonly seed: readonly string[];
  readonly siblings?: true;
  readonly ancestors?: true;
  readonly genesis?: string;
  readonly server: string;
  readonly json?: true;
}

export interface OpenOptions extends ScopeOptions {
  readonly id: string;
  readonly level: string;
  readonly reason: string;
  readonly mock?: true;
  readonly key: string;
  readonly as?: string;
  readonly genesis: string;
}

export async function showScope(options: ScopeOptions): Promise<void> {
  const server = serverUrl(options.server);
  const question = questionOf(options);
  const pin =
    options.genesis === undefined ? await saidPin(server) : await readPin(options.genesis);
  await printScope(server, await checkedScope(server, pin, question), options.json ?? false);
  if (options.genesis === undefined && !options.json)
    console.log(
      '\ngenesis taken from this server: pin one that you have from elsewhere with --genesis',
    );
}

async function saidPin(server: URL): Promise<Uint8Array> {
  const { genesis } = await requestJson(new URL('/suyuan-pin.json', server));
  return hexOption(String(genesis), 'the genesis that the server says', 32);
}

export async function openRecall(options: OpenOptions): Promise<void> {
  const server = serverUrl(options.server);
  const question = questionOf(options);
  const level = uintOption(options.level, '--level', 3);
  if (level === 0) throw new CliError('--level is 1 (gravest), 2 or 3');
  const { secret, id } = await readKeyFile(options.key);
  const signer = options.as ?? id;
  if (signer === undefined) throw new CliError('say who signs: --as ID');
  const pin = await readPin(options.genesis);
  const { root, lots, due, holders } = await checkedScope(server, pin, question);
  const mock = options.mock ?? false;
  const scope = { root, count: lots.size };
  const receipt = await submitAction(server, {
    secret,
    signer,
    module: 'recalls',
    action: 'open',
    payload: {
      recall: options.id,
      level,
      mock,
      reason: options.reason,
      ...question,
      seeds: question.seeds.map((seed) => ({ ...seed })),
      scope,
    },
  });
  const hex = bytesToHex(root);
  if (options.json) {
    const told = { recall: options.id, level, mock, lots: lots.size, root: hex, due };
    console.log(JSON.stringify({ ...told, holders: holders.length, receipt }));
    return;
  }
  const what = mock ? '演练 drill' : '召回 recall';
  console.log(
    `checked   ${counted(lots.size, 'lot')} proven here; their root ${hex.slice(0, 16)}… is what was signed`,
  );
  console.log(
    `opened    ${what} ${options.id}, level ${level}, by ${signer} in block ${String(receipt.height)}`,
  );
  console.log(`          ${sumsText(due)} with ${counted(holders.length, 'holder')}`);
  console.log(
    mock
      ? '          trade goes on: it is a drill'
      : '          none of these lots is shipped, transformed or labelled from now on',
  );
  console.log(`follow    npx --no -- suyuan recall show ${options.id} --server ${server.origin}`);
}
