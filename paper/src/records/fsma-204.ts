import type { OutCell, OutColumn } from '../sheets/write-table.ts';
import type { ZoneOffset } from '../sheets/zone.ts';
import {
  documentsText,
  localText,
  lotCode,
  type Operator,
  type RecordDocument,
  type RecordPlace,
  type TraceRecord,
} from './trace-record.ts';

// 21 CFR Part 1 Subpart S (FSMA 204): critical tracking events with their key data elements, as the electronic sortable spreadsheet of
// §1.1455(c)(3)(ii).

export type TrackingEvent = 'Harvesting' | 'Transformation' | 'Shipping' | 'Receiving';

export const FSMA_204_COLUMNS: readonly OutColumn[] = [
  { header: 'Critical Tracking Event', width: 18 },
  { header: 'Date', width: 12 },
  { header: 'Traceability Lot Code', width: 36 },
  { header: 'Product Description', width: 36 },
  { header: 'Quantity', width: 12 },
  { header: 'Unit of Measure', width: 10 },
  { header: 'Location Description', width: 48 },
  { header: 'Immediate Previous Source Location', width: 48 },
  { header: 'Immediate Subsequent Recipient Location', width: 48 },
  { header: 'Traceability Lot Code Source', width: 48 },
  { header: 'Input Traceability Lot Code', width: 36 },
  { header: 'Input Quantity', width: 12 },
  { header: 'Input Unit of Measure', width: 10 },
  { header: 'Reference Document', width: 40 },
];

const unitText = (unit: 'g' | 'count') => (unit === 'g' ? 'gram' : 'each');

function locationText(operator: Operator, place: RecordPlace): string {
  return [
    operator.name.en,
    place.name.en,
    place.address ?? place.township.en,
    `GLN ${place.gln}`,
  ].join(', ');
}

interface Line {
  readonly event: TrackingEvent;
  readonly time_ms: number;
  readonly record: TraceRecord;
  readonly amount: number;
  readonly location: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly input: TraceRecord['inputs'][number] | null;
  readonly documents: readonly RecordDocument[];
}

function* linesOf(record: TraceRecord): Generator<Line> {
  const made = {
    record,
    time_ms: record.time_ms,
    amount: record.amount,
    location: locationText(record.holder, record.place),
    from: null,
    to: null,
    documents: record.documents,
  };
  if (record.inputs.length === 0) yield { ...made, event: 'Harvesting', input: null };
  for (const input of record.inputs) yield { ...made, event: 'Transformation', input };
  for (const move of record.moves) {
    const from = locationText(move.from, move.fromPlace);
    const to = locationText(move.to, move.toPlace);
    const moved = { record, input: null, documents: move.documents };
    yield {
      ...moved,
      event: 'Shipping',
      time_ms: move.shippedAt_ms,
      amount: move.amount,
      location: from,
      from: null,
      to,
    };
    if (move.receivedAt_ms !== null && move.received !== null) {
      yield {
        ...moved,
        event: 'Receiving',
        time_ms: move.receivedAt_ms,
        amount: move.received,
        location: to,
        from,
        to: null,
      };
    }
  }
}

/**
 * Rows under `FSMA_204_COLUMNS` in the order of the records; dates are those of `zone`. The source of a lot code is where the lot was made.
 * A lot without a document refers to its ledger transaction.
 */
export function* fsma204Rows(
  records: Iterable<TraceRecord>,
  zone: ZoneOffset,
): Generator<OutCell[]> {
  for (const record of records) {
    const source = locationText(record.holder, record.place);
    for (const line of linesOf(record)) {
      yield [
        line.event,
        localText(line.time_ms, zone).slice(0, 10),
        lotCode(record),
        `${record.product.en} ${record.product.zh}`,
        line.amount,
        unitText(record.unit),
        line.location,
        line.from,
        line.to,
        source,
        line.input === null ? null : lotCode(line.input),
        line.input?.amount ?? null,
        line.input === null ? null : unitText(line.input.unit),
        documentsText(line.documents) || `Ledger transaction ${record.tx}`,
      ];
    }
  }
}
