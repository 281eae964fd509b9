export { writeFileAtomically } from './atomic-file.ts';
export { crc32c } from './crc32c.ts';
export { type DiskFile, type DiskPort, systemCode } from './disk.ts';
export {
  type DurableDetails,
  DurableError,
  type DurableErrorCode,
  isDurableError,
} from './errors.ts';
export { type DirectoryLock, lockDirectory } from './lock.ts';
export { createMemoryDisk, type DiskCall, type MemoryDisk, PowerLoss } from './memory-disk.ts';
export { nodeDisk } from './node-disk.ts';
export type { TailNotice } from './record-file.ts';
export { openRecordLog, type RecordLog, type RecordLogOptions } from './record-log.ts';
export type { OnRecord } from './scan.ts';
export {
  comparePositions,
  openSegmentedLog,
  type SegmentedLog,
  type SegmentedLogOptions,
  type SegmentPosition,
} from './segmented-log.ts';
