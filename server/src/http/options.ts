// What the keeper of a server may set, with its defaults and reasons.

export interface HttpOptions {
  /** `https://trace.example.cn`, without a path. Absent: taken from the Host of each request, once that is well-formed. */
  readonly publicUrl?: string;
  /** The server stands behind TLS: browsers are told to stay there. */
  readonly tls: boolean;
  /** Proxies whose X-Forwarded-For counts: addresses or CIDR ranges. None by default, so nobody can pose as another address. */
  readonly trustedProxies: readonly string[];
  /** Requests a minute from one address. */
  readonly rate: {
    readonly reads: number;
    readonly writes: number;
    readonly bundles: number;
    readonly serials: number;
  };
  /** Units that do not exist, asked for in a minute from one address, before it is told nothing about any unit. */
  readonly unknownUnitsMax: number;
  /** Scans a minute from one address that are counted. */
  readonly scanRate: number;
  /** Hidden codes a minute from one address. */
  readonly revealRate: number;
  /** Files handed in a minute from one address. */
  readonly documentRate: number;
  /**
   * Name of a header in which a trusted proxy says the coarse area (a township or city, percent-encoded UTF-8) of the caller.
   * Believed only of `trustedProxies`. Absent: areas are those that people choose.
   */
  readonly areaHeader?: string;
  readonly connectionsMax: number;
  readonly statusClientsMax: number;
  readonly statusClientsPerAddressMax: number;
  /** How long POST /transactions waits for the block. */
  readonly commitTimeout_ms: number;
  /** A head older than this means that the ledger stands still. */
  readonly headAgeMax_ms: number;
  readonly healthTimeout_ms: number;
  /** How often the status stream speaks when no block does. */
  readonly statusInterval_ms: number;
}

export const DEFAULT_HTTP_OPTIONS: HttpOptions = {
  tls: false,
  trustedProxies: [],
  // A scan page asks for about 25 things; a market behind one address has many phones.
  // A serial list may be a million hashes.
  rate: { reads: 6_000, writes: 3_000, bundles: 600, serials: 6 },
  // Serials cannot be guessed; a carrier's one address may scan many copies of a false label, at up to three misses a scan.
  unknownUnitsMax: 120,
  scanRate: 600,
  revealRate: 120,
  documentRate: 60,
  connectionsMax: 4_096,
  statusClientsMax: 64,
  statusClientsPerAddressMax: 8,
  commitTimeout_ms: 30_000,
  headAgeMax_ms: 180_000,
  healthTimeout_ms: 2_000,
  statusInterval_ms: 2_000,
};
