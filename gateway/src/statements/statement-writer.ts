// When monthly statements (docs/formats.md §6) are made: after each day has closed, and again when late readings change a closed
// day, or when the gateway's account has another key.

import { Worker } from '../batch/worker.ts';
import { describeError } from '../errors.ts';
import type { AcceptedPack } from '../pipeline/accepted-pack.ts';
import { DAY_MS, monthOf, monthRange_ms, startOfDay_ms } from './month.ts';
import { devicesWithReadings } from './month-query.ts';
import { Stating, type StatingParts } from './stating.ts';

export interface StatementParts extends StatingParts {
  readonly delay_ms: number;
}

/** Devices whose late readings are due, or all devices from a month's beginning on. */
type Run =
  | { readonly kind: 'late'; readonly devices: ReadonlySet<string> }
  | { readonly kind: 'all'; readonly from_ms: number };

const FIRST_MS = 0;
/** Laps over all devices: with 32 months a lap, more than any device can have. Readings that come meanwhile add none for ever. */
const LAPS_MAX = 64;

export class StatementWriter {
  readonly #parts: StatementParts;
  readonly #worker: Worker<Run>;
  readonly #stating: Stating;
  /** All devices are due from here on. */
  #all_ms: number | undefined = FIRST_MS;
  /** Devices with readings of closed days that may be unstated: due now, and due after the delay. */
  #due = new Set<string>();
  #late = new Set<string>();
  #cancelDay: (() => void) | undefined;
  #cancelLate: (() => void) | undefined;
  #stopped = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: StatementParts) {
    this.#parts = parts;
    this.#stating = new Stating(parts);
    this.#worker = new Worker<Run>({
      clock: parts.clock,
      next: () => this.#next(),
      run: (run) => this.#serially(run),
      onError: (error) => {
        parts.alarms.raise('statement-failed', '', describeError(error));
        return true;
      },
    });
  }

  /** Statements written since the start. */
  get made(): number {
    return this.#stating.made;
  }

  /** Reconciles everything that is stored, and from then on each day. */
  start(): void {
    this.#worker.wake();
    this.#waitForDay();
  }

  #waitForDay(): void {
    const { clock, delay_ms } = this.#parts;
    const now_ms = clock.now_ms();
    const next_ms = startOfDay_ms(now_ms) + DAY_MS + delay_ms;
    this.#cancelDay = clock.setTimer(() => {
      const yesterday_ms = startOfDay_ms(clock.now_ms()) - DAY_MS;
      this.#wantAll(monthRange_ms(monthOf(yesterday_ms)).from_ms);
      this.#worker.wake();
      this.#waitForDay();
    }, next_ms - now_ms);
  }

  /** Packs that have just been stored: readings of closed days make their device due again. */
  noteStored(packs: readonly AcceptedPack[]): void {
    const today_ms = startOfDay_ms(this.#parts.clock.now_ms());
    for (const { deviceId, readings } of packs) {
      if (readings.some(({ time_ms }) => time_ms < today_ms)) this.#late.add(deviceId);
    }
    this.#waitForLate();
  }

  /** A device whose record has changed: it may have stood at a place since before now. */
  noteAssigned(device: string): void {
    this.#late.add(device);
    this.#waitForLate();
  }

  #waitForLate(): void {
    if (this.#late.size === 0 || this.#stopped) return;
    this.#cancelLate ??= this.#parts.clock.setTimer(() => {
      this.#cancelLate = undefined;
      for (const device of this.#late) this.#due.add(device);
      this.#late.clear();
      this.#worker.wake();
    }, this.#parts.delay_ms);
  }

  #wantAll(from_ms: number): void {
    this.#all_ms = Math.min(this.#all_ms ?? from_ms, from_ms);
  }

  #next(): Run | undefined {
    if (this.#all_ms !== undefined) return { kind: 'all', from_ms: this.#all_ms };
    return this.#due.size === 0 ? undefined : { kind: 'late', devices: this.#due };
  }

  /** States now what is due, without waiting for a timer. Throws the store's error. */
  async reconcile(): Promise<void> {
    await this.#serially({ kind: 'all', from_ms: FIRST_MS });
  }

  // One at a time: two would make the same revision twice.
  #serially(run: Run): Promise<void> {
    const done = this.#writing.then(() => this.#run(run));
    this.#writing = done.catch(() => {});
    return done;
  }

  async #run(run: Run): Promise<void> {
    if (run.kind === 'late') {
      const devices = this.#due;
      this.#due = new Set();
      try {
        // What is too much of one device waits as long as if it had come now: others come first.
        for (const device of await this.#stating.lap([...devices], FIRST_MS)) {
          this.#late.add(device);
        }
        this.#waitForLate();
      } catch (error) {
        for (const device of devices) this.#due.add(device);
        throw error;
      }
      return;
    }
    const { store, account } = this.#parts;
    if (this.#all_ms === run.from_ms) this.#all_ms = undefined;
    try {
      let devices = await devicesWithReadings(store, account);
      for (let lap = 0; lap < LAPS_MAX && devices.length > 0 && !this.#stopped; lap += 1) {
        devices = await this.#stating.lap(devices, run.from_ms);
      }
    } catch (error) {
      this.#wantAll(run.from_ms);
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelDay?.();
    this.#cancelLate?.();
    await this.#worker.stop();
  }
}
