// The stream that the broker sees instead of the socket: only packets that the scanner passed come out of it. Nothing after
// CONNECT comes out before `admit()`.

import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type AppError, isAppError } from '@suyuan/contracts';
import { addressKey } from './address.ts';
import { PacketScanner, type ScannerLimits } from './packet-scanner.ts';

/** Same as a socket's own: one read. */
const READ_AHEAD_BYTES = 64 * 1024;
const CONNACK = 0x20;
/** For the last bytes to a peer that does not read. */
const LINGER_MS = 1000;

export class GuardedConnection extends Duplex {
  readonly #socket: Socket;
  readonly #scanner: PacketScanner;
  readonly #onRefused: (error: AppError) => void;
  /** Address and port, for a person. */
  readonly address: string;
  /** Whom limits and alarms count. */
  readonly source: string;
  #admitted = false;
  /** What came with the CONNECT, after it. At most one read. */
  #held: Uint8Array | undefined;

  constructor(socket: Socket, limits: ScannerLimits, onRefused: (error: AppError) => void) {
    super({ readableHighWaterMark: READ_AHEAD_BYTES, allowHalfOpen: false });
    this.#socket = socket;
    this.#scanner = new PacketScanner(limits);
    this.#onRefused = onRefused;
    this.source = addressKey(socket.remoteAddress ?? '?');
    this.address = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    socket.pause();
  }

  /** The connection is authenticated: lets the rest through. */
  admit(): void {
    if (this.#admitted) return;
    this.#admitted = true;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && held.length > 0) this.#receive(held);
    else this.#socket.resume();
  }

  #receive(chunk: Uint8Array): void {
    if (this.destroyed) return;
    if (this.#held !== undefined) {
      // A socket may hand out one more read after it was paused.
      this.#held = Buffer.concat([this.#held, chunk]);
      return;
    }
    let end: number;
    try {
      end = this.#scanner.scan(chunk);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    const waits = this.#scanner.connectDone && !this.#admitted;
    if (waits) this.#held = chunk.subarray(end);
    const room = this.push(waits ? chunk.subarray(0, end) : chunk);
    if (!room || waits) this.#socket.pause();
  }

  #refuse(error: unknown): void {
    if (!isAppError(error)) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#onRefused(error);
    const { connack } = error.details;
    if (typeof connack === 'number') {
      this.#socket.write(Uint8Array.of(CONNACK, 2, 0, connack));
    }
    this.destroy();
  }

  override _read(): void {
    if (this.#held === undefined) this.#socket.resume();
  }

  override _write(
    chunk: Uint8Array,
    _encoding: string,
    done: (error?: Error | null) => void,
  ): void {
    if (this.#socket.write(chunk)) done();
    else this.#socket.once('drain', () => done());
  }

  override _writev(
    chunks: { chunk: Uint8Array; encoding: string }[],
    done: (error?: Error | null) => void,
  ): void {
    // The broker writes an acknowledgement in several pieces; they go out as one.
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#held = undefined;
    if (this.#socket.writableLength === 0) {
      this.#socket.destroy();
    } else {
      this.#socket.destroySoon();
      setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
    }
    done(error);
  }
}
