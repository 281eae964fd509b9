// All events of the lots of a trace as one EPCISDocument, written as they are found.

import { AppError, bytesToHex, LEDGER_LD_CONTEXT, type Lot } from '@suyuan/contracts';
import { eventJson } from '../epcis/answer.ts';
import { EVENTS_MAX } from './limits.ts';
import type { HeldLots } from './lot-desk.ts';
import { type LotEvents, tooMany } from './lot-events.ts';

/** Throws `exports/too-large`, or `exports/behind` while the column store lacks the making of a lot. */
export async function* epcisDocument(
  lots: Pick<HeldLots, 'portions' | 'height'>,
  events: LotEvents,
  now_ms: number,
): AsyncGenerator<string> {
  const head = {
    '@context': LEDGER_LD_CONTEXT,
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: new Date(now_ms).toISOString(),
  };
  yield `${JSON.stringify(head).slice(0, -1)},"epcisBody":{"eventList":[`;
  const seen = new Set<number>();
  for await (const portion of lots.portions) {
    const transactions = new Set<string>();
    for await (const event of events.of(portion, lots.height)) {
      transactions.add(event.tx);
      if (seen.has(event.seq)) continue;
      if (seen.size >= EVENTS_MAX) throw tooMany('events', EVENTS_MAX);
      yield `${seen.size === 0 ? '' : ','}\n${JSON.stringify(eventJson(event))}`;
      seen.add(event.seq);
    }
    for (const lot of portion) assertTold(lot, transactions);
  }
  yield '\n]}}\n';
}

function assertTold(lot: Lot, transactions: ReadonlySet<string>): void {
  if (transactions.has(bytesToHex(lot.tx))) return;
  throw new AppError(
    'exports/behind',
    'Not all events of the ledger are in the column store yet; try again in a moment.',
    { gtin: lot.gtin, lot: lot.lot },
  );
}
