// One connection, from CONNECT to its end. A new MQTT client each time: its memory of the last connection is the one thing
// that could send a pack out of order or lose it (mqtt.js #2015), so it gets none, and the outbox says what is to be sent.

import { bytesToBase64url } from '@suyuan/contracts';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { Device } from '../device/device.ts';
import type { OutboxEntry } from '../device/outbox.ts';
import type { Faults } from '../faults/faults.ts';

export interface SessionOptions {
  readonly device: Device;
  readonly url: string;
  readonly topic: string;
  /** Packs sent and not acknowledged at any time. */
  readonly window: number;
  readonly connectTimeout_ms: number;
  readonly tls?: Pick<IClientOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'>;
  readonly faults?: Faults;
  /** Ends the session; it sends nothing more. */
  readonly signal: AbortSignal;
  readonly onConnected: () => void;
  readonly onSent: () => void;
  readonly onAcknowledged: () => void;
}

const STOPPED = 'stopped';
const FAREWELL_MS = 1000;

/** Resolves with the reason, in a few words, when the connection is over. Never rejects. */
export function runSession(options: SessionOptions): Promise<string> {
  const { device, signal } = options;
  return new Promise((resolve) => {
    const client = mqtt.connect(options.url, {
      ...options.tls,
      clientId: device.id,
      username: device.id,
      password: bytesToBase64url(device.token()),
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      connectTimeout: options.connectTimeout_ms,
      keepalive: 30,
    });
    let over = false;
    let reason = 'the connection was closed';
    let unsubscribe: () => void = () => {};

    const end = (why: string): void => {
      if (over) return;
      over = true;
      reason = why;
      signal.removeEventListener('abort', stop);
      unsubscribe();
      if (why !== STOPPED || !client.connected || pump.inFlight() > 0) {
        client.end(true, () => resolve(reason));
        return;
      }
      // A farewell in good order, unless the broker has stopped listening.
      const impatience = setTimeout(() => client.stream.destroy(), FAREWELL_MS);
      client.end(false, () => {
        clearTimeout(impatience);
        resolve(reason);
      });
    };
    const stop = (): void => end(STOPPED);
    const pump = createPump(options, client, end, () => over);

    client.on('connect', () => {
      options.onConnected();
      unsubscribe = device.outbox.subscribe(pump.wake);
      pump.wake();
    });
    client.on('error', (error) => end(error.message));
    client.on('close', () => end(reason));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}

/** Sends what the window allows, in the outbox's order; called again whenever there may be more to do. */
function createPump(
  options: SessionOptions,
  client: MqttClient,
  end: (why: string) => void,
  isOver: () => boolean,
): { wake(): void; inFlight(): number } {
  const { device, faults } = options;
  const { outbox } = device;
  let cursor = -1;
  let inFlight = 0;
  let running = false;
  let heldBack: OutboxEntry | undefined;

  const publish = (bytes: Uint8Array, entry: OutboxEntry | undefined): void => {
    inFlight += 1;
    client.publish(options.topic, toBuffer(bytes), { qos: 1 }, (error) => {
      inFlight -= 1;
      if (isOver()) return;
      if (error) return end(error.message);
      if (entry !== undefined) {
        outbox.acknowledge(entry);
        options.onAcknowledged();
      }
      pump();
    });
  };

  const send = async (entry: OutboxEntry): Promise<void> => {
    const pack = await outbox.bytesOf(entry);
    if (isOver()) return;
    const frames = faults?.frames(pack, device.twinOf) ?? [{ bytes: pack, settles: true }];
    for (const frame of frames) publish(frame.bytes, frame.settles ? entry : undefined);
    options.onSent();
    if (faults?.cuts() === true) end('cut by the fault plan');
  };

  const run = async (): Promise<void> => {
    while (!isOver() && inFlight < options.window) {
      const entry = outbox.nextAfter(cursor);
      if (entry === undefined) {
        if (heldBack === undefined) return;
        const late = heldBack;
        heldBack = undefined;
        await send(late);
        continue;
      }
      cursor = entry.ordinal;
      if (heldBack === undefined && faults?.holdsBack() === true) {
        heldBack = entry;
        continue;
      }
      await send(entry);
      if (heldBack !== undefined && !isOver()) {
        const late = heldBack;
        heldBack = undefined;
        await send(late);
      }
    }
  };

  const pump = (): void => {
    if (running || isOver()) return;
    running = true;
    run()
      .catch((error: unknown) => end(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        running = false;
        // Whatever came while the last send was awaited.
        if (!isOver() && inFlight < options.window && outbox.nextAfter(cursor) !== undefined)
          pump();
      });
  };
  return { wake: pump, inFlight: () => inFlight };
}

/** The same bytes as a Buffer, which the MQTT client insists on. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
