// The column store: embedded in this process unless a ClickHouse address is given. With the embedded one exactly one
// process may open its directory.

import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';

export function openColumnStore(options: {
  readonly directory: string;
  readonly url?: string;
}): ClickHouseClient {
  if (options.url !== undefined) return createClient({ url: options.url });
  const connection = createChdbConnection({ path: options.directory });
  return createClient({ connection } as unknown as Parameters<typeof createClient>[0]);
}
