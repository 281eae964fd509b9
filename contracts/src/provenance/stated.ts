// What gateways stated of whole months, verified, and read as days (docs/formats.md §6).

import type { CryptoProvider } from '../crypto/types.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AppError } from '../errors.ts';
import { getAccount } from '../rules/accounts/record.ts';
import { type Device, getDevice } from '../rules/devices/device.ts';
import type { StateReader } from '../rules/types.ts';
import { decodeStatement, type StatedDay, verifyStatement } from '../telemetry/statement.ts';
import { dayStart_ms } from './calendar.ts';
import type { Interval } from './intervals.ts';
import type { VerifiedPack } from './proven-packs.ts';

export interface VerifiedStatement {
  readonly gateway: string;
  readonly device: Device;
  readonly quantity: string;
  readonly month: string;
  /** When the gateway made it. */
  readonly at_ms: number;
  readonly days: readonly DayReport[];
}

/** One stated day, with the time that its slots cover. */
export interface DayReport extends StatedDay {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly slot_s: number;
  readonly covered: readonly Interval[];
}

const DAY_MS = 86_400_000;
/**
 * Runs of covered slots in all statements of a bundle: four devices for ten years with four gaps each
 * day. It bounds the memory of a phone whatever a gateway signs.
 */
export const STATED_RUNS_MAX = 131_072;

/** Throws `bundle/too-many-runs`, `statement/*`, `cose/*`, `cbor/*` or `format/*`. */
export function verifyStatements(
  crypto: CryptoProvider,
  state: StateReader,
  chainId: Uint8Array,
  statements: readonly Uint8Array[],
): VerifiedStatement[] {
  const seen = new Set<string>();
  let runs = 0;
  return statements.map((bytes) => {
    const statement = decodeStatement(bytes);
    const gateway = getAccount(state, statement.signer);
    if (gateway === undefined || !gateway.roles.includes('gateway')) {
      throw new AppError(
        'statement/unknown-gateway',
        'A statement names a gateway that the ledger does not show.',
      );
    }
    const device = getDevice(state, statement.device);
    if (device === undefined) {
      throw new AppError(
        'statement/unknown-device',
        'A statement names a device that the ledger does not show.',
      );
    }
    if (!equalBytes(statement.chainId, chainId)) {
      throw new AppError('statement/other-chain', 'A statement was made for another ledger.');
    }
    if (!verifyStatement(crypto, gateway.key, statement)) {
      throw new AppError(
        'statement/bad-signature',
        'The signature of a statement does not verify.',
      );
    }
    const { quantity, month, at_ms, slot_s } = statement;
    const name = `${statement.signer}/${device.id}/${quantity}/${month}`;
    if (seen.has(name)) throw new AppError('statement/twice', 'A month is stated twice.');
    seen.add(name);
    const days = statement.days.map((day) => toReport(day, month, slot_s));
    runs = days.reduce((sum, day) => sum + day.covered.length, runs);
    if (runs > STATED_RUNS_MAX) {
      throw new AppError(
        'bundle/too-many-runs',
        'The statements of the bundle have more gaps than a verifier keeps; show fewer months.',
      );
    }
    return { gateway: gateway.id, device, quantity, month, at_ms, days };
  });
}

function toReport(day: StatedDay, month: string, slot_s: number): DayReport {
  const from_ms = dayStart_ms(month, day.day);
  const to_ms = from_ms + DAY_MS;
  const slot_ms = slot_s * 1000;
  const covered: Interval[] = [];
  let start_ms: number | undefined;
  for (let time_ms = from_ms; time_ms < to_ms; time_ms += slot_ms) {
    const held = holdsSlot(day.slots, (time_ms - from_ms) / slot_ms);
    if (held) start_ms ??= time_ms;
    else if (start_ms !== undefined) {
      covered.push({ from_ms: start_ms, to_ms: time_ms });
      start_ms = undefined;
    }
  }
  if (start_ms !== undefined) covered.push({ from_ms: start_ms, to_ms });
  return { ...day, from_ms, to_ms, slot_s, covered };
}

function holdsSlot(slots: Uint8Array, slot: number): boolean {
  return (((slots[slot >> 3] ?? 0) >> (7 - (slot & 7))) & 1) === 1;
}

/** A pack that was anchored this shortly before a statement may not have reached the store it was made from. */
const STATEMENT_GRACE_MS = 5 * 60_000;

/**
 * Finds whether proven readings contradict the statements, in constant time a reading. Packs anchored after a statement, or
 * shortly before it, cannot: the gateway did not have them.
 */
export function contradictionFinder(statements: readonly VerifiedStatement[]) {
  const days = new Map<string, { readonly day: DayReport; readonly at_ms: number }>();
  const name = (gateway: string, device: string, quantity: string, time_ms: number) =>
    `${gateway}/${device}/${quantity}/${Math.floor(time_ms / DAY_MS)}`;
  for (const { gateway, device, quantity, at_ms, days: stated } of statements)
    for (const day of stated)
      days.set(name(gateway, device.id, quantity, day.from_ms), { day, at_ms });
  /** True if a reading of the pack lies outside what its gateway stated of the day, or in a slot that it called empty. */
  return (pack: VerifiedPack): boolean =>
    pack.readings.some(({ quantity, time_ms, value }) => {
      const stated = days.get(name(pack.gateway, pack.device.id, quantity, time_ms));
      if (stated === undefined || pack.anchor.time_ms + STATEMENT_GRACE_MS > stated.at_ms)
        return false;
      const { day } = stated;
      const slot = Math.floor((time_ms - day.from_ms) / (day.slot_s * 1000));
      return value < day.min || value > day.max || !holdsSlot(day.slots, slot);
    });
}
