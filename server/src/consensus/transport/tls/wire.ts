// One TLS connection: frames in, frames out. Writes only as fast as the other reads, keeps no more than its queues allow, and ends
// when a frame that has begun does not end.

import type { TLSSocket } from 'node:tls';
import type { NodeClock } from '../../../engine/clock.ts';
import type { Channel } from '../port.ts';
import { SendQueues } from '../send-queues.ts';
import { type ControlKind, type Frame, FrameReader, frameHead, PIECE_BYTES } from './frames.ts';
import type { PeerLimits } from './limits.ts';
import { type PeerError, peerError, toPeerError } from './peer-error.ts';

/** Handed to the socket and not yet taken by the system: beyond it the rest waits in the queues, where votes still overtake. */
const IN_SOCKET_BYTES = 2 * PIECE_BYTES;

export interface WireHandlers {
  /** May throw `peer/*`, which ends the connection. */
  onFrame(frame: Frame): void;
  /** Once. */
  onClosed(reason: PeerError): void;
}

export class Wire {
  readonly #socket: TLSSocket;
  readonly #clock: NodeClock;
  readonly #limits: PeerLimits;
  readonly #handlers: WireHandlers;
  readonly #reader = new FrameReader();
  readonly #queues: SendQueues;
  #isClosed = false;
  #inSocket_bytes = 0;
  #scheduled: NodeJS.Immediate | undefined;
  #frames = 0;
  #cancelFrameTimer: (() => void) | undefined;
  #cancelPause: (() => void) | undefined;
  /** Grows with everything that comes in, or that the other takes off: as long as it grows, somebody is there. */
  #signs = 0;

  constructor(
    socket: TLSSocket,
    parts: { readonly clock: NodeClock; readonly limits: PeerLimits },
    handlers: WireHandlers,
  ) {
    this.#socket = socket;
    this.#clock = parts.clock;
    this.#limits = parts.limits;
    this.#queues = new SendQueues(parts.limits.queues);
    this.#handlers = handlers;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    socket.on('error', (cause) => this.close(closedBy(cause), false));
    socket.on('end', () => this.close(closedBy(undefined), false));
    socket.on('close', () => this.close(closedBy(undefined), false));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isPaused(): boolean {
    return this.#cancelPause !== undefined;
  }

  get signsOfLife(): number {
    return this.#signs;
  }

  get queues(): SendQueues {
    return this.#queues;
  }

  /** A frame of the connection itself, before everything that waits. */
  sendControl(kind: ControlKind, payload: Uint8Array = new Uint8Array(0)): void {
    if (this.#isClosed) return;
    this.#write([frameHead(kind, payload.length), payload]);
  }

  /** False if the queue of the channel is full. */
  send(channel: Channel, message: Uint8Array): boolean {
    if (this.#isClosed || !this.#queues.push(channel, message)) return false;
    // What is sent within one turn shares a write.
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      this.#flush();
    });
    return true;
  }

  /** Reads nothing for a while. */
  pause(duration_ms: number): void {
    if (this.#isClosed) return;
    this.#cancelPause?.();
    this.#socket.pause();
    this.#cancelPause = this.#clock.setTimer(() => {
      this.#cancelPause = undefined;
      this.#socket.resume();
    }, duration_ms);
  }

  /** `tell`: the other side is told the code, if it still reads. */
  close(reason: PeerError, tell: boolean): void {
    if (this.#isClosed) return;
    if (tell) this.sendControl('bye', Buffer.from(reason.code, 'latin1'));
    this.#isClosed = true;
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    this.#cancelFrameTimer?.();
    this.#cancelPause?.();
    this.#cancelPause = undefined;
    if (tell) {
      // What still comes is read and thrown away, or the other end would be reset before it has read why.
      this.#socket.resume();
      const cancel = this.#clock.setTimer(() => this.#socket.destroy(), this.#limits.linger_ms);
      this.#socket.once('close', cancel);
      this.#socket.end();
    } else {
      this.#socket.destroy();
    }
    this.#handlers.onClosed(reason);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    if (this.#isClosed) return;
    this.#signs += 1;
    try {
      this.#reader.push(chunk, (frame) => {
        this.#frames += 1;
        this.#handlers.onFrame(frame);
        return !this.#isClosed;
      });
    } catch (error) {
      this.close(toPeerError(error), true);
    }
    if (!this.#isClosed && this.#reader.isWithinFrame) this.#awaitFrame();
  }

  #awaitFrame(): void {
    if (this.#cancelFrameTimer !== undefined) return;
    const before = this.#frames;
    this.#cancelFrameTimer = this.#clock.setTimer(() => {
      this.#cancelFrameTimer = undefined;
      if (!this.#reader.isWithinFrame) return;
      if (this.#frames !== before || this.isPaused) this.#awaitFrame();
      else this.close(peerError('peer/too-slow', 'A frame began and did not end in time.'), true);
    }, this.#limits.frame_ms);
  }

  #flush(): void {
    while (!this.#isClosed && this.#inSocket_bytes < IN_SOCKET_BYTES && !this.#queues.isEmpty) {
      const parts: Uint8Array[] = [];
      let size = 0;
      while (size < PIECE_BYTES) {
        const piece = this.#queues.next(PIECE_BYTES);
        if (piece === undefined) break;
        parts.push(frameHead(piece.channel, piece.bytes.length, !piece.last), piece.bytes);
        size += piece.bytes.length;
      }
      this.#write(parts);
    }
  }

  #write(parts: readonly Uint8Array[]): void {
    const bytes = Buffer.concat(parts);
    this.#inSocket_bytes += bytes.length;
    this.#socket.write(bytes, (error) => {
      this.#inSocket_bytes -= bytes.length;
      if (error) return;
      // Only where more waits: the system takes the first bytes for a peer that is long gone, too.
      if (!this.#queues.isEmpty) this.#signs += 1;
      this.#flush();
    });
  }
}

function closedBy(cause: Error | undefined): PeerError {
  const why = cause === undefined ? '' : `: ${cause.message}`;
  return peerError(
    'peer/closed',
    `The other side or the network ended the connection${why}.`,
    {},
    cause,
  );
}
