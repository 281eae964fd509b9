// The directory of a node that is to begin with a snapshot: only where it holds no ledger, and under its lock.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, BLOCK_SIZE_BYTES_MAX, equalBytes } from '@suyuan/contracts';
import {
  type DiskPort,
  lockDirectory,
  nodeDisk,
  openRecordLog,
  systemCode,
  writeFileAtomically,
} from '@suyuan/durable';
import { readGenesisFile } from '../engine/recover.ts';
import { openStateDatabase } from '../storage/database.ts';
import { importingWrite, isImporting } from '../storage/founding.ts';
import { readChainId, readHead } from '../storage/head.ts';
import { type FetchParts, fetchSnapshot } from './fetch.ts';

export interface FoundParts extends Omit<FetchParts, 'db'> {
  /** Of the node; made if missing. */
  readonly directory: string;
}

export type Founding =
  /** There is a ledger: it goes on. */
  | { readonly type: 'here' }
  /** No peer is so far ahead. */
  | { readonly type: 'near' }
  | { readonly type: 'founded'; readonly height: number };

/** A log of this size holds blocks; what it is worth shows when the node opens it. */
const SURELY_BLOCKS_BYTES = 64 * 1024;

/**
 * Before `createNode` in the same directory. Rejects as `fetchSnapshot`, with `durable/locked`, and with `node/other-genesis`; nothing is
 * kept then.
 */
export async function foundDirectory(parts: FoundParts): Promise<Founding> {
  const { directory, genesis } = parts;
  const lock = await lockDirectory(directory);
  try {
    const path = join(directory, 'genesis.cbor');
    const found = await readGenesisFile(nodeDisk, path);
    if (found !== undefined && !equalBytes(found, genesis)) {
      throw new AppError(
        'node/other-genesis',
        `${directory} holds another ledger than the genesis given. Start with the genesis in ${path}, or use an empty directory.`,
        { directory },
      );
    }
    if (await hasBlocks(directory, nodeDisk)) return { type: 'here' };
    const founding = await bringIn(parts);
    if (founding.type === 'founded') await writeFileAtomically(path, genesis, nodeDisk);
    return founding;
  } finally {
    await lock.release();
  }
}

async function hasBlocks(directory: string, disk: DiskPort): Promise<boolean> {
  const path = join(directory, 'blocks.log');
  try {
    const { size } = await stat(path);
    if (size > SURELY_BLOCKS_BYTES) return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
  let count = 0;
  const limits = { maxRecord_bytes: BLOCK_SIZE_BYTES_MAX, maxQueue_bytes: BLOCK_SIZE_BYTES_MAX };
  const log = await openRecordLog({ path, ...limits, disk, onTail: () => {} }, () => {
    count += 1;
  });
  await log.close();
  return count > 0;
}

async function bringIn(parts: FoundParts): Promise<Founding> {
  const db = await openStateDatabase(join(parts.directory, 'state'));
  try {
    const height = isImporting(db) ? 0 : (readHead(db)?.height ?? 0);
    if (height > 0) return { type: 'here' };
    // Without a block it is what the genesis says, and is made again from that.
    if (readChainId(db) !== undefined) await db.write([importingWrite(true)]);
    const head = await fetchSnapshot({ ...parts, db });
    return head === undefined ? { type: 'near' } : { type: 'founded', height: head.height };
  } finally {
    await db.close();
  }
}
