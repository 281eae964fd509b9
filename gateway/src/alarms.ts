// Alarms: what a person should look at. The latest are kept, all are counted.

export type AlarmKind =
  /** Two different signed packs under one (bootEpoch, seq): a copied key or a tampered device. */
  | 'equivocation'
  /** A connection used another device's topic, or carried another device's pack. */
  | 'identity-abuse'
  /** A pack's `prev` is not the id of the pack before it. */
  | 'chain-break'
  /** A device clock runs ahead. */
  | 'future-clock'
  | 'unknown-device'
  | 'revoked-device'
  | 'bad-signature'
  /** A device's bad packs of this hour are no longer kept, only counted. */
  | 'quarantine-quota'
  /** The ledger refused an anchor; it is tried again. */
  | 'anchor-refused'
  /** The column store refused a write; it is tried again. */
  | 'store-failed'
  /** A monthly statement could not be made. */
  | 'statement-failed';

export interface Alarm {
  readonly kind: AlarmKind;
  readonly time_ms: number;
  /** Device id, or '' when none is concerned. */
  readonly device: string;
  readonly message: string;
}

export interface Alarms {
  raise(kind: AlarmKind, device: string, message: string): void;
  /** Oldest first. */
  recent(): Alarm[];
  counts(): Record<AlarmKind, number>;
}

export function createAlarms(now_ms: () => number, capacity: number): Alarms {
  const ring: Alarm[] = [];
  const counts: Record<AlarmKind, number> = {
    equivocation: 0,
    'identity-abuse': 0,
    'chain-break': 0,
    'future-clock': 0,
    'unknown-device': 0,
    'revoked-device': 0,
    'bad-signature': 0,
    'quarantine-quota': 0,
    'anchor-refused': 0,
    'store-failed': 0,
    'statement-failed': 0,
  };
  return {
    raise(kind, device, message) {
      counts[kind] += 1;
      ring.push({ kind, time_ms: now_ms(), device, message });
      if (ring.length > capacity) ring.shift();
    },
    recent: () => [...ring],
    counts: () => ({ ...counts }),
  };
}
