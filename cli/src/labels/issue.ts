// Issues a label batch: serials are made and kept here first, then the root goes to the ledger, then the list to the node. Cut
// short anywhere, the same command goes on from the file.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { bytesToHex, hexToBytes, LABEL_BATCH_UNITS_MAX, profileHash } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError } from '../errors.ts';
import { request, requestJson, serverUrl } from '../http.ts';
import { uintOption } from '../io.ts';
import { readKeyFile } from '../key-file.ts';
import { chainOf, submitAction } from '../submit.ts';
import { type BatchFile, readBatchFile, writeBatchFile } from './batch-file.ts';
import { commitmentsOf, makeUnits, rootOf } from './units.ts';

export interface IssueOptions {
  readonly key: string;
  readonly as?: string;
  readonly gtin: string;
  readonly lot: string;
  readonly batch: string;
  readonly count: string;
  readonly net: string;
  readonly hidden?: true;
  readonly out: string;
  readonly server: string;
  readonly resolver?: string;
  readonly json?: true;
}

/** Somebody has it already: this batch, sent before, or another one. */
const THERE_ALREADY = /\((?:labels\/exists|tx\/duplicate-key)\)$/;

export async function issueLabels(options: IssueOptions): Promise<void> {
  const server = serverUrl(options.server);
  const count = uintOption(options.count, '--count', LABEL_BATCH_UNITS_MAX);
  const net = uintOption(options.net, '--net');
  if (count === 0 || net === 0) throw new CliError('--count and --net must be at least 1');
  const { secret, id } = await readKeyFile(options.key);
  const issuer = options.as ?? id;
  if (issuer === undefined) throw new CliError('say who signs: --as ID');
  const { profile } = await chainOf(server);
  if (profile !== 'guomi' && profile !== 'international')
    throw new CliError(`this program does not know the ledger's profile ${profile}`);
  const hash = profileHash(nodeCrypto, profile);
  const begin = async (): Promise<BatchFile> => {
    const { gtin, lot, batch, out } = options;
    const hidden = options.hidden ?? false;
    const { name, unit } = await productOf(server, gtin);
    const units = makeUnits(count, hidden, (size) => new Uint8Array(randomBytes(size)));
    const root = rootOf(
      hash,
      { gtin, lot },
      units.serials,
      commitmentsOf(hash, { gtin, lot }, units),
    );
    const fresh: BatchFile = {
      v: 1,
      issuer,
      server: server.origin,
      resolver: serverUrl(options.resolver ?? server.origin).href.replace(/\/$/, ''),
      gtin,
      lot,
      batch,
      name,
      unit,
      net,
      hidden,
      root: bytesToHex(root),
      idempotencyKey: bytesToHex(randomBytes(16)),
      ...units,
    };
    // Before the ledger hears of it: a root whose serials are lost is a batch that nobody can print.
    await writeBatchFile(out, fresh);
    return fresh;
  };
  const made = existsSync(options.out) ? await resumed(options, { issuer, count, net }) : undefined;
  const file = made ?? (await begin());

  const { gtin, lot, batch, hidden } = file;
  const commitments = commitmentsOf(hash, file, file);
  const root = rootOf(hash, file, file.serials, commitments);
  if (bytesToHex(root) !== file.root)
    throw new CliError(`${options.out} was changed: its serials do not give its root`);
  try {
    await submitAction(server, {
      secret,
      signer: issuer,
      module: 'labels',
      action: 'issue',
      payload: { gtin, lot, batch, root, count, net, ...(hidden ? { hidden } : {}) },
      idempotencyKey: hexToBytes(file.idempotencyKey),
    });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const isOurs =
      THERE_ALREADY.test(error.message) && (await ledgerRoot(server, file)) === file.root;
    if (!isOurs) {
      throw new CliError(
        `${error.message}; the serials are kept in ${options.out}: the same command tries again, and for another batch delete the file`,
      );
    }
  }
  await request(new URL(`${labelPath(file)}/serials`, server), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      serials: file.serials,
      ...(commitments === undefined ? {} : { commitments: commitments.map(bytesToHex) }),
    }),
  });
  if (options.json) {
    console.log(
      JSON.stringify({ file: options.out, gtin, lot, batch, count, hidden, root: file.root }),
    );
    return;
  }
  console.log(`issued   ${count} labels of batch ${batch}, lot ${lot}`);
  console.log(`kept     ${options.out}${hidden ? ' (with the hidden codes: keep it secret)' : ''}`);
  console.log(
    `print    npx --no -- suyuan labels sheet ${options.out} --layout a4-3x8 --out labels.pdf`,
  );
}

/** The batch of a file that is there, if it is the one asked for. */
async function resumed(
  { out, gtin, lot, batch, ...options }: IssueOptions,
  asked: { readonly issuer: string; readonly count: number; readonly net: number },
): Promise<BatchFile> {
  const file = await readBatchFile(out);
  const same =
    file.gtin === gtin &&
    file.lot === lot &&
    file.batch === batch &&
    file.hidden === (options.hidden ?? false) &&
    file.issuer === asked.issuer &&
    file.net === asked.net &&
    file.serials.length === asked.count;
  if (same) return file;
  throw new CliError(`${out} is of another label batch; name another file with --out`);
}

export function labelPath({ gtin, lot, batch }: Pick<BatchFile, 'gtin' | 'lot' | 'batch'>): string {
  return `/api/v1/labels/${gtin}/${encodeURIComponent(lot)}/${encodeURIComponent(batch)}`;
}

async function ledgerRoot(server: URL, file: BatchFile): Promise<unknown> {
  const { root } = await requestJson(new URL(labelPath(file), server));
  return root;
}

async function productOf(server: URL, gtin: string): Promise<Pick<BatchFile, 'name' | 'unit'>> {
  if (!/^\d{14}$/.test(gtin)) throw new CliError('--gtin must be a GTIN of 14 digits');
  const { name, unit } = await requestJson(new URL(`/api/v1/products/${gtin}`, server));
  const { zh, en } = (name ?? {}) as Record<string, unknown>;
  if (typeof zh !== 'string' || typeof en !== 'string' || (unit !== 'g' && unit !== 'count'))
    throw new CliError(
      `${server.origin} did not say what product ${gtin} is; is it a Suyuan node?`,
    );
  return { name: { zh, en }, unit };
}
