// Monthly statements (docs/formats.md §6): written after each day has closed, and again when late readings change a closed day.

import {
  type CryptoProvider,
  decodeStatement,
  encodeStatement,
  type SecretKey,
  slotOfInterval_s,
} from '@suyuan/contracts';
import type { Alarms } from '../alarms.ts';
import { Worker } from '../batch/worker.ts';
import type { GatewayClock } from '../clock.ts';
import { describeError } from '../errors.ts';
import type { AcceptedPack } from '../pipeline/accepted-pack.ts';
import type { DeviceRegistry } from '../pipeline/device-registry.ts';
import type { ColumnStore } from '../store/column-store.ts';
import { base64, row, STATEMENT_COLUMNS } from '../store/rows.ts';
import { DAY_MS, monthOf, monthRange_ms, startOfDay_ms } from './month.ts';
import { daysOfMonth, type StaleMonth, staleMonths } from './month-query.ts';

export interface StatementParts {
  readonly account: string;
  readonly secret: SecretKey;
  readonly crypto: CryptoProvider;
  readonly chainId: Uint8Array;
  readonly clock: GatewayClock;
  readonly store: ColumnStore;
  readonly registry: DeviceRegistry;
  readonly alarms: Alarms;
  readonly delay_ms: number;
}

const ROWS_PER_INSERT = 200;
/** Of a device that the ledger no longer knows. */
const INTERVAL_UNKNOWN_S = 3600;
/** Readings from before are no reading of this system (docs/formats.md §3: SenML times are absolute from 2^28 s). */
const FIRST_MS = 0;

export class StatementWriter {
  readonly #parts: StatementParts;
  readonly #worker: Worker<number>;
  /** Readings from this time on may be unstated; undefined when nothing is due. */
  #due_ms: number | undefined = FIRST_MS;
  #cancelDay: (() => void) | undefined;
  #cancelLate: (() => void) | undefined;
  #late_ms: number | undefined;
  #made = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: StatementParts) {
    this.#parts = parts;
    this.#worker = new Worker<number>({
      clock: parts.clock,
      next: () => this.#due_ms,
      run: (from_ms) => this.#writeFrom(from_ms),
      onError: (error) => {
        parts.alarms.raise('statement-failed', '', describeError(error));
        return true;
      },
    });
  }

  /** Statements written since the start. */
  get made(): number {
    return this.#made;
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
      this.#want(monthRange_ms(monthOf(yesterday_ms)).from_ms);
      this.#waitForDay();
    }, next_ms - now_ms);
  }

  /** Packs that have just been stored: readings of closed days make their statement due again. */
  noteStored(packs: readonly AcceptedPack[]): void {
    const today_ms = startOfDay_ms(this.#parts.clock.now_ms());
    for (const pack of packs) {
      for (const { time_ms } of pack.readings) {
        if (time_ms < today_ms) this.#late_ms = Math.min(this.#late_ms ?? time_ms, time_ms);
      }
    }
    if (this.#late_ms === undefined) return;
    this.#cancelLate ??= this.#parts.clock.setTimer(() => {
      this.#cancelLate = undefined;
      this.#wantLate();
    }, this.#parts.delay_ms);
  }

  #wantLate(): void {
    if (this.#late_ms === undefined) return;
    const { from_ms } = monthRange_ms(monthOf(this.#late_ms));
    this.#late_ms = undefined;
    this.#want(from_ms);
  }

  #want(from_ms: number): void {
    this.#due_ms = Math.min(this.#due_ms ?? from_ms, from_ms);
    this.#worker.wake();
  }

  /** States now what is due, without waiting for a timer. Throws the store's error. */
  async reconcile(): Promise<void> {
    await this.#writeFrom(FIRST_MS);
  }

  // One at a time: two would make the same revision twice.
  #writeFrom(from_ms: number): Promise<void> {
    const done = this.#writing.then(() => this.#writeDue(from_ms));
    this.#writing = done.catch(() => {});
    return done;
  }

  async #writeDue(from_ms: number): Promise<void> {
    if (this.#due_ms === from_ms) this.#due_ms = undefined;
    try {
      const { store, account, clock } = this.#parts;
      const today_ms = startOfDay_ms(clock.now_ms());
      const stale = await staleMonths(store, account, { from_ms, to_ms: today_ms });
      for (let at = 0; at < stale.length; at += ROWS_PER_INSERT) {
        await this.#write(stale.slice(at, at + ROWS_PER_INSERT), today_ms);
      }
    } catch (error) {
      this.#due_ms = Math.min(this.#due_ms ?? from_ms, from_ms);
      throw error;
    }
  }

  async #write(stale: readonly StaleMonth[], today_ms: number): Promise<void> {
    const rows: string[] = [];
    let token = '';
    for (const month of stale) {
      const made = await this.#state(month, today_ms);
      if (made === undefined) continue;
      rows.push(made);
      token = `${month.device}/${month.quantity}/${month.month}/${month.revision + 1}`;
    }
    if (rows.length === 0) return;
    const { store, account } = this.#parts;
    const full = `${account}/statements/${today_ms}/${rows.length}/${token}`;
    await store.insertRows('statements', STATEMENT_COLUMNS, rows, full);
    this.#made += rows.length;
  }

  /** The row of a month's next statement, or undefined when there is nothing that can be stated. */
  async #state(stale: StaleMonth, today_ms: number): Promise<string | undefined> {
    const { store, account, crypto, secret, chainId, registry, alarms, clock } = this.#parts;
    const { device, quantity, month } = stale;
    const slot_s = slotOfInterval_s(registry.find(device)?.interval_s ?? INTERVAL_UNKNOWN_S);
    const days = await daysOfMonth(store, account, stale, slot_s, today_ms);
    if (days.length === 0) return undefined;
    const revision = stale.revision + 1;
    const at_ms = Math.floor(clock.now_ms());
    const bytes = encodeStatement(
      crypto,
      { id: account, secret },
      { chainId, device, quantity, month, revision, at_ms, slot_s, days },
    );
    try {
      decodeStatement(bytes);
    } catch (error) {
      // A statement that nobody could read must not be made, and others must not wait for it.
      alarms.raise('statement-failed', device, `${quantity} of ${month}: ${describeError(error)}`);
      return undefined;
    }
    const readings = days.reduce((sum, day) => sum + day.count, 0);
    return row([
      account,
      device,
      quantity,
      month,
      revision,
      readings,
      days.length,
      at_ms,
      base64(bytes),
    ]);
  }

  async stop(): Promise<void> {
    this.#cancelDay?.();
    this.#cancelLate?.();
    await this.#worker.stop();
  }
}
