// A scope on a terminal: what it is, where the goods are, who holds them.

import { bytesToHex } from '@suyuan/contracts';
import { tableLines, terminalWidth } from '../import/screen.ts';
import { counted, sumsText } from '../trace/amounts.ts';
import { createNameBook } from '../trace/names.ts';
import { lotText } from '../trace/source.ts';
import type { CheckedScope } from './scope.ts';
import { entryReader, whereaboutsOf } from './whereabouts.ts';

/** A person reads no more; --json has them all. */
const LOTS_SHOWN_MAX = 40;

export async function printScope(server: URL, scope: CheckedScope, json: boolean): Promise<void> {
  const { question, root, lots, due, height } = scope;
  const names = createNameBook(server);
  const { byHolder, total, bulkOnly } = await whereaboutsOf(
    lots.values(),
    names,
    entryReader(server),
  );
  const holders = [...byHolder].map(([account, own]) => ({ account, ...own }));
  if (json) {
    const names = [...lots.values()].map(({ gtin, lot, holder }) => ({ gtin, lot, holder }));
    const proven = { root: bytesToHex(root), count: lots.size, height, lots: names };
    console.log(JSON.stringify({ ...question, ...proven, due, total, bulkOnly, holders }));
    return;
  }
  const kinds = [question.siblings && 'siblings', question.ancestors && 'ancestors'].filter(
    Boolean,
  );
  const more = kinds.length === 0 ? '' : `, with ${kinds.join(' and ')}`;
  console.log(
    `范围 scope      ${counted(lots.size, 'lot')} of ${question.seeds.map(lotText).join(', ')}${more}`,
  );
  console.log(
    `已核 checked    every lot proven here; root ${bytesToHex(root).slice(0, 16)}…, block ${height}`,
  );
  console.log(`涉及 concerned  ${sumsText(due)} with ${counted(holders.length, 'holder')}`);
  console.log(`在库 in stock   ${sumsText(total.stock)}`);
  console.log(`在途 on road    ${sumsText(total.road)}  (still to be stopped)`);
  console.log(
    `到店 at shops   ${sumsText(total.shop)}  (perhaps sold: the ledger does not hear of it)`,
  );
  if (bulkOnly)
    console.log('                without packs: there are too many label batches to ask for');
  console.log('');
  const rows = holders
    .sort((a, b) => b.lots - a.lots)
    .map((one) => [
      one.account,
      String(one.lots),
      ...[one.stock, one.road, one.shop].map(sumsText),
    ]);
  const heading = ['持有 holder', '批 lots', '在库 stock', '在途 road', '到店 at shop'];
  console.log(tableLines(heading, rows, terminalWidth()).join('\n'));
  console.log('');
  const shown = [...lots.values()].slice(0, LOTS_SHOWN_MAX);
  const lotRows = shown.map((lot) => [lotText(lot), lot.holder]);
  console.log(tableLines(['批次 lot', '持有 holder'], lotRows, terminalWidth()).join('\n'));
  if (lots.size > shown.length)
    console.log(`… and ${lots.size - shown.length} more; --json has them all`);
}
