// The truth of the ledger: every committed block, in order, in one append-only file.

import { join } from 'node:path';
import { BLOCK_SIZE_BYTES_MAX, type Block, decodeBlock, encodeBlock } from '@suyuan/contracts';
import { type DiskPort, openRecordLog, type TailNotice } from '@suyuan/durable';

/** Blocks appended at once: as many as one certificate may stand for. */
const RUN_BLOCKS_MAX = 32;

export interface BlockLog {
  /** Blocks in the log: the height of the last one. */
  readonly length: number;
  /** Block `height`, from 1; undefined beyond the log. Throws `durable/damaged`. */
  read(height: number): Block | undefined;
  /** Appends the next blocks under one sync; durable on return. A crash before may leave the first ones. Throws `durable/failed`. */
  append(blocks: readonly Block[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens the log and checks every record. Throws `durable/*`. */
export async function openBlockLog(
  directory: string,
  options: { readonly disk?: DiskPort | undefined; readonly onTail: (notice: TailNotice) => void },
): Promise<BlockLog> {
  // Position of block h at h − 1.
  const positions: number[] = [];
  const log = await openRecordLog(
    {
      path: join(directory, 'blocks.log'),
      maxRecord_bytes: BLOCK_SIZE_BYTES_MAX,
      maxQueue_bytes: RUN_BLOCKS_MAX * BLOCK_SIZE_BYTES_MAX,
      onTail: options.onTail,
      ...(options.disk === undefined ? {} : { disk: options.disk }),
    },
    (_block, position) => void positions.push(position),
  );
  return {
    get length() {
      return positions.length;
    },
    read(height) {
      const position = positions[height - 1];
      return position === undefined ? undefined : decodeBlock(log.readNow(position));
    },
    async append(blocks) {
      positions.push(...(await log.appendMany(blocks.map(encodeBlock))));
    },
    close: log.close,
  };
}
