// Provenance: bundles and their verification (docs/formats.md §7 and §8). This entry stays free of schemas, so that the
// scan page stays small.

export { bytesToHex, hexToBytes } from '../encoding/bytes.ts';
export { AppError, isAppError } from '../errors.ts';
export * from './bundle.ts';
export { dayStart_ms, daysFromCivil } from './calendar.ts';
export { distinctSamples } from './distinct-samples.ts';
export { evidenceKeys, type ShownUnit } from './evidence-keys.ts';
export * from './hidden-code.ts';
export * from './intervals.ts';
export * from './lineage.ts';
export { type SamplePick, samplePath } from './samples.ts';
export * from './scan-history.ts';
export type { Stay } from './stays.ts';
export {
  encodeTraceHead,
  encodeTraceLot,
  type TraceDirection,
  type TraceHead,
  type TraceLotFrame,
  type TraceSeed,
} from './trace-frames.ts';
export * from './trace-proof.ts';
export * from './verdict.ts';
export * from './verify-bundle.ts';
