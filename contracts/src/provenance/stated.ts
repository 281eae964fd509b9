// What gateways stated of whole months, verified, and read as days (docs/formats.md §6).

import type { CryptoProvider } from '../crypto/types.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AppError } from '../errors.ts';
import { getAccount } from '../rules/accounts/record.ts';
import { type Device, getDevice } from '../rules/devices/device.ts';
import type { StateReader } from '../rules/types.ts';
import {
  type DecodedStatement,
  decodeStatement,
  type StatedDay,
  verifyStatement,
} from '../telemetry/statement.ts';
import { dayStart_ms } from './calendar.ts';
import { type Interval, union } from './intervals.ts';

export interface VerifiedStatement {
  readonly gateway: string;
  readonly device: Device;
  readonly quantity: string;
  readonly month: string;
  readonly packs: DecodedStatement['packs'];
  readonly days: readonly DayReport[];
}

/** One stated day, with the time that its slots cover. */
export interface DayReport extends StatedDay {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly covered: readonly Interval[];
}

const DAY_MS = 86_400_000;

/** Throws `statement/*`, `cose/*`, `cbor/*` or `format/*`. */
export function verifyStatements(
  crypto: CryptoProvider,
  state: StateReader,
  chainId: Uint8Array,
  statements: readonly Uint8Array[],
): VerifiedStatement[] {
  const seen = new Set<string>();
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
    const { quantity, month, packs, slot_s } = statement;
    const name = `${statement.signer}/${device.id}/${quantity}/${month}`;
    if (seen.has(name)) throw new AppError('statement/twice', 'A month is stated twice.');
    seen.add(name);
    const days = statement.days.map((day) => toReport(day, month, slot_s));
    return { gateway: gateway.id, device, quantity, month, packs, days };
  });
}

function toReport(day: StatedDay, month: string, slot_s: number): DayReport {
  const from_ms = dayStart_ms(month, day.day);
  const slots: Interval[] = [];
  for (let slot = 0; slot < 86_400 / slot_s; slot += 1) {
    const byte = day.slots[Math.floor(slot / 8)] ?? 0;
    if (((byte >> (7 - (slot % 8))) & 1) === 0) continue;
    const start_ms = from_ms + slot * slot_s * 1000;
    slots.push({ from_ms: start_ms, to_ms: start_ms + slot_s * 1000 });
  }
  return { ...day, from_ms, to_ms: from_ms + DAY_MS, covered: union(slots) };
}
