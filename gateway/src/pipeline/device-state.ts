import { DeviceWindow, type WindowLimits } from './device-window.ts';
import { Lane } from './lane.ts';

/** What the gateway remembers of one registered device that has sent something. */
export class DeviceState {
  readonly id: string;
  readonly window: DeviceWindow;
  readonly lane = new Lane();
  /** Latest time of a reading, and when the gateway last took a pack; 0 before the first. */
  lastTime_ms = 0;
  lastReceived_ms = 0;
  alarms = 0;
  /** Resolves when the pack that was taken last is durable: a repeat of it must not be acknowledged before. */
  lastAppend: Promise<unknown> = Promise.resolve();

  constructor(id: string, limits: WindowLimits) {
    this.id = id;
    this.window = new DeviceWindow(limits);
  }

  /** Notes a pack that was taken; true if it contradicts the chain. */
  take(pack: {
    readonly bootEpoch: number;
    readonly seq: number;
    readonly id: Uint8Array;
    readonly prev: Uint8Array;
    readonly received_ms: number;
    readonly readings: readonly { readonly time_ms: number }[];
  }): boolean {
    for (const { time_ms } of pack.readings) {
      if (time_ms > this.lastTime_ms) this.lastTime_ms = time_ms;
    }
    if (pack.received_ms > this.lastReceived_ms) this.lastReceived_ms = pack.received_ms;
    return this.window.accept(pack);
  }
}

/** Devices by id. Bounded by the devices of the ledger: only a registered device gets a state. */
export class DeviceStates {
  readonly #limits: WindowLimits;
  readonly #states = new Map<string, DeviceState>();

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  of(id: string): DeviceState {
    let state = this.#states.get(id);
    if (state === undefined) {
      state = new DeviceState(id, this.#limits);
      this.#states.set(id, state);
    }
    return state;
  }

  all(): DeviceState[] {
    return [...this.#states.values()];
  }
}
