export { openJournal } from './consensus/journal/index.ts';
export type {
  Consensus,
  ConsensusHead,
  ConsensusHost,
  EpochView,
  ProposedBlock,
} from './consensus/port.ts';
export {
  type FoundGuardOptions,
  foundGuard,
  openSigner,
  type Signer,
  type SignerOptions,
} from './consensus/signer/index.ts';
export {
  createSimplex,
  SIMPLEX_OPTIONS,
  type Simplex,
  type SimplexOptions,
  type SimplexParts,
  type SimplexStatus,
} from './consensus/simplex/index.ts';
export { createSolo, type SoloOptions } from './consensus/solo.ts';
export {
  createMemoryNetwork,
  type MemoryNetwork,
  type MemoryNetworkOptions,
} from './consensus/transport/memory.ts';
export type { Peer, Transport } from './consensus/transport/port.ts';
export {
  createTlsTransport,
  type Identity,
  type ListenAddress,
  type PeerAddress,
  type PeerStatus,
  type TlsTransport,
  type TlsTransportOptions,
} from './consensus/transport/tls/index.ts';
export { ledgerRecords, type RecordOf } from './documents/port.ts';
export { type DocumentStore, openDocumentStore } from './documents/store.ts';
export { type NodeClock, systemClock } from './engine/clock.ts';
export { type Ledger, type LedgerOptions, openLedger } from './engine/ledger.ts';
export type { NodeLogger } from './engine/logger.ts';
export type { MempoolLimits } from './engine/mempool.ts';
export { createNode, type LedgerNode, type NodeOptions } from './engine/node.ts';
export type { ProvenState, TransactionView } from './engine/reads.ts';
export { type Epcis, type EpcisOptions, openEpcis } from './epcis/service.ts';
export {
  documentFileName,
  documentsIn,
  evidenceReadme,
} from './exports/evidence-parts.ts';
export { traceRecordOf } from './exports/trace-record.ts';
export {
  type ConsensusStatusJson,
  createClickHouseReadings,
  createHttpServer,
  type HttpOptions,
  type HttpServer,
} from './http/index.ts';
export { createNoReadings } from './readings/none.ts';
export {
  createRecallNotices,
  type Notice,
  type NoticesParts,
  type RecallNotices,
} from './recalls/notices.ts';
export { type NoticesOptions, openRecallNotices } from './recalls/open-notices.ts';
export type { RevealCarrier } from './reveals/carrier.ts';
export { openRevealStore, type RevealStore } from './reveals/store.ts';
export { openScanStore, type ScanStore } from './scans/store.ts';
export type { FetchEvent, FetchLimits } from './snapshot/fetch.ts';
export { type Founding, type FoundParts, foundDirectory } from './snapshot/found.ts';
export { openStateDatabase, type Snapshot, type StateDatabase } from './storage/database.ts';
export { createMemoryDatabase, type MemoryDatabase } from './storage/memory-database.ts';
export type { SerialList } from './storage/serial-files.ts';
export { editIndex, type IndexedLot, lotCountWrite } from './storage/trace-index.ts';
export { type LotGraph, openGraph } from './trace/graph.ts';
export { type LotRef, type ScopeOptions, scopeOf, sweepScope } from './trace/scope.ts';
export type { SweptLots } from './trace/sweep.ts';
