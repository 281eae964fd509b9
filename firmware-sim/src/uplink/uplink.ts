// A device's way to its gateway: connect, send, and when the connection breaks, wait and begin again where the
// acknowledgements ended.

import type { IClientOptions } from 'mqtt';
import { systemClock, type WaitingClock } from '../clock/clock.ts';
import type { Device } from '../device/device.ts';
import type { Faults } from '../faults/faults.ts';
import { type RandomBytes, secureRandom } from '../random/random.ts';
import { createBackoff } from './backoff.ts';
import { runSession } from './session.ts';

export interface UplinkOptions {
  readonly device: Device;
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string;
  /** Packs on the way at a time. */
  readonly window?: number;
  readonly connectTimeout_ms?: number;
  readonly backoff_ms?: { readonly first: number; readonly longest: number };
  readonly tls?: Pick<IClientOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'>;
  readonly faults?: Faults;
  readonly clock?: WaitingClock;
  readonly random?: RandomBytes;
  /** Told each time a connection ends, with the reason; never a secret. */
  readonly onDisconnect?: (reason: string) => void;
}

export interface UplinkStatus {
  readonly connected: boolean;
  readonly connections: number;
  /** Packs sent, again ones included, and acknowledgements heard. */
  readonly sent: number;
  readonly acknowledged: number;
  readonly lastReason: string;
}

export interface Uplink {
  /**
   * Resolves once every pack signed so far is acknowledged, or when `signal` aborts. Rejects when the device was closed or its
   * journal failed.
   */
  drained(signal?: AbortSignal): Promise<void>;
  status(): UplinkStatus;
  /** Ends the connection; what was not acknowledged stays in the device's journal. */
  stop(): Promise<void>;
}

/** 16 packs of a kilobyte fill a rural uplink; more would only be sent again after a break. */
const WINDOW = 16;
const CONNECT_TIMEOUT_MS = 15_000;
const BACKOFF_MS = { first: 500, longest: 60_000 };

/** The topic on which a gateway expects the packs of a device. */
export function packTopic(deviceId: string): string {
  return `suyuan/v1/packs/${deviceId}`;
}

/** Starts sending at once and keeps trying until stopped. */
export function createUplink(options: UplinkOptions): Uplink {
  const { device, faults } = options;
  const clock = options.clock ?? systemClock;
  const stopper = new AbortController();
  const times_ms = options.backoff_ms ?? BACKOFF_MS;
  const backoff = createBackoff({
    first_ms: times_ms.first,
    longest_ms: times_ms.longest,
    random: options.random ?? secureRandom,
  });
  const status = { connected: false, connections: 0, sent: 0, acknowledged: 0, lastReason: '' };

  const oneConnection = async (): Promise<void> => {
    const session = new AbortController();
    const endSession = (): void => session.abort();
    stopper.signal.addEventListener('abort', endSession, { once: true });
    const nextOffline_ms = faults?.nextOffline_ms(clock.now_ms());
    if (nextOffline_ms !== undefined) {
      void clock.wait(nextOffline_ms - clock.now_ms(), session.signal).then(endSession);
    }
    status.lastReason = await runSession({
      device,
      url: options.url,
      topic: packTopic(device.id),
      window: options.window ?? WINDOW,
      connectTimeout_ms: options.connectTimeout_ms ?? CONNECT_TIMEOUT_MS,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      ...(faults === undefined ? {} : { faults }),
      signal: session.signal,
      onConnected: () => {
        status.connected = true;
        status.connections += 1;
      },
      onSent: () => {
        status.sent += 1;
      },
      onAcknowledged: () => {
        status.acknowledged += 1;
        // A broker that lets us in and out again without taking a pack is not well yet.
        backoff.reset();
      },
    });
    status.connected = false;
    session.abort();
    stopper.signal.removeEventListener('abort', endSession);
  };

  const run = async (): Promise<void> => {
    while (!stopper.signal.aborted) {
      const until_ms = faults?.offlineUntil_ms(clock.now_ms());
      if (until_ms !== undefined) {
        await clock.wait(until_ms - clock.now_ms(), stopper.signal);
        continue;
      }
      await oneConnection();
      if (stopper.signal.aborted) return;
      options.onDisconnect?.(status.lastReason);
      await clock.wait(backoff.next_ms(), stopper.signal);
    }
  };
  const running = run();

  return {
    drained: (signal) => device.outbox.below(1, signal),
    status: () => ({ ...status }),
    stop: async () => {
      stopper.abort();
      await running;
    },
  };
}
