// What somebody with the key of a validator may say, true or not.

import {
  encodeMessage,
  type ProposalMessage,
  proposalBytes,
  type VoteMessage,
  voteBytes,
} from '../messages/index.ts';
import type { Cluster, Machine } from './cluster.ts';
import { secretOf } from './fake-crypto.ts';
import { CHAIN, createFakeHost, createLedger } from './fake-ledger.ts';

export function voteOf(
  one: Cluster,
  validator: number,
  said: Pick<VoteMessage, 'kind' | 'slot' | 'block'> & { readonly epoch?: number },
): Uint8Array {
  const { epoch = 0 } = said;
  const secret = secretOf(one.machines[validator]!.id);
  const signature = one.crypto.sign(secret, voteBytes({ ...said, epoch, chainId: CHAIN }));
  return encodeMessage({ ...said, type: 'vote', epoch, validator, signature });
}

/** What the first validator may propose: in slot 0 upon the genesis, or upon the head of a machine. */
export function proposalOf(
  one: Cluster,
  text: string,
  upon?: { readonly at: Machine; readonly slot: number; readonly parentSlot: number },
): ProposalMessage {
  const clock = one.time.clock();
  const ledger = createLedger();
  ledger.blocks.push(...(upon?.at.ledger.blocks ?? []));
  const host = createFakeHost({ ledger, crypto: one.crypto, clock, genesis: idsOf(one) });
  host.submit(text);
  const parentBlock = host.head().blockHash;
  const time_ms = Math.max(clock.now_ms(), host.head().time_ms + 1);
  const made = host.propose({ parent: parentBlock, proposer: one.machines[0]!.id, time_ms });
  const { slot, parentSlot } = upon ?? { slot: 0, parentSlot: -1 };
  const statement = { chainId: CHAIN, epoch: 0, slot, block: made.blockHash, parentSlot };
  return {
    type: 'proposal',
    ...statement,
    parentBlock,
    body: { header: made.headerBytes, txs: made.txs },
    signature: one.crypto.sign(secretOf(one.machines[0]!.id), proposalBytes(statement)),
  };
}

/** The same candidate, as if its block had stood in that slot before. */
export function repeatOf(one: Cluster, real: ProposalMessage, parentSlot: number): ProposalMessage {
  const statement = { ...real, chainId: CHAIN, parentSlot };
  return {
    ...real,
    parentSlot,
    parentBlock: real.block,
    body: null,
    signature: one.crypto.sign(secretOf(one.machines[0]!.id), proposalBytes(statement)),
  };
}

function idsOf(one: Cluster): string[] {
  return one.machines.map(({ id }) => id);
}
