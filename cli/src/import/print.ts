// What an import says at its end, in both languages.

import type { RowOutcome } from './receipt.ts';
import type { ErrorList } from './row-error.ts';
import { tableLines, terminalWidth } from './screen.ts';
import type { Planned } from './send.ts';

export function printErrors(errors: ErrorList, rows: number): void {
  const { kept, count } = errors;
  const lines = tableLines(
    ['行 row', '列 column', '原因 what to do'],
    kept.map(({ row, column, code, message }) => [
      row === null ? '—' : String(row),
      column ?? '—',
      `${message} (${code})`,
    ]),
    terminalWidth(),
  );
  console.log(lines.join('\n'));
  const more = count > kept.length ? `，显示前 ${kept.length} 个 first ${kept.length} shown` : '';
  console.log(`\n${rows} 行，${count} 个错误${more}。什么都没有发送。`);
  console.log(
    `${count} mistakes in ${rows} rows. Nothing was sent: correct them and run it again.`,
  );
}

export function printDryRun(planned: readonly Planned[], rows: number): void {
  const before = planned.filter((one) => one.before !== undefined).length;
  console.log(`试运行通过：${rows} 行，${planned.length} 笔交易，什么都没有发送。`);
  console.log(`Dry run passed: ${rows} rows in ${planned.length} transactions. Nothing was sent.`);
  if (before > 0) console.log(`以前已上链 on the ledger already: ${before} transactions`);
}

export function printOutcomes(rows: readonly RowOutcome[], before: number): void {
  const count = (status: RowOutcome['status']) =>
    rows.filter((row) => row.status === status).length;
  const accepted = count('accepted');
  const heights = rows.flatMap(({ height }) => (height === null ? [] : [height]));
  console.log(`已上链 accepted   ${accepted} 行 rows`);
  if (heights.length > 0) {
    // Not spread into arguments: a file has more rows than a call may have.
    const first = heights.reduce((a, b) => Math.min(a, b));
    const last = heights.reduce((a, b) => Math.max(a, b));
    console.log(`区块 blocks       ${first}–${last}`);
  }
  if (before > 0) console.log(`其中以前已上链 by an earlier run: ${before} transactions`);
  if (accepted === rows.length) return;
  const first = rows.find(({ status, code }) => status === 'unknown' || code !== '');
  console.log(`被拒绝 refused    ${count('refused')} 行 rows`);
  console.log(`结果未知 unknown  ${count('unknown')} 行 rows`);
  console.log(`未发送 not sent   ${count('not-sent')} 行 rows`);
  if (first !== undefined) {
    const why = [first.message, first.code].filter((part) => part !== '').join(' · ');
    console.log(`第 ${first.row} 行 row ${first.row}: ${why}`);
  }
  console.log('改正后再次导入同一文件；已上链的不会重复。');
  console.log(
    'Correct it in its place and import the file again; what is on the ledger is not doubled.',
  );
}
