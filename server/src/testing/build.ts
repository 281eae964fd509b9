// Blocks by hand on a ledger without consensus.

import type { SecretKey } from '@suyuan/contracts';
import type { ProposedBlock } from '../consensus/port.ts';
import type { Ledger } from '../engine/ledger.ts';
import { certify } from './machine.ts';
import type { World } from './world.ts';

/** Takes the transactions in, and makes a block of all that waits upon `parent`, the head unless given. Rejects where one is refused. */
export async function buildBlock(
  { host }: Pick<Ledger, 'host'>,
  txs: readonly Uint8Array[],
  parent: Uint8Array = host.head().blockHash,
): Promise<ProposedBlock> {
  for (const tx of txs) await host.receive(tx, 'peer');
  const below = host.executed(parent) ?? host.head();
  const proposer = host.epoch().validators[0]!.id;
  return host.propose({ parent, proposer, time_ms: below.time_ms + 1 });
}

/** The same, and commits it. Throws where a transaction fails in it. */
export async function commitBlock(
  world: World,
  ledger: Ledger,
  txs: readonly Uint8Array[],
  keys?: ReadonlyMap<string, SecretKey>,
): Promise<ProposedBlock> {
  const { host } = ledger;
  const block = await buildBlock(ledger, txs);
  const slot = block.height - host.epoch().firstHeight;
  await host.commit(block.blockHash, certify(world, ledger, block.blockHash, slot, keys));
  return block;
}
