// Packs that were not taken: kept with their reason, journal first, then in the column store.

import type { SegmentPosition } from '@suyuan/durable';
import type { Alarms } from '../alarms.ts';
import type { Journal } from '../journal/journal.ts';
import type { QuarantineRecord } from '../journal/records.ts';
import { HourlyQuota } from './quota.ts';

export type BadPack = Omit<QuarantineRecord, 'kind' | 'number'>;

export interface QuarantineParts {
  readonly journal: Journal;
  readonly alarms: Alarms;
  readonly perHour: number;
  /** Told of each kept one once it is durable; resolves when there is room for more. */
  readonly onKept: (record: QuarantineRecord, at: SegmentPosition) => Promise<void> | undefined;
}

export class Quarantine {
  readonly #parts: QuarantineParts;
  readonly #quota: HourlyQuota;
  #next: number;
  #countedOnly = 0;
  readonly #reasons = new Map<string, number>();

  constructor(parts: QuarantineParts, next: number) {
    this.#parts = parts;
    this.#next = next;
    this.#quota = new HourlyQuota(parts.perHour);
  }

  get next(): number {
    return this.#next;
  }

  /** How many were counted and not kept. */
  get countedOnly(): number {
    return this.#countedOnly;
  }

  reasons(): Record<string, number> {
    return Object.fromEntries(this.#reasons);
  }

  /** Resolves when the pack is durable, or at once when it is beyond the quota. */
  async keep(bad: BadPack): Promise<void> {
    // The reasons are codes of our own, so the map is bounded by their catalogue.
    this.#reasons.set(bad.reason, (this.#reasons.get(bad.reason) ?? 0) + 1);
    const quota = this.#quota.use(bad.device, bad.received_ms);
    if (quota === 'first-over') {
      this.#parts.alarms.raise(
        'quarantine-quota',
        bad.device,
        'Further bad packs of this device are counted and not kept until the hour ends.',
      );
    }
    if (quota !== 'kept') {
      this.#countedOnly += 1;
      return;
    }
    const record: QuarantineRecord = { kind: 'quarantined', number: this.#next, ...bad };
    this.#next += 1;
    const at = await this.#parts.journal.append(record);
    await this.#parts.onKept(record, at);
  }
}
