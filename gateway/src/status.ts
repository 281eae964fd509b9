// What the gateway says of itself, as plain JSON.

import type { Alarm, AlarmKind } from './alarms.ts';
import type { PackCounts } from './counters.ts';
import type { DeviceState } from './pipeline/device-state.ts';
import type { DeviceGap } from './pipeline/device-window.ts';

export interface DeviceStatus {
  readonly id: string;
  /** Latest start, and the highest number that came in it. */
  readonly boot: number;
  readonly lastSeq: number;
  readonly lastTime_ms: number;
  readonly lastReceived_ms: number;
  /** Packs known to be missing, and where. */
  readonly missing: number;
  readonly gaps: readonly DeviceGap[];
  readonly alarms: number;
}

export interface BatchStatus {
  /** Packs of the open batch. */
  readonly open: number;
  /** Numbers of batches; they begin at 0, so these are also counts. */
  readonly closed: number;
  readonly stored: number;
  readonly anchored: number;
  /** Root of the last closed batch since the start, in hex; '' before the first. */
  readonly lastRoot: string;
}

export interface GatewayStatus {
  readonly account: string;
  /** Code and message of what stopped the gateway; null while it runs. */
  readonly failure: string | null;
  readonly port: number;
  readonly connections: number;
  readonly connectedDevices: number;
  /** received = stored + quarantined + duplicate + inFlight */
  readonly packs: PackCounts;
  readonly quarantine: {
    readonly reasons: Record<string, number>;
    /** Of the quarantined ones, not kept because their device's hourly quota was used up. */
    readonly countedOnly: number;
    /** Kept, and not in the column store yet. */
    readonly pending: number;
  };
  /** Connections and packets that were refused before they were packs. */
  readonly refusals: Record<string, number>;
  readonly batches: BatchStatus;
  readonly statements: number;
  readonly devices: readonly DeviceStatus[];
  readonly alarms: {
    readonly counts: Record<AlarmKind, number>;
    readonly recent: readonly Alarm[];
  };
}

export type GatewaySummary = Omit<GatewayStatus, 'devices'>;

export function deviceStatus(device: DeviceState): DeviceStatus {
  const boot = device.window.boots.at(-1);
  return {
    id: device.id,
    boot: boot?.bootEpoch ?? 0,
    lastSeq: boot === undefined ? -1 : boot.next - 1,
    lastTime_ms: device.lastTime_ms,
    lastReceived_ms: device.lastReceived_ms,
    missing: device.window.missing(),
    gaps: device.window.gaps(),
    alarms: device.alarms,
  };
}
