// Every limit of this room, with its unit and its reason. `GatewayOptions.limits` may change any of them.

import { PACK_SIZE_BYTES_MAX } from '@suyuan/contracts';

export interface GatewayLimits {
  /** A CONNECT with a 1 KiB token and a 30-character name fits; nothing else may come before authentication. */
  readonly connectSize_bytes: number;
  /** Topic and packet id around the largest pack (16 KiB). */
  readonly packetOverhead_bytes: number;
  /** `suyuan/v1/commands/` and the longest device id, with a margin. */
  readonly topicSize_bytes: number;
  /** A radio link needs a few seconds to send its CONNECT; a slow-loris gets no more. */
  readonly connectDeadline_ms: number;
  /** Sockets at once: about 80 kB each with TLS. */
  readonly connections: number;
  /** Connection attempts of one address: at once, and each second after that. */
  readonly connectBurst: number;
  readonly connectRate_perSecond: number;
  /** Addresses that the rate limit remembers; the longest silent is forgotten first. */
  readonly connectAddresses: number;
  /** Tokens whose signature is being checked at once: a pack waits behind these at most. */
  readonly tokenChecks: number;
  /** Connections that may wait for their token: some seconds of them at several hundred a second. */
  readonly tokenBacklog: number;
  /** A subscriber that does not read for this long is cut off. */
  readonly drainTimeout_ms: number;
  /** Packs received but not yet in the column store. Above it acknowledgements wait. */
  readonly inFlightPacks: number;
  /** Bytes of packs received but not yet durable in the journal. Above it acknowledgements wait. */
  readonly inFlightBytes: number;
  /** Of these one device may have this many: two batches, one being stored while the other fills. Others wait no longer for it. */
  readonly devicePacks: number;
  /** The same of the bytes. */
  readonly deviceBytes: number;
  /** A batch closes at this many packs: its proofs have 11 hashes. */
  readonly batchPacks: number;
  /** ... or when its oldest pack has this age. */
  readonly batchAge_ms: number;
  /** Closed batches that the ledger has not taken yet: a day without the ledger at one batch in 2 s. */
  readonly anchorBacklog: number;
  /** Packs of one device and one start that are remembered by id. A device sends one or two an hour. */
  readonly windowPacks: number;
  /** Starts of one device that are remembered. */
  readonly windowBoots: number;
  /** Ranges of missing numbers remembered for one start. */
  readonly windowGaps: number;
  /** Bad packs of one device kept each hour; beyond it they are counted only. */
  readonly quarantinePerHour: number;
  /** Kept bad packs that may wait for the column store. */
  readonly quarantineBacklog: number;
  /** Alarms kept in memory. */
  readonly alarms: number;
  /** Threads that verify SM2; 0 verifies on the main thread. */
  readonly sm2Workers: number;
  /** The journal begins a new file at this size, and writes a snapshot. */
  readonly journalSegment_bytes: number;
  /** How long after a change of a closed day its statement is written again. */
  readonly statementDelay_ms: number;
  /** Months of one device that are stated before it is the turn of the others: its quantities in some months. */
  readonly statementsPerDevice: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  connectSize_bytes: 2048,
  packetOverhead_bytes: 256,
  topicSize_bytes: 96,
  connectDeadline_ms: 10_000,
  connections: 20_000,
  connectBurst: 500,
  connectRate_perSecond: 50,
  connectAddresses: 10_000,
  tokenChecks: 2,
  tokenBacklog: 2048,
  drainTimeout_ms: 5_000,
  inFlightPacks: 16_384,
  inFlightBytes: 16 * 1024 * 1024,
  devicePacks: 4096,
  deviceBytes: 4 * 1024 * 1024,
  batchPacks: 2048,
  batchAge_ms: 2_000,
  anchorBacklog: 43_200,
  windowPacks: 256,
  windowBoots: 4,
  windowGaps: 64,
  quarantinePerHour: 100,
  quarantineBacklog: 4096,
  alarms: 256,
  sm2Workers: 2,
  journalSegment_bytes: 64 * 1024 * 1024,
  statementDelay_ms: 600_000,
  statementsPerDevice: 32,
};

/** The limits with some changed. Throws RangeError where they contradict each other. */
export function resolveLimits(changes: Partial<GatewayLimits> = {}): GatewayLimits {
  const limits = { ...DEFAULT_LIMITS, ...changes };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < (name === 'sm2Workers' ? 0 : 1)) {
      throw new RangeError(`gateway limits: ${name} must be a positive integer`);
    }
  }
  if (limits.inFlightPacks < 2 * limits.batchPacks) {
    throw new RangeError(
      'gateway limits: inFlightPacks must hold two batches, or nothing overlaps',
    );
  }
  if (
    Math.min(limits.inFlightBytes, limits.deviceBytes) <
    PACK_SIZE_BYTES_MAX + limits.packetOverhead_bytes
  ) {
    throw new RangeError('gateway limits: inFlightBytes and deviceBytes must hold a pack');
  }
  return limits;
}
