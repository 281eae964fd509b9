import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { bytesToBase64url, encodeToken } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { packsTopic } from '@suyuan/gateway';
import type { BenchDevice } from '../signer.ts';
import { AckReader, connectPacket, publishPacket } from './mqtt-wire.ts';

/** Packs of one device that may wait for their acknowledgement. */
const WINDOW = 20;
const TOKEN_LIFETIME_S = 600;

/** One device and its connection. */
export class DeviceConnection {
  readonly #device: BenchDevice;
  readonly #socket: Socket;
  readonly #acks = new AckReader();
  #packets: Buffer[] = [];
  #numbered = 0;
  #sent = 0;
  #acked = 0;
  #finish: (() => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  private constructor(device: BenchDevice, socket: Socket) {
    this.#device = device;
    this.#socket = socket;
  }

  static async open(device: BenchDevice, port: number): Promise<DeviceConnection> {
    const socket = createConnection({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    const token = encodeToken(nodeCrypto, {
      secret: device.secret,
      deviceId: device.id,
      now_ms: Date.now(),
      lifetime_s: TOKEN_LIFETIME_S,
      nonce: crypto.getRandomValues(new Uint8Array(16)),
    });
    socket.write(connectPacket(device.id, bytesToBase64url(token)));
    const [connack] = (await once(socket, 'data')) as [Buffer];
    const connection = new DeviceConnection(device, socket);
    if (connection.#acks.read(connack) !== 1) throw new Error('no CONNACK');
    socket.on('data', (chunk: Buffer) => connection.#receive(chunk));
    const lost = (): void => connection.#fail?.(new Error(`${device.id} lost its connection`));
    socket.on('error', lost);
    socket.on('close', lost);
    return connection;
  }

  /** Signs `packs` of so many readings, to be sent by `run`. */
  sign(packs: number, readings: number): void {
    const now_ms = Date.now();
    this.prepare(
      Array.from({ length: packs }, (_, i) =>
        this.#device.sign(readings, now_ms - (packs - i) * readings * 1000),
      ),
    );
  }

  /** Makes the packets of these packs, to be sent by `run`. */
  prepare(packs: readonly Uint8Array[]): void {
    const topic = packsTopic(this.#device.id);
    this.#packets = packs.map((pack) => {
      this.#numbered += 1;
      return publishPacket(topic, this.#numbered, pack);
    });
    this.#sent = 0;
    this.#acked = 0;
  }

  /** Sends all and resolves when all are acknowledged. */
  async run(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
      this.#send();
    });
    this.#fail = undefined;
    return this.#acked;
  }

  #receive(chunk: Buffer): void {
    try {
      this.#acked += this.#acks.read(chunk);
    } catch (error) {
      this.#fail?.(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (this.#acked === this.#packets.length) this.#finish?.();
    else this.#send();
  }

  #send(): void {
    const until = Math.min(this.#acked + WINDOW, this.#packets.length);
    if (this.#sent === until) return;
    this.#socket.cork();
    for (; this.#sent < until; this.#sent += 1) {
      const packet = this.#packets[this.#sent];
      if (packet !== undefined) this.#socket.write(packet);
    }
    this.#socket.uncork();
  }

  close(): void {
    this.#socket.destroy();
  }
}
