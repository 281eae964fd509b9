import type { OutCell, OutColumn } from '../sheets/write-table.ts';
import type { ZoneOffset } from '../sheets/zone.ts';
import {
  type Amount,
  type CustodyMove,
  documentsText,
  localText,
  lotCode,
  type Operator,
  type RecordDocument,
  type RecordPlace,
  type TraceRecord,
} from './trace-record.ts';

// NY/T 4712-2025: operator, data of the stage, source and destination, inbound batch → outbound batch; the outbound batch is
// the trace code. The words of the columns are ours.

export type Stage = 'production' | 'purchase' | 'storage' | 'transport' | 'processing';

const STAGE_WORDS: Record<Stage, string> = {
  production: '生产 production',
  purchase: '收购 purchase',
  storage: '贮藏 storage',
  transport: '运输 transport',
  processing: '加工 processing',
};

export const NYT_4712_COLUMNS: readonly OutColumn[] = [
  { header: '序号 No.', width: 8 },
  { header: '环节 Stage', width: 16 },
  { header: '主体名称 Operator', width: 30 },
  { header: '主体类型 Kind of operator', width: 16 },
  { header: '统一社会信用代码 Unified social credit code', width: 22 },
  { header: '产品名称 Product', width: 30 },
  { header: '入库批次 Inbound batch', width: 36 },
  { header: '入库数量 Inbound quantity', width: 14 },
  { header: '出库批次（追溯码） Outbound batch (trace code)', width: 36 },
  { header: '出库数量 Outbound quantity', width: 14 },
  { header: '计量单位 Unit', width: 10 },
  { header: '时间 Time', width: 18 },
  { header: '地点 Place', width: 36 },
  { header: '作业 Process', width: 14 },
  { header: '来源 Source', width: 36 },
  { header: '去向 Destination', width: 36 },
  { header: '凭证 Documents', width: 30 },
  { header: '账本交易 Ledger transaction', width: 30 },
];

const PURCHASES = new Set(['purchase']);
const STORING = new Set(['age', 'ageing', 'store', 'storage']);

/** The stage in which a lot was made. */
export function stageOf(record: Pick<TraceRecord, 'process' | 'inputs'>): Stage {
  if (PURCHASES.has(record.process)) return 'purchase';
  if (record.inputs.length === 0) return 'production';
  return STORING.has(record.process) ? 'storage' : 'processing';
}

const both = ({ zh, en }: { zh: string; en: string }) => (zh === en ? zh : `${zh} ${en}`);
const unitText = (unit: Amount['unit']) => (unit === 'g' ? '克 g' : '件 pcs');
const operatorText = ({ name, uscc }: Operator) => both(name) + (uscc === null ? '' : ` ${uscc}`);

function placeText(place: RecordPlace): string {
  return [both(place.name), both(place.township), place.address, place.gln]
    .filter(Boolean)
    .join(', ');
}

interface Line {
  readonly stage: Stage;
  readonly operator: Operator;
  readonly inbound: { readonly code: string; readonly amount: number } | null;
  readonly outbound: { readonly code: string; readonly amount: number | null };
  readonly unit: Amount['unit'];
  readonly time_ms: number;
  readonly place: RecordPlace;
  readonly process: string;
  readonly source: string;
  readonly destination: string;
  readonly documents: readonly RecordDocument[];
}

function* linesOf(record: TraceRecord): Generator<Line> {
  const code = lotCode(record);
  const common = {
    unit: record.unit,
    outbound: { code, amount: record.amount },
    time_ms: record.time_ms,
    operator: record.holder,
    place: record.place,
    process: record.process,
    destination: record.moves.map(({ to }) => operatorText(to)).join('; '),
    documents: record.documents,
  };
  const stage = stageOf(record);
  if (record.inputs.length === 0) {
    yield { ...common, stage, inbound: null, source: placeText(record.place) };
  }
  for (const input of record.inputs) {
    const inbound = { code: lotCode(input), amount: input.amount };
    // Units of what goes in and what comes out may differ: the line is in the inbound batch's where they do.
    const outbound = input.unit === record.unit ? common.outbound : { code, amount: null };
    yield { ...common, stage, inbound, outbound, unit: input.unit, source: inbound.code };
  }
  for (const move of record.moves) yield* moveLines(record, move, code);
}

function* moveLines(record: TraceRecord, move: CustodyMove, code: string): Generator<Line> {
  const ends = {
    unit: move.unit,
    source: `${operatorText(move.from)}, ${placeText(move.fromPlace)}`,
    destination: `${operatorText(move.to)}, ${placeText(move.toPlace)}`,
    documents: move.documents,
    process: record.process,
  };
  yield {
    ...ends,
    stage: 'transport',
    process: 'ship',
    operator: move.carrier ?? move.from,
    inbound: { code, amount: move.amount },
    outbound: { code, amount: move.amount },
    time_ms: move.shippedAt_ms,
    place: move.fromPlace,
  };
  if (move.receivedAt_ms === null || move.received === null) return;
  yield {
    ...ends,
    stage: 'purchase',
    process: 'receive',
    operator: move.to,
    inbound: { code, amount: move.amount },
    outbound: { code, amount: move.received },
    time_ms: move.receivedAt_ms,
    place: move.toPlace,
  };
}

/** Rows under `NYT_4712_COLUMNS`, one for each inbound batch of a lot and each end of a move. `zone` is where the clocks of the record hang. */
export function* nyt4712Rows(
  records: Iterable<TraceRecord>,
  zone: ZoneOffset,
): Generator<OutCell[]> {
  let number = 0;
  for (const record of records) {
    for (const line of linesOf(record)) {
      yield [
        ++number,
        STAGE_WORDS[line.stage],
        both(line.operator.name),
        line.operator.uscc === null
          ? '未登记信用代码 no credit code registered'
          : '单位 organisation',
        line.operator.uscc,
        both(record.product),
        line.inbound?.code ?? null,
        line.inbound?.amount ?? null,
        line.outbound.code,
        line.outbound.amount,
        unitText(line.unit),
        localText(line.time_ms, zone),
        placeText(line.place),
        line.process,
        line.source,
        line.destination,
        documentsText(line.documents),
        record.tx,
      ];
    }
  }
}
