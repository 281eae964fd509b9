// What became of each row, for a program (JSON) and for a person (CSV beside it).

import { createWriteStream } from 'node:fs';
import { writeTable } from '@suyuan/paper';
import { cannotWrite, writeFileOr } from '../io.ts';
import type { Outcome, Planned } from './send.ts';

export interface RowOutcome {
  readonly row: number;
  readonly action: string;
  readonly status: Outcome['status'];
  readonly txId: string | null;
  readonly height: number | null;
  readonly code: string;
  readonly message: string;
}

export interface Receipt {
  readonly v: 1;
  readonly file: string;
  readonly sha256: string;
  readonly kind: string;
  readonly account: string;
  /** The ledger, hex. */
  readonly chainId: string;
  readonly time: string;
  readonly rows: readonly RowOutcome[];
}

/** One entry for each row, in the order of the table. */
export function rowOutcomes(
  planned: readonly Planned[],
  outcomes: readonly Outcome[],
): RowOutcome[] {
  const rows = planned.flatMap(({ batch }, i) => {
    const outcome = outcomes[i] ?? { status: 'not-sent' as const };
    return batch.calls.flatMap(({ rows: numbers, module, action }, call) =>
      numbers.map((row) => ({ row, action: `${module}.${action}`, ...told(outcome, call) })),
    );
  });
  return rows.sort((a, b) => a.row - b.row);
}

function told(outcome: Outcome, call: number): Omit<RowOutcome, 'row' | 'action'> {
  const nothing = { txId: null, height: null, code: '', message: '' };
  if (outcome.status === 'accepted') {
    return { ...nothing, ...outcome.receipt, status: 'accepted' };
  }
  if (outcome.status === 'unknown') return { ...nothing, ...outcome };
  if (outcome.status === 'not-sent') return { ...nothing, status: 'not-sent' };
  const { code, message } = outcome;
  if (outcome.call === undefined || outcome.call === call) {
    return { ...nothing, status: 'refused', code, message };
  }
  return { ...nothing, status: 'refused', message: 'refused with another row of its batch' };
}

const WORDS: Readonly<Record<Outcome['status'], string>> = {
  accepted: '已上链 accepted',
  refused: '被拒绝 refused',
  unknown: '结果未知 unknown',
  'not-sent': '未发送 not sent',
};

const COLUMNS = [
  '行 row',
  '操作 action',
  '结果 result',
  '区块 block',
  '交易 transaction',
  '原因 reason',
];

/** Writes `path` as JSON and the same as CSV beside it; gives the name of the latter. Throws CliError. */
export async function writeReceipt(path: string, receipt: Receipt): Promise<string> {
  await writeFileOr(path, `${JSON.stringify(receipt, null, 1)}\n`);
  const beside = `${path.replace(/\.json$/i, '')}.csv`;
  const rows = receipt.rows.map(({ row, action, status, height, txId, code, message }) => [
    row,
    action,
    WORDS[status],
    height,
    txId,
    [message, code].filter((part) => part !== '').join(' · '),
  ]);
  const columns = COLUMNS.map((header) => ({ header }));
  try {
    await writeTable(createWriteStream(beside), columns, rows, {
      format: 'csv',
      created_ms: Date.parse(receipt.time),
    });
  } catch (error) {
    throw cannotWrite(beside, error);
  }
  return beside;
}
