// Making the statements of some devices: those months that the latest statement does not cover, or covers under another key.

import {
  bytesToHex,
  type CryptoProvider,
  decodeStatement,
  encodeStatement,
  type SecretKey,
  slotOfInterval_s,
} from '@suyuan/contracts';
import type { Alarms } from '../alarms.ts';
import type { GatewayClock } from '../clock.ts';
import { describeError } from '../errors.ts';
import {
  type DeviceRegistry,
  firstAssigned_ms,
  isAssignedDuring,
  type RegisteredDevice,
} from '../pipeline/device-registry.ts';
import type { ColumnStore } from '../store/column-store.ts';
import { base64, row, STATEMENT_COLUMNS } from '../store/rows.ts';
import { monthRange_ms, startOfDay_ms } from './month.ts';
import { daysOfMonth, type StaleMonth, staleMonths } from './month-query.ts';

export interface StatingParts {
  readonly account: string;
  readonly secret: SecretKey;
  readonly crypto: CryptoProvider;
  readonly chainId: Uint8Array;
  readonly clock: GatewayClock;
  readonly store: ColumnStore;
  readonly registry: DeviceRegistry;
  readonly alarms: Alarms;
  /** Months that are stated of one device before it is the turn of the others again. */
  readonly perDevice: number;
}

const ROWS_PER_INSERT = 200;
/** Bounds the answer of one query: as many times the months since the devices' first assignments. */
const DEVICES_PER_QUERY = 128;

export class Stating {
  readonly #parts: StatingParts;
  readonly #keyHex: string;
  #made = 0;

  constructor(parts: StatingParts) {
    this.#parts = parts;
    this.#keyHex = bytesToHex(parts.crypto.publicKeyOf(parts.secret).bytes);
  }

  /** Statements written since the start. */
  get made(): number {
    return this.#made;
  }

  /** States what is due of these devices from a month's beginning on, and returns the devices that have more. */
  async lap(ids: readonly string[], from_ms: number): Promise<string[]> {
    const left: string[] = [];
    for (let at = 0; at < ids.length; at += DEVICES_PER_QUERY) {
      left.push(...(await this.#lapOf(ids.slice(at, at + DEVICES_PER_QUERY), from_ms)));
    }
    return left;
  }

  async #lapOf(ids: readonly string[], from_ms: number): Promise<string[]> {
    const { store, account, clock, registry, perDevice } = this.#parts;
    const today_ms = startOfDay_ms(clock.now_ms());
    const devices = new Map<string, RegisteredDevice>();
    for (const id of ids) {
      const device = registry.find(id);
      if (device !== undefined && device.assignments.length > 0) devices.set(id, device);
    }
    const since = [...devices].map(([id, device]) => ({ id, first_ms: firstAssigned_ms(device) }));
    const range = { from_ms, to_ms: today_ms };
    const stale = await staleMonths(store, account, this.#keyHex, range, since);
    const counts = new Map<string, number>();
    const left = new Set<string>();
    const chosen: StaleMonth[] = [];
    for (const month of stale) {
      const device = devices.get(month.device);
      if (device === undefined || !isAssignedDuring(device, monthRange_ms(month.month))) continue;
      const count = counts.get(month.device) ?? 0;
      counts.set(month.device, count + 1);
      if (count < perDevice) chosen.push(month);
      else left.add(month.device);
    }
    for (let at = 0; at < chosen.length; at += ROWS_PER_INSERT) {
      await this.#write(chosen.slice(at, at + ROWS_PER_INSERT), devices, today_ms);
    }
    return [...left];
  }

  async #write(
    months: readonly StaleMonth[],
    devices: ReadonlyMap<string, RegisteredDevice>,
    today_ms: number,
  ): Promise<void> {
    const rows: string[] = [];
    let token = '';
    for (const month of months) {
      const device = devices.get(month.device);
      const made = device && (await this.#state(month, device, today_ms));
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
  async #state(
    stale: StaleMonth,
    registered: RegisteredDevice,
    today_ms: number,
  ): Promise<string | undefined> {
    const { store, account, crypto, secret, chainId, alarms, clock } = this.#parts;
    const { device, quantity, month } = stale;
    const slot_s = slotOfInterval_s(registered.interval_s);
    const range = { from_ms: firstAssigned_ms(registered), to_ms: today_ms };
    const days = await daysOfMonth(store, account, stale, slot_s, range);
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
      this.#keyHex,
      base64(bytes),
    ]);
  }
}
