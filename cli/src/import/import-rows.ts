// `suyuan import plots|lots|custody`: read, check every row, send all of it or nothing.

import { bytesToHex } from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { serverUrl } from '../http.ts';
import { readKeyFile } from '../key-file.ts';
import { toBatches } from './batches.ts';
import { refusalError } from './blame.ts';
import { callsOf, FIELDS, type ImportKind } from './calls.ts';
import { createLedgerDoor, type LedgerDoor } from './ledger-door.ts';
import { printDryRun, printErrors, printOutcomes } from './print.ts';
import { columnsOf, readSheet, type SheetOptions } from './read-sheet.ts';
import { rowOutcomes, writeReceipt } from './receipt.ts';
import type { RowCall } from './row-call.ts';
import { createErrorList } from './row-error.ts';
import { importZone, type SheetView } from './row-reader.ts';
import { createProgress } from './screen.ts';
import { planBatches, sendBatches } from './send.ts';

export interface ImportOptions extends SheetOptions {
  readonly key: string;
  readonly as?: string;
  readonly server: string;
  readonly tz?: string;
  readonly dryRun?: true;
  readonly receipt?: string;
}

/** Products whose unit is looked up. */
const PRODUCTS_MAX = 500;

/** Gives the exit code: 0 when all rows stand on the ledger, or would. */
export async function importRows(
  kind: ImportKind,
  path: string,
  options: ImportOptions,
): Promise<number> {
  const door = createLedgerDoor(serverUrl(options.server));
  const key = await readKeyFile(options.key);
  const account = options.as ?? key.id;
  if (account === undefined) throw new CliError('say who signs: --as ACCOUNT');
  const zone = importZone(options.tz);
  const { table, sha256 } = await readSheet(path, options.sheet);
  const columns = await columnsOf(table.header, FIELDS[kind], options);
  const errors = createErrorList();
  const view = { table, columns, zone, errors };
  if (table.rows.length === 0) throw new CliError(`${path} has no rows below its header`);
  const calls = callsOf(kind, view, account);
  const progress = createProgress();
  try {
    const { chainId } = await door.chain();
    // Where a row cannot be read the batches are others than an earlier run's: nothing is looked for then.
    const batches = errors.count > 0 ? [] : toBatches(calls);
    const planned = await planBatches(door, { account, chainId }, batches);
    const open = planned.filter(({ before }) => before === undefined);
    const unchecked = errors.count > 0 ? calls : open.flatMap(({ batch }) => batch.calls);
    progress.show('检查 checking', 0, unchecked.length);
    await checkCalls(door, account, unchecked, view);
    progress.show('检查 checking', unchecked.length, unchecked.length);
    progress.end();
    if (errors.count > 0) {
      printErrors(errors, table.rows.length);
      return 1;
    }
    if (options.dryRun) {
      printDryRun(planned, table.rows.length);
      return 0;
    }
    const signer = { account, secret: key.secret, chainId };
    const outcomes = await sendBatches(door, signer, planned, (done) =>
      progress.show('发送 sending', done, planned.length),
    );
    progress.end();
    const rows = rowOutcomes(planned, outcomes);
    printOutcomes(rows, outcomes.filter((one) => one.status === 'accepted' && one.before).length);
    if (options.receipt !== undefined) {
      const named = {
        v: 1,
        file: path,
        sha256,
        kind,
        account,
        chainId: bytesToHex(chainId),
      } as const;
      const time = new Date().toISOString();
      const beside = await writeReceipt(options.receipt, { ...named, time, rows });
      console.log(`回执 receipt     ${options.receipt}, ${beside}`);
    }
    return outcomes.every(({ status }) => status === 'accepted') ? 0 : 1;
  } finally {
    progress.end();
  }
}

/** Asks the rules, and whether each product is counted in the unit that its rows say. */
async function checkCalls(
  door: LedgerDoor,
  account: string,
  calls: readonly RowCall[],
  view: SheetView,
): Promise<void> {
  if (calls.length === 0) return;
  const units = await unitsOf(door, calls);
  for (const call of calls) {
    for (const { gtin, measure } of call.measures) {
      const unit = units.get(gtin);
      if (unit === undefined || unit === measure) continue;
      const message =
        unit === 'count'
          ? 'The product is counted in pieces on the ledger, not weighed: give a number of pieces (pcs).'
          : 'The product is weighed on the ledger, not counted: give a weight (g, kg, jin, t).';
      view.errors.add(refusalError(view, call, { code: 'import/wrong-unit', message }));
    }
  }
  const results = await door.dryRun(account, calls);
  for (const [i, result] of results.entries()) {
    const call = calls[i];
    if (!result.ok && call !== undefined) view.errors.add(refusalError(view, call, result));
  }
}

async function unitsOf(
  door: LedgerDoor,
  calls: readonly RowCall[],
): Promise<Map<string, string | undefined>> {
  const gtins = new Set(calls.flatMap(({ measures }) => measures.map(({ gtin }) => gtin)));
  if (gtins.size > PRODUCTS_MAX) {
    throw new CliError(`the file names more than ${PRODUCTS_MAX} products; split it`);
  }
  const units = new Map<string, string | undefined>();
  for (const gtin of gtins) units.set(gtin, await door.unitOf(gtin));
  return units;
}
