// The status as the page shows it, read from JSON of which nothing is taken for granted: a node may run without a gateway,
// or be a version older than the page.

export interface PackCounts {
  readonly received: number;
  readonly stored: number;
  readonly quarantined: number;
  readonly duplicate: number;
  readonly inFlight: number;
}

export interface DeviceStatus {
  readonly id: string;
  readonly boot: number;
  readonly lastSeq: number;
  readonly lastTime_ms: number | null;
  readonly lastReceived_ms: number | null;
  readonly missing: number;
}

export interface AlarmStatus {
  readonly time_ms: number;
  readonly kind: string;
  readonly device: string;
  readonly message: string;
}

export interface GatewayView {
  /** What stopped it; null while it runs. */
  readonly failure: string | null;
  readonly connections: number;
  readonly packs: PackCounts;
  readonly batches: {
    readonly open: number;
    readonly closed: number;
    readonly stored: number;
    readonly anchored: number;
  };
  readonly devices: readonly DeviceStatus[];
  /** Codes of why packs were set apart, the most frequent first, and how many were not kept. */
  readonly quarantine: {
    readonly reasons: readonly (readonly [code: string, packs: number])[];
    readonly countedOnly: number;
  };
  /** Newest first; fewer than there were. */
  readonly alarms: readonly AlarmStatus[];
  /** All since the gateway started, the most frequent first. */
  readonly alarmCounts: readonly (readonly [kind: string, alarms: number])[];
}

export interface Status {
  readonly time_ms: number;
  readonly chain: {
    readonly name: string;
    readonly genesis: string;
    readonly profile: string;
    readonly height: number;
    readonly time_ms: number;
    readonly transactions: number;
    readonly mempool: number;
  };
  readonly gateway: GatewayView | null;
  readonly health: { readonly ok: boolean; readonly parts: readonly (readonly [string, string])[] };
}

const DEVICES_MAX = 500;
const ALARMS_MAX = 50;
const RECENT_MAX = 10_000;
const COUNTS_MAX = 100;

type Fields = Record<string, unknown>;

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const list = (value: unknown, max: number): Fields[] =>
  Array.isArray(value) ? value.slice(0, max).map(fields) : [];
const num = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : 0;
const numOrNull = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Counts by name, those of nothing left out. */
function counts(value: unknown): (readonly [string, number])[] {
  return Object.entries(fields(value))
    .map(([name, count]) => [name, num(count)] as const)
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1])
    .slice(0, COUNTS_MAX);
}

function readGateway(value: unknown): GatewayView | null {
  if (value === null || value === undefined) return null;
  const gateway = fields(value);
  const packs = fields(gateway.packs);
  const batches = fields(gateway.batches);
  const quarantine = fields(gateway.quarantine);
  return {
    failure: typeof gateway.failure === 'string' ? gateway.failure : null,
    connections: num(gateway.connections),
    packs: {
      received: num(packs.received),
      stored: num(packs.stored),
      quarantined: num(packs.quarantined),
      duplicate: num(packs.duplicate),
      inFlight: num(packs.inFlight),
    },
    batches: {
      open: num(batches.open),
      closed: num(batches.closed),
      stored: num(batches.stored),
      anchored: num(batches.anchored),
    },
    devices: list(gateway.devices, DEVICES_MAX).map((device) => ({
      id: text(device.id),
      boot: num(device.boot),
      lastSeq: num(device.lastSeq),
      lastTime_ms: numOrNull(device.lastTime_ms),
      lastReceived_ms: numOrNull(device.lastReceived_ms),
      missing: num(device.missing),
    })),
    quarantine: {
      reasons: counts(quarantine.reasons),
      countedOnly: num(quarantine.countedOnly),
    },
    alarmCounts: counts(fields(gateway.alarms).counts),
    alarms: list(fields(gateway.alarms).recent, RECENT_MAX)
      .map((alarm) => ({
        time_ms: num(alarm.time_ms),
        kind: text(alarm.kind),
        device: text(alarm.device),
        message: text(alarm.message),
      }))
      .sort((a, b) => b.time_ms - a.time_ms)
      .slice(0, ALARMS_MAX),
  };
}

/** Null when it is no status at all. */
export function readStatus(body: unknown): Status | null {
  const status = fields(body);
  if (typeof status.time_ms !== 'number') return null;
  const chain = fields(status.chain);
  const health = fields(status.health);
  return {
    time_ms: status.time_ms,
    chain: {
      name: text(chain.name),
      genesis: text(chain.genesis),
      profile: text(chain.profile),
      height: num(chain.height),
      time_ms: num(chain.time_ms),
      transactions: num(chain.transactions),
      mempool: num(chain.mempool),
    },
    gateway: readGateway(status.gateway),
    health: {
      ok: health.ok === true,
      parts: Object.entries(fields(health.parts)).map(
        ([name, word]) => [name, text(word)] as const,
      ),
    },
  };
}

/** What the equation leaves over; 0 when the books balance. */
export function imbalance(packs: PackCounts): number {
  return packs.received - packs.stored - packs.quarantined - packs.duplicate - packs.inFlight;
}
