// The way of a pack: decode, signature, replay window, limits, journal. `take` resolves when the pack may be acknowledged.

import {
  AppError,
  type DecodedPack,
  decodePack,
  type Hash,
  packId,
  packReadings,
  type Reading,
} from '@suyuan/contracts';
import type { Alarms } from '../alarms.ts';
import type { Batcher } from '../batch/batcher.ts';
import type { PackCounters } from '../counters.ts';
import { type AcceptedPack, FLAG, readingFlags, toAccepted } from './accepted-pack.ts';
import { type DeviceRegistry, firstAssigned_ms, type RegisteredDevice } from './device-registry.ts';
import type { DeviceState, DeviceStates } from './device-state.ts';
import type { InFlight } from './in-flight.ts';
import type { Quarantine } from './quarantine.ts';
import type { Verifier } from './verifier.ts';

/** A publication as it came from an authenticated connection. */
export interface Arrival {
  /** The device that the connection was authenticated for. */
  readonly deviceId: string;
  /** Where it came from, for a person: address and port. */
  readonly connection: string;
  readonly topic: string;
  readonly bytes: Uint8Array;
}

export interface PipelineParts {
  readonly hash: Hash;
  readonly now_ms: () => number;
  readonly registry: DeviceRegistry;
  readonly states: DeviceStates;
  readonly verifier: Verifier;
  readonly batcher: Batcher;
  readonly quarantine: Quarantine;
  readonly inFlight: InFlight;
  readonly counters: PackCounters;
  readonly alarms: Alarms;
  /** Told when a pack must wait for room, so that the open batch does not wait for more. */
  readonly onFull: () => void;
}

export type Outcome = 'taken' | 'duplicate' | 'quarantined';

/** Above this the number after a pack's would not be an exact integer. */
const NUMBER_MAX = Number.MAX_SAFE_INTEGER - 1;

export class Pipeline {
  readonly #parts: PipelineParts;
  #active = 0;
  #onIdle: (() => void) | undefined;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** Rejects only when the gateway itself fails or stops: then the pack must not be acknowledged. */
  async take(arrival: Arrival): Promise<Outcome> {
    const { counters, inFlight, onFull } = this.#parts;
    const { deviceId } = arrival;
    const size_bytes = arrival.bytes.length;
    counters.receive();
    try {
      const room = inFlight.enter(deviceId, size_bytes);
      if (room !== undefined) {
        onFull();
        await room;
      }
    } catch (error) {
      counters.giveBack();
      throw error;
    }
    this.#active += 1;
    try {
      const outcome = await this.#judge(arrival);
      if (outcome === 'quarantined') counters.quarantine();
      if (outcome === 'duplicate') counters.repeat();
      if (outcome !== 'taken') inFlight.leavePacks([arrival]);
      return outcome;
    } catch (error) {
      counters.giveBack();
      inFlight.leavePacks([arrival]);
      throw error;
    } finally {
      inFlight.leaveBytes(deviceId, size_bytes);
      this.#active -= 1;
      if (this.#active === 0) this.#onIdle?.();
    }
  }

  /** Resolves when nothing is between admission and acknowledgement. */
  async idle(): Promise<void> {
    while (this.#active > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
  }

  async #judge(arrival: Arrival): Promise<Outcome> {
    // Copied: the packet's buffer is a view of a socket read that would be kept alive by it.
    const bytes = new Uint8Array(arrival.bytes);
    const received_ms = Math.floor(this.#parts.now_ms());
    let claimed = '';
    try {
      const pack = decodePack(bytes);
      claimed = pack.deviceId;
      return await this.#admit(arrival, pack, received_ms);
    } catch (error) {
      if (!(error instanceof AppError) || error.code.startsWith('gateway/')) throw error;
      await this.#parts.quarantine.keep({
        received_ms,
        reason: error.code,
        claimed,
        device: arrival.deviceId,
        connection: arrival.connection,
        topic: arrival.topic,
        bytes,
      });
      return 'quarantined';
    }
  }

  /** Throws an AppError with the reason for quarantine. */
  async #admit(arrival: Arrival, pack: DecodedPack, received_ms: number): Promise<Outcome> {
    const { registry, states, verifier, alarms, hash } = this.#parts;
    const id = pack.deviceId;
    if (id !== arrival.deviceId) {
      alarms.raise('identity-abuse', arrival.deviceId, `It sent a pack of ${id}.`);
      throw new AppError('pack/other-device', 'The pack is of another device than the connection.');
    }
    const device = registry.find(id);
    if (device === undefined) {
      alarms.raise('unknown-device', id, 'The ledger does not know the device.');
      throw new AppError('device/unknown', 'Register the device on the ledger first.');
    }
    if (!device.active) {
      alarms.raise('revoked-device', id, 'A revoked device sent a pack.');
      throw new AppError('device/revoked', 'The device is revoked.');
    }
    if (pack.suite !== device.key.suite) {
      throw new AppError('pack/wrong-suite', 'The pack is not signed in the suite of its key.');
    }
    if (pack.seq > NUMBER_MAX || pack.bootEpoch > NUMBER_MAX) {
      throw new AppError('pack/bad-header', 'The number of the pack is too large to have a next.');
    }
    const state = states.of(id);
    const place = state.lane.enter(pack.bootEpoch, pack.seq);
    try {
      const valid = await verifier.verify(id, device.key, pack.signedBytes, pack.signature);
      if (!valid) {
        state.alarms += 1;
        alarms.raise('bad-signature', id, 'A pack is not signed by the registered key.');
        throw new AppError('pack/bad-signature', 'The signature does not verify.');
      }
      const readings = packReadings(pack);
      await state.lane.turn(place);
      // From here to the journal nothing waits: two copies of one pack cannot both be new.
      const judged = this.#number(state, device, pack, packId(hash, pack), readings, received_ms);
      state.lane.leave(place);
      await judged.durable;
      return judged.outcome;
    } finally {
      state.lane.leave(place);
    }
  }

  #number(
    state: DeviceState,
    device: RegisteredDevice,
    pack: DecodedPack,
    id: Uint8Array,
    readings: readonly Reading[],
    received_ms: number,
  ): { outcome: Outcome; durable: Promise<unknown> } {
    const { alarms, batcher, hash } = this.#parts;
    const link = { bootEpoch: pack.bootEpoch, seq: pack.seq, id, prev: pack.prev };
    const verdict = state.window.classify(link);
    if (verdict === 'duplicate') return { outcome: 'duplicate', durable: state.lastAppend };
    if (verdict === 'too-old') {
      throw new AppError('replay/too-old', 'The number is older than what is remembered.');
    }
    if (verdict === 'equivocation') {
      state.alarms += 1;
      alarms.raise(
        'equivocation',
        pack.deviceId,
        `Two packs have the number ${pack.seq} of start ${pack.bootEpoch}: the key may have been copied.`,
      );
      throw new AppError('replay/equivocation', 'Another pack came under this number.');
    }
    let flags = 0;
    const first_ms = firstAssigned_ms(device);
    for (const { time_ms } of readings) {
      flags |= readingFlags(time_ms, received_ms);
      if (time_ms < first_ms) flags |= FLAG.unassigned;
    }
    const accepted = toAccepted(hash, pack, id, readings, { received_ms, flags });
    const broken = state.take(accepted);
    if (broken) {
      state.alarms += 1;
      alarms.raise(
        'chain-break',
        pack.deviceId,
        `Pack ${pack.seq} does not follow the one before.`,
      );
    }
    if ((flags & FLAG.future) !== 0) {
      state.alarms += 1;
      alarms.raise('future-clock', pack.deviceId, 'The clock of the device runs ahead.');
    }
    const flagged: AcceptedPack = broken
      ? { ...accepted, flags: flags | FLAG.chainBreak }
      : accepted;
    const durable = batcher.add(flagged);
    // A rejection is seen by the pack itself; here it would be unhandled.
    durable.catch(() => {});
    state.lastAppend = durable;
    return { outcome: 'taken', durable };
  }
}
