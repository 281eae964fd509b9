// Provenance: bundles and their verification (docs/formats.md §7 and §8). This entry stays free of schemas, so that the
// scan page stays small.

export { bytesToHex, hexToBytes } from '../encoding/bytes.ts';
export { AppError, isAppError } from '../errors.ts';
export * from './bundle.ts';
export { dayStart_ms, daysFromCivil } from './calendar.ts';
export * from './intervals.ts';
export * from './lineage.ts';
export { distinctSamples, type SamplePick, samplePath } from './samples.ts';
export * from './verdict.ts';
export * from './verify-bundle.ts';
