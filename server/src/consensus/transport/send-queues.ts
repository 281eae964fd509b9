// What waits to be sent to one peer: a bounded queue a channel, emptied in turns by weight, so that votes go first and nothing starves.

import { CHANNELS } from './channels.ts';
import type { Channel } from './port.ts';

export interface QueueLimits {
  readonly messages: number;
  readonly bytes: number;
}

export type ChannelQueueLimits = Readonly<Record<Channel, QueueLimits>>;

const MIB = 1024 * 1024;

/** Each holds at least two messages of the greatest size, and every vote and certificate of many slots. */
export const QUEUE_LIMITS: ChannelQueueLimits = {
  consensus: { messages: 4096, bytes: 16 * MIB },
  transactions: { messages: 1024, bytes: 8 * MIB },
  blocks: { messages: 64, bytes: 16 * MIB },
};

/** Bytes of a channel that go before the others have their turn. */
const TURN_BYTES: Readonly<Record<Channel, number>> = {
  consensus: 512 * 1024,
  blocks: 192 * 1024,
  transactions: 96 * 1024,
};

/** What a message costs of its turn however small it is. */
const PIECE_COST_BYTES = 64;

/** A part of a message; `last` when nothing of it follows. */
export interface Piece {
  readonly channel: Channel;
  readonly bytes: Uint8Array;
  readonly last: boolean;
}

interface Line {
  readonly messages: Uint8Array[];
  /** Of the first message, how much is gone. */
  sent_bytes: number;
  waiting_bytes: number;
  turn_bytes: number;
}

export class SendQueues {
  readonly #limits: ChannelQueueLimits;
  readonly #lines: Readonly<Record<Channel, Line>> = {
    consensus: emptyLine('consensus'),
    blocks: emptyLine('blocks'),
    transactions: emptyLine('transactions'),
  };

  constructor(limits: ChannelQueueLimits = QUEUE_LIMITS) {
    this.#limits = limits;
  }

  get waiting_bytes(): number {
    return CHANNELS.reduce((sum, channel) => sum + this.#lines[channel].waiting_bytes, 0);
  }

  get isEmpty(): boolean {
    return CHANNELS.every((channel) => this.#lines[channel].messages.length === 0);
  }

  waiting(channel: Channel): QueueLimits {
    const line = this.#lines[channel];
    return { messages: line.messages.length, bytes: line.waiting_bytes };
  }

  /** False if there is no room: the queue is as it was. */
  push(channel: Channel, message: Uint8Array): boolean {
    const line = this.#lines[channel];
    const limits = this.#limits[channel];
    if (line.messages.length >= limits.messages) return false;
    if (line.waiting_bytes + message.length > limits.bytes) return false;
    line.messages.push(message);
    line.waiting_bytes += message.length;
    return true;
  }

  /** Takes the next piece out, of at most so many bytes. */
  next(pieceSize_bytes: number): Piece | undefined {
    if (this.isEmpty) return undefined;
    for (;;) {
      for (const channel of CHANNELS) {
        const line = this.#lines[channel];
        if (line.messages.length > 0 && line.turn_bytes > 0)
          return take(line, channel, pieceSize_bytes);
      }
      for (const channel of CHANNELS) {
        const line = this.#lines[channel];
        line.turn_bytes = Math.min(line.turn_bytes, 0) + TURN_BYTES[channel];
      }
    }
  }

  /** Drops what waits; of a message that is partly gone, the rest stays, or the peer would wait for it. */
  drop(channel: Channel): void {
    const line = this.#lines[channel];
    const kept = line.sent_bytes > 0 ? 1 : 0;
    line.messages.length = Math.min(line.messages.length, kept);
    line.waiting_bytes = kept === 1 ? line.messages[0]!.length - line.sent_bytes : 0;
  }
}

function emptyLine(channel: Channel): Line {
  return { messages: [], sent_bytes: 0, waiting_bytes: 0, turn_bytes: TURN_BYTES[channel] };
}

function take(line: Line, channel: Channel, size_bytes: number): Piece {
  const message = line.messages[0]!;
  const bytes = message.subarray(line.sent_bytes, line.sent_bytes + size_bytes);
  line.sent_bytes += bytes.length;
  line.waiting_bytes -= bytes.length;
  line.turn_bytes -= bytes.length + PIECE_COST_BYTES;
  const last = line.sent_bytes === message.length;
  if (last) {
    line.messages.shift();
    line.sent_bytes = 0;
  }
  return { channel, bytes, last };
}
