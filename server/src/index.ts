export type { Consensus, ConsensusHead, ConsensusHost, ProposedBlock } from './consensus/port.ts';
export { createSolo, type SoloOptions } from './consensus/solo.ts';
export { type NodeClock, systemClock } from './engine/clock.ts';
export type { NodeLogger } from './engine/logger.ts';
export type { MempoolLimits } from './engine/mempool.ts';
export { createNode, type LedgerNode, type NodeOptions } from './engine/node.ts';
export type { ProvenState, TransactionView } from './engine/reads.ts';
export {
  createClickHouseReadings,
  createHttpServer,
  type HttpOptions,
  type HttpServer,
} from './http/index.ts';
export type { SerialList } from './storage/serial-files.ts';
