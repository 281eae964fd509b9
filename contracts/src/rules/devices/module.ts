// devices: keys of sensors, where they stand since when, revocation (docs/formats.md §5).

import Type from 'typebox';
import type { CborObject } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import { publicKeyToValue, toPublicKey } from '../../ledger/public-key.ts';
import { DEVICE_ASSIGNMENTS_MAX } from '../../limits.ts';
import { isQuantity } from '../../telemetry/quantities.ts';
import { getAccount } from '../accounts/record.ts';
import {
  ADMITTING_ROLES,
  recordedTime_ms,
  requireHolderOrAdmitting,
  requireOwnPlace,
  requireRole,
} from '../permissions.ts';
import { requirePlace } from '../places/place.ts';
import { AccountId, Closed, DeviceId, Gln, PublicKeyValue, Time_ms } from '../schema.ts';
import { defineAction, type RuleContext, type RuleModule, type StateReader } from '../types.ts';
import { type Assignment, type Device, deviceKey, getDevice } from './device.ts';

function requireActiveDevice(state: StateReader, id: string): Device {
  const device = getDevice(state, id);
  if (device === undefined)
    throw new AppError('devices/unknown', 'There is no such device; register it first.', { id });
  if (device.status !== 'active')
    throw new AppError('devices/revoked', 'The device is revoked for good.', { id });
  return device;
}

/** The assignments after the device moves to `place` at `from`. */
function moved(assignments: readonly Assignment[], place: string, from: number): Assignment[] {
  const last = assignments.at(-1);
  if (last === undefined) return [{ place, from }];
  if (from < last.from) {
    throw new AppError('devices/backwards', 'The device already stood elsewhere after that time.', {
      from: last.from,
    });
  }
  if (assignments.length >= DEVICE_ASSIGNMENTS_MAX) {
    throw new AppError(
      'devices/too-many-moves',
      'The device has moved too often; register it under a new id.',
    );
  }
  return [...assignments.slice(0, -1), { ...last, to: from }, { place, from }];
}

const register = defineAction(
  Closed({
    id: DeviceId,
    key: PublicKeyValue,
    holder: AccountId,
    interval_s: Type.Integer({ minimum: 1, maximum: 86_400 }),
    quantities: Type.Array(Type.String({ maxLength: 32 }), { minItems: 1, maxItems: 8 }),
    place: Type.Optional(Gln),
    from: Type.Optional(Time_ms),
    model: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    calibratedUntil: Type.Optional(Time_ms),
  }),
  (state, p, ctx) => {
    requireHolderOrAdmitting(ctx, p.holder);
    if (getAccount(state, p.holder) === undefined) {
      throw new AppError('accounts/unknown', 'The holder has no account; register it first.', {
        id: p.holder,
      });
    }
    if (getDevice(state, p.id) !== undefined) {
      throw new AppError('devices/exists', 'A device with this id exists; use another id.', {
        id: p.id,
      });
    }
    if (!p.quantities.every(isQuantity)) {
      throw new AppError(
        'devices/unknown-quantity',
        'A device reports temperature, humidity, mass or battery.',
      );
    }
    const device: Device = {
      id: p.id,
      key: publicKeyToValue(toPublicKey(p.key)),
      holder: p.holder,
      interval_s: p.interval_s,
      quantities: p.quantities,
      status: 'active',
      assignments:
        p.place === undefined ? [] : [firstAssignment(state, ctx, { ...p, place: p.place })],
      ...(p.model === undefined ? {} : { model: p.model }),
      ...(p.calibratedUntil === undefined ? {} : { calibratedUntil: p.calibratedUntil }),
      registeredBy: ctx.signer.id,
    };
    return changed(device, 'devices.registered', ctx);
  },
);

function firstAssignment(
  state: StateReader,
  ctx: RuleContext,
  p: { readonly place: string; readonly holder: string; readonly from?: number },
): Assignment {
  requireOwnPlace(ctx, requirePlace(state, p.place), p.holder);
  return { place: p.place, from: recordedTime_ms(ctx, p.from) };
}

const assign = defineAction(
  Closed({ id: DeviceId, place: Gln, from: Type.Optional(Time_ms) }),
  (state, p, ctx) => {
    const device = requireActiveDevice(state, p.id);
    requireHolderOrAdmitting(ctx, device.holder);
    requireOwnPlace(ctx, requirePlace(state, p.place), device.holder);
    // What a device has reported since its last move was shown as that room's: only who admits may correct it backwards.
    if (p.from !== undefined && p.from < ctx.time_ms) requireRole(ctx, ADMITTING_ROLES);
    const from = recordedTime_ms(ctx, p.from);
    return changed(
      { ...device, assignments: moved(device.assignments, p.place, from) },
      'devices.assigned',
      ctx,
    );
  },
);

const revoke = defineAction(Closed({ id: DeviceId }), (state, p, ctx) => {
  const device = requireActiveDevice(state, p.id);
  requireHolderOrAdmitting(ctx, device.holder);
  return changed({ ...device, status: 'revoked', revokedAt: ctx.time_ms }, 'devices.revoked', ctx);
});

function changed(device: Device, type: string, ctx: RuleContext) {
  return {
    writes: [{ key: deviceKey(device.id), value: device as unknown as CborObject }],
    events: [{ type, data: { id: device.id, by: ctx.signer.id } }],
  };
}

export const devices: RuleModule = {
  name: 'devices',
  version: 1,
  actions: { register, assign, revoke },
};
