// The HTTP half of a node.

export { createClickHouseReadings } from '../readings/clickhouse.ts';
export type * from '../readings/port.ts';
export type { App as HttpServer } from './context.ts';
export { DEFAULT_HTTP_OPTIONS, type HttpOptions } from './options.ts';
export type {
  Clock,
  ConsensusStatusJson,
  GatewayStatusJson,
  LedgerNode,
  Pin,
  ProvenState,
  SerialList,
  StatusSources,
  TransactionView,
} from './ports.ts';
export { createHttpServer, type HttpServerDeps } from './server.ts';
