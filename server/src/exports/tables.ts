// NY/T 4712 and FSMA 204: the records of a trace as rows, row by row.

import { lotKey } from '@suyuan/contracts';
import {
  FSMA_204_COLUMNS,
  fsma204Rows,
  NYT_4712_COLUMNS,
  nyt4712Rows,
  type OutCell,
  type OutColumn,
  type TraceRecord,
  timeZone,
} from '@suyuan/paper';
import type { HeldLots } from './lot-desk.ts';
import type { LotEvents } from './lot-events.ts';
import { shipmentsOf } from './shipments.ts';
import { traceRecordOf } from './trace-record.ts';

export const TABLES: Readonly<
  Record<
    'nyt4712' | 'fsma204',
    {
      readonly columns: readonly OutColumn[];
      readonly sheet: string;
      rows(records: AsyncIterable<readonly TraceRecord[]>): AsyncGenerator<readonly OutCell[]>;
    }
  >
> = {
  nyt4712: { columns: NYT_4712_COLUMNS, sheet: 'NYT 4712 追溯记录', rows: numberedRows },
  fsma204: { columns: FSMA_204_COLUMNS, sheet: 'FSMA 204', rows: sortableRows },
};

/** Places stand in China, whose clocks the records show. */
const ZONE = timeZone('Asia/Shanghai');

/** The first column counts through all portions. */
async function* numberedRows(
  records: AsyncIterable<readonly TraceRecord[]>,
): AsyncGenerator<readonly OutCell[]> {
  let number = 0;
  for await (const portion of records) {
    for (const [, ...cells] of nyt4712Rows(portion, ZONE)) yield [++number, ...cells];
  }
}

async function* sortableRows(
  records: AsyncIterable<readonly TraceRecord[]>,
): AsyncGenerator<readonly OutCell[]> {
  for await (const portion of records) yield* fsma204Rows(portion, ZONE);
}

/** Throws as the portions do, and `exports/behind`. */
export async function* recordsOf(
  { portions, state, height }: Pick<HeldLots, 'portions' | 'state' | 'height'>,
  events: LotEvents,
): AsyncGenerator<readonly TraceRecord[]> {
  for await (const portion of portions) {
    const shipments = await shipmentsOf(events, state, portion, height);
    yield portion.map((lot) =>
      traceRecordOf(state, lot, shipments.get(lotKey(lot.gtin, lot.lot)) ?? []),
    );
  }
}
