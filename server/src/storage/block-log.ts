// The truth of the ledger: every committed block, in order, in one append-only file. Of a node that was founded from a snapshot the
// blocks above that.

import { join } from 'node:path';
import {
  AppError,
  BLOCK_SIZE_BYTES_MAX,
  type Block,
  decodeBlock,
  decodeHeader,
  encodeBlock,
} from '@suyuan/contracts';
import { type DiskPort, openRecordLog, type TailNotice } from '@suyuan/durable';

/** Blocks appended at once: as many as one certificate may stand for. */
const RUN_BLOCKS_MAX = 32;

export interface BlockLog {
  /** The height that the first block stands upon: 0, or that of the snapshot which the node was founded on. */
  readonly base: number;
  /** The height of the last block; `base` when there is none. */
  readonly height: number;
  /** Block `height`, from `base` + 1; undefined where the log has none. Throws `durable/damaged`. */
  read(height: number): Block | undefined;
  /** Appends the next blocks under one sync; durable on return. A crash before may leave the first ones. Throws `durable/failed`. */
  append(blocks: readonly Block[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens the log, which begins above `base`, and checks every record. Throws `durable/*` or `snapshot/other-base`. */
export async function openBlockLog(
  directory: string,
  options: {
    readonly disk?: DiskPort | undefined;
    readonly onTail: (notice: TailNotice) => void;
    readonly base?: number;
  },
): Promise<BlockLog> {
  const { base = 0 } = options;
  // Position of block h at h − base − 1.
  const positions: number[] = [];
  let first: number | undefined;
  const log = await openRecordLog(
    {
      path: join(directory, 'blocks.log'),
      maxRecord_bytes: BLOCK_SIZE_BYTES_MAX,
      maxQueue_bytes: RUN_BLOCKS_MAX * BLOCK_SIZE_BYTES_MAX,
      onTail: options.onTail,
      ...(options.disk === undefined ? {} : { disk: options.disk }),
    },
    (block, position) => {
      first ??= decodeHeader(decodeBlock(block).header).height;
      positions.push(position);
    },
  );
  if (first !== undefined && first !== base + 1) {
    await log.close();
    throw new AppError(
      'snapshot/other-base',
      `The block log begins with block ${first}, the state with block ${base + 1}: the node was founded from a snapshot, and its state can be rebuilt from another snapshot only. Move ${directory} away and start with an empty one, on another snapshot. A validator keeps its key and its guard file.`,
      { log: first, state: base + 1 },
    );
  }
  return {
    base,
    get height() {
      return base + positions.length;
    },
    read(height) {
      const position = positions[height - base - 1];
      return position === undefined ? undefined : decodeBlock(log.readNow(position));
    },
    async append(blocks) {
      positions.push(...(await log.appendMany(blocks.map(encodeBlock))));
    },
    close: log.close,
  };
}
