import { encodeCbor, type Genesis, genesisState, type Hash } from '@suyuan/contracts';
import type { StateDatabase } from '../storage/database.ts';
import { chainIdWrite, type Head, headWrite } from '../storage/head.ts';
import { stateUpdate } from '../storage/state.ts';
import { lotCountWrite } from '../storage/trace-index.ts';

export interface Founding {
  readonly genesis: Genesis;
  readonly chainId: Uint8Array;
  readonly hash: Hash;
}

/** Writes the state that the genesis begins with. */
export async function beginState(db: StateDatabase, parts: Founding): Promise<Head> {
  const changes = new Map(
    genesisState(parts.genesis).map(({ key, value }) => [
      key,
      value === null ? null : encodeCbor(value),
    ]),
  );
  const { root, writes } = stateUpdate(parts.hash, db, changes);
  const head: Head = {
    height: 0,
    blockHash: parts.chainId,
    time_ms: parts.genesis.time_ms,
    stateRoot: root,
    transactions: 0,
    certified: null,
  };
  await db.write([...writes, chainIdWrite(parts.chainId), lotCountWrite(0), headWrite(head)]);
  return head;
}
