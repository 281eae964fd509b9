// @suyuan/firmware-sim: devices as software (README.md).

export * from './clock/clock.ts';
export * from './clock/drifting.ts';
export * from './clock/manual.ts';
export {
  createDevice,
  type Device,
  type DeviceOptions,
  type DeviceStatus,
  type RecordedPack,
} from './device/device.ts';
export type { PackNumber } from './device/journal.ts';
export type { Outbox, OutboxEntry } from './device/outbox.ts';
export {
  createFaults,
  type FaultCounts,
  type FaultPlan,
  type Faults,
  type Frame,
  type Span,
} from './faults/faults.ts';
export {
  type BackfillOptions,
  backfill,
  type FleetMember,
  type FleetProgress,
  type FleetReport,
  type RunFleetOptions,
  runFleet,
} from './fleet/fleet.ts';
export { createPacker, type Packer, ROWS_PER_PACK } from './fleet/packer.ts';
export {
  createSeededBytes,
  createSeededRandom,
  type RandomBytes,
  type SeededRandom,
  secureRandom,
} from './random/random.ts';
export { readMaybeGzip } from './replay/csv.ts';
export {
  type GeneratedSensor,
  type GenerateOptions,
  generateLoggerYear,
} from './replay/generate.ts';
export { LOGGER_HEADER, type LoggerRow, readLogger } from './replay/logger-file.ts';
export { type ReplayOptions, type ReplayProgress, replayLogger } from './replay/replay.ts';
export * from './sensors/index.ts';
export { readSecretKey } from './sim/keys.ts';
export {
  runSim,
  type SimDevice,
  type SimOptions,
  type SimProgress,
  type SimReport,
} from './sim/run-sim.ts';
export {
  createUplink,
  packTopic,
  type Uplink,
  type UplinkOptions,
  type UplinkStatus,
} from './uplink/uplink.ts';
