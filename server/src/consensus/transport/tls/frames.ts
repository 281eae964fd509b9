// Frames on the wire (docs/formats.md §9): u32 length of the payload, big endian, one byte of kind, payload. A message goes in pieces
// of one size, so that a vote need not wait for a long message before it; pieces of different channels may alternate.

import { CHANNELS } from '../channels.ts';
import { type Channel, MESSAGE_BYTES_MAX } from '../port.ts';
import { peerError } from './peer-error.ts';

/** Every piece of a message but its last has exactly this size. */
export const PIECE_BYTES = 64 * 1024;
export const HEAD_BYTES = 5;

export const KIND = {
  consensus: 0x01,
  transactions: 0x02,
  blocks: 0x03,
  hello: 0x10,
  proof: 0x11,
  ping: 0x12,
  pong: 0x13,
  bye: 0x14,
} as const;
/** Added to the kind of a piece that is not the last of its message. */
const MORE = 0x80;

export type ControlKind = 'hello' | 'proof' | 'ping' | 'pong' | 'bye';

const CONTROL_BYTES_MAX: Readonly<Record<ControlKind, number>> = {
  hello: 512,
  proof: 64,
  ping: 0,
  pong: 0,
  bye: 64,
};

export type Frame =
  | { readonly kind: ControlKind; readonly payload: Uint8Array }
  | { readonly kind: Channel; readonly payload: Uint8Array; readonly more: boolean };

interface FrameKind {
  readonly kind: Frame['kind'];
  readonly more: boolean;
  readonly size_min: number;
  readonly size_max: number;
}

const KINDS = new Map<number, FrameKind>();
for (const kind of ['hello', 'proof', 'ping', 'pong', 'bye'] as const) {
  KINDS.set(KIND[kind], { kind, more: false, size_min: 0, size_max: CONTROL_BYTES_MAX[kind] });
}
for (const kind of CHANNELS) {
  KINDS.set(KIND[kind], { kind, more: false, size_min: 0, size_max: PIECE_BYTES });
  KINDS.set(KIND[kind] | MORE, { kind, more: true, size_min: PIECE_BYTES, size_max: PIECE_BYTES });
}

/** The five bytes before a payload. */
export function frameHead(kind: Frame['kind'], payload_bytes: number, more = false): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES);
  new DataView(head.buffer).setUint32(0, payload_bytes);
  head[4] = KIND[kind] | (more ? MORE : 0);
  return head;
}

/** Cuts a stream into frames. A head is judged before a byte of its payload is kept. */
export class FrameReader {
  readonly #head = new Uint8Array(HEAD_BYTES);
  #headFilled = 0;
  #frame: FrameKind | undefined;
  #payload = new Uint8Array(0);
  #filled = 0;

  /** Something has begun that is not complete. */
  get isWithinFrame(): boolean {
    return this.#headFilled > 0;
  }

  /** Gives each frame that is complete to `take`, which says whether to go on. Throws `peer/bad-frame`; read no further then. */
  push(chunk: Uint8Array, take: (frame: Frame) => boolean): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#frame === undefined) at += this.#readHead(chunk, at);
      if (this.#frame === undefined) return;
      const part = chunk.subarray(at, at + this.#payload.length - this.#filled);
      this.#payload.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (!this.#isComplete()) return;
      const { kind, more } = this.#frame;
      const payload = this.#payload;
      this.#frame = undefined;
      this.#headFilled = 0;
      if (!take({ kind, payload, more } as Frame)) return;
    }
  }

  #isComplete(): boolean {
    return this.#frame !== undefined && this.#filled === this.#payload.length;
  }

  /** How many bytes of the chunk it took. */
  #readHead(chunk: Uint8Array, at: number): number {
    const part = chunk.subarray(at, at + HEAD_BYTES - this.#headFilled);
    this.#head.set(part, this.#headFilled);
    this.#headFilled += part.length;
    if (this.#headFilled < HEAD_BYTES) return part.length;
    const size = new DataView(this.#head.buffer).getUint32(0);
    const frame = KINDS.get(this.#head[4]!);
    if (frame === undefined) {
      throw peerError('peer/bad-frame', `A frame has the unknown kind ${this.#head[4]}.`);
    }
    if (size > frame.size_max || size < frame.size_min) {
      throw peerError(
        'peer/bad-frame',
        `A frame of kind ${frame.kind} declares ${size} bytes; it may have ${frame.size_min} to ${frame.size_max}.`,
        { kind: frame.kind, bytes: size },
      );
    }
    this.#frame = frame;
    this.#payload = new Uint8Array(size);
    this.#filled = 0;
    return part.length;
  }
}

/** Puts the pieces of messages together again, each channel by itself. */
export class MessageAssembler {
  readonly #pieces: Readonly<Record<Channel, Uint8Array[]>> = {
    consensus: [],
    transactions: [],
    blocks: [],
  };

  /** The whole message with its last piece. Throws `peer/bad-frame` when it grows beyond what its channel allows. */
  add(channel: Channel, payload: Uint8Array, more: boolean): Uint8Array | undefined {
    const pieces = this.#pieces[channel];
    const size = pieces.length * PIECE_BYTES + payload.length;
    if (size > MESSAGE_BYTES_MAX[channel]) {
      throw peerError(
        'peer/bad-frame',
        `A message of channel ${channel} is larger than ${MESSAGE_BYTES_MAX[channel]} bytes.`,
        { channel, bytes: size },
      );
    }
    if (more) {
      pieces.push(payload);
      return undefined;
    }
    if (pieces.length === 0) return payload;
    const message = new Uint8Array(size);
    pieces.forEach((piece, i) => {
      message.set(piece, i * PIECE_BYTES);
    });
    message.set(payload, pieces.length * PIECE_BYTES);
    pieces.length = 0;
    return message;
  }
}
