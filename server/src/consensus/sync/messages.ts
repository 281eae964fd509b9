// The messages of the channel `blocks` (docs/formats.md §9), decoded but not yet believed.

import {
  AppError,
  asArray,
  asBytes,
  asUint,
  type CborValue,
  decodeCbor,
  encodeCbor,
} from '@suyuan/contracts';

/** Where a node stands. */
export interface StatusMessage {
  readonly type: 'status';
  /** Of its newest committed block; 0 before the first. */
  readonly height: number;
  /** 32 bytes: the newest block, the chain id before the first. */
  readonly blockHash: Uint8Array;
  /** Of the block after it. */
  readonly epoch: number;
  /** Its log begins with the block after this height; 0 unless it was founded from a snapshot. */
  readonly base: number;
}

/** Asks for blocks of a log from this height on. */
export interface GetMessage {
  readonly type: 'get';
  readonly from: number;
  readonly max_bytes: number;
}

/** The answer: encoded blocks one after the other, as many as fit; none when there is none. */
export interface BlocksMessage {
  readonly type: 'blocks';
  readonly from: number;
  readonly blocks: readonly Uint8Array[];
}

/** Asks for a piece of a snapshot: `id` and `index` 0 for the first of a new one, else those that go on from the last answer. */
export interface GetPieceMessage {
  readonly type: 'get-piece';
  readonly id: number;
  readonly index: number;
}

/** The answer; a null piece: there is no such snapshot here, or no room for another. */
export interface PieceMessage {
  readonly type: 'piece';
  readonly id: number;
  readonly index: number;
  readonly piece: Uint8Array | null;
}

export type SyncMessage =
  | StatusMessage
  | GetMessage
  | BlocksMessage
  | GetPieceMessage
  | PieceMessage;

const BLOCKS_MAX = 4_096;

export function encodeSyncMessage(message: SyncMessage): Uint8Array {
  switch (message.type) {
    case 'status': {
      const { height, blockHash, epoch, base } = message;
      return encodeCbor(['status', height, blockHash, epoch, base]);
    }
    case 'get':
      return encodeCbor(['get', message.from, message.max_bytes]);
    case 'blocks':
      return encodeCbor(['blocks', message.from, message.blocks]);
    case 'get-piece':
      return encodeCbor(['get-piece', message.id, message.index]);
    case 'piece':
      return encodeCbor(['piece', message.id, message.index, message.piece]);
  }
}

/** Throws `cbor/*` or `format/invalid`. */
export function decodeSyncMessage(bytes: Uint8Array): SyncMessage {
  const items = asArray(decodeCbor(bytes), 'message', 5, 3);
  switch (items[0]) {
    case 'status':
      return {
        type: 'status',
        height: asUint(field(items, 1, 5), 'height'),
        blockHash: asBytes(items[2], 'block hash', 32),
        epoch: asUint(items[3], 'epoch'),
        base: asUint(items[4], 'base'),
      };
    case 'get':
      return {
        type: 'get',
        from: asUint(field(items, 1, 3), 'from'),
        max_bytes: asUint(items[2], 'most bytes'),
      };
    case 'blocks':
      return {
        type: 'blocks',
        from: asUint(field(items, 1, 3), 'from'),
        blocks: asArray(items[2], 'blocks', BLOCKS_MAX).map((block) => asBytes(block, 'block')),
      };
    case 'get-piece':
      return {
        type: 'get-piece',
        id: asUint(field(items, 1, 3), 'id'),
        index: asUint(items[2], 'index'),
      };
    case 'piece':
      return {
        type: 'piece',
        id: asUint(field(items, 1, 4), 'id'),
        index: asUint(items[2], 'index'),
        piece: items[3] === null ? null : asBytes(items[3], 'piece'),
      };
    default:
      throw new AppError('format/invalid', 'Give a message of the channel blocks.');
  }
}

/** Item `index` of a message that has `count`. */
function field(items: readonly CborValue[], index: number, count: number): CborValue | undefined {
  if (items.length !== count) {
    throw new AppError('format/invalid', `Give a message of ${count} fields.`);
  }
  return items[index];
}
