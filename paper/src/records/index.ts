export { FSMA_204_COLUMNS, fsma204Rows, type TrackingEvent } from './fsma-204.ts';
export { NYT_4712_COLUMNS, nyt4712Rows, type Stage, stageOf } from './nyt-4712.ts';
export {
  type Amount,
  type CustodyMove,
  lotCode,
  type Operator,
  type RecordDocument,
  type RecordPlace,
  type TraceRecord,
} from './trace-record.ts';
