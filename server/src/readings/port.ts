// What the server reads from the column store. The gateway writes it; this half never does.

/** A stored pack and its place: `leaf` is its index in the batch's pack tree. */
export interface StoredPack {
  readonly gateway: string;
  readonly batch: number;
  readonly leaf: number;
  readonly device: string;
  readonly boot: number;
  readonly seq: number;
  readonly received_ms: number;
  readonly bytes: Uint8Array;
}

/** What a device numbers its packs by. */
export interface PackNumber {
  readonly device: string;
  readonly boot: number;
  readonly seq: number;
}

export interface BatchRef {
  readonly gateway: string;
  readonly batch: number;
}

/** A device and the time in which its readings matter: `from_ms` inclusive, `to_ms` exclusive. */
export interface DeviceSpan {
  readonly device: string;
  readonly from_ms: number;
  readonly to_ms: number;
}

export interface ReadingRow {
  readonly device: string;
  readonly quantity: string;
  readonly time_ms: number;
  /** The integer of the stored scale: milli-°C, milli-%RH, grams, millivolts. */
  readonly value: number;
  readonly boot: number;
  readonly seq: number;
}

/** The last row of a page: the next page begins after it. */
export type ReadingCursor = Pick<ReadingRow, 'time_ms' | 'device' | 'quantity' | 'boot' | 'seq'>;

export interface ReadingQuery {
  readonly spans: readonly DeviceSpan[];
  readonly quantity?: string;
  readonly after?: ReadingCursor;
  readonly limit: number;
}

/** A reading of one device and quantity at one gateway: `from_ms` inclusive, `to_ms` exclusive, in batches below `beforeBatch`. */
export interface SlotRef extends DeviceSpan {
  readonly gateway: string;
  readonly quantity: string;
  readonly beforeBatch: number;
}

export interface StatementRef {
  readonly device: string;
  /** `YYYY-MM`, UTC. */
  readonly fromMonth: string;
  readonly toMonth: string;
}

export interface ReadingStore {
  /** Resolves when the store answers; rejects with what is wrong. */
  ping(): Promise<void>;
  /** The pack that a device signed under (boot, seq), at that gateway when one is named. */
  pack(ref: {
    readonly device: string;
    readonly boot: number;
    readonly seq: number;
    readonly gateway?: string;
  }): Promise<StoredPack | undefined>;
  /** All packs under these numbers, at most 1 024 numbers: more than one where a number was used twice. */
  packsByNumber(numbers: readonly PackNumber[]): Promise<readonly StoredPack[]>;
  /**
   * A pack with such a reading, always the same one: of those whose time had come when they were received, else of all,
   * the first that was batched.
   */
  packWithReading(ref: SlotRef): Promise<StoredPack | undefined>;
  /** Packs with a reading in one of the spans, the newest readings first, at most `limit`. */
  packsWithin(spans: readonly DeviceSpan[], limit: number): Promise<readonly StoredPack[]>;
  /** The leaf hashes of whole batches, in leaf order, as `gateway/batch` → hashes. */
  leafHashes(batches: readonly BatchRef[]): Promise<ReadonlyMap<string, readonly Uint8Array[]>>;
  /** Readings in time order. */
  readings(query: ReadingQuery): Promise<readonly ReadingRow[]>;
  /** The newest revision of each statement of those devices and months. */
  statements(refs: readonly StatementRef[]): Promise<readonly Uint8Array[]>;
}

/** The key of a batch in the map of `leafHashes`. */
export function batchKey(ref: BatchRef): string {
  return `${ref.gateway}/${ref.batch}`;
}
