// Alarms: what a person should look at. All are counted; the latest are kept, those of one kind and source within a minute as
// one, so that a stranger who knocks all day does not wipe out what happened to a device.

const MINUTE_MS = 60_000;

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
  /** Of the first of them. */
  readonly message: string;
  /** How many of this kind came from this source within the minute. */
  readonly count: number;
}

export interface Alarms {
  /** `source` is what the alarm comes from when that is not the device: the address of a stranger. */
  raise(kind: AlarmKind, device: string, message: string, source?: string): void;
  /** Oldest first. */
  recent(): Alarm[];
  counts(): Record<AlarmKind, number>;
}

interface Kept extends Alarm {
  count: number;
  readonly source: string;
  readonly minute: number;
}

export function createAlarms(now_ms: () => number, capacity: number): Alarms {
  const kept: Kept[] = [];
  const kinds = new Map<AlarmKind, number>();

  // The most frequent kind makes room, so no kind drives out another.
  function makeRoom(): void {
    let most = 0;
    for (const number of kinds.values()) most = Math.max(most, number);
    const at = kept.findIndex(({ kind }) => kinds.get(kind) === most);
    const [oldest] = kept.splice(at, 1);
    if (oldest !== undefined) kinds.set(oldest.kind, most - 1);
  }

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
    raise(kind, device, message, source = device) {
      counts[kind] += 1;
      const time_ms = now_ms();
      const minute = Math.floor(time_ms / MINUTE_MS);
      const same = kept.findLast(
        (k) => k.kind === kind && k.source === source && k.minute === minute,
      );
      if (same !== undefined) {
        same.count += 1;
        return;
      }
      kept.push({ kind, time_ms, device, message, count: 1, source, minute });
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (kept.length > capacity) makeRoom();
    },
    recent: () =>
      kept.map(({ kind, time_ms, device, message, count }) => ({
        ...{ kind, time_ms, device, message, count },
      })),
    counts: () => ({ ...counts }),
  };
}
