import type { ClickHouseClient } from '@clickhouse/client';
import type { AsyncCryptoProvider, LedgerPort, SecretKey } from '@suyuan/contracts';
import type { Logger } from 'pino';
import type { ListenOptions } from './broker/listener.ts';
import type { GatewayClock } from './clock.ts';
import type { GatewayLimits } from './limits.ts';

export interface GatewayOptions {
  /** Of this gateway alone: journal, snapshot, lock. */
  readonly directory: string;
  /** The gateway's account on the ledger. */
  readonly account: string;
  readonly listen: ListenOptions;
  readonly limits?: Partial<GatewayLimits>;
}

export interface GatewayParts {
  readonly clock: GatewayClock;
  readonly random: (size_bytes: number) => Uint8Array;
  readonly crypto: AsyncCryptoProvider;
  readonly ledger: LedgerPort;
  /** A ClickHouse server's or the embedded store's. The caller closes it after `stop`. */
  readonly client: ClickHouseClient;
  readonly logger: Logger;
  /** Of the gateway's account. */
  readonly secretKey: SecretKey;
  /** Told once when the gateway stops itself: it must be started again after the cause is mended. */
  readonly onFailure?: (error: Error) => void;
}
