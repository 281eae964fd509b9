// Four validators and what they say, for tests.

import {
  blockHash,
  encodeHeader,
  type Header,
  leafHash,
  logRoot,
  type SecretKey,
  type Validator,
} from '@suyuan/contracts';
import { nodeCrypto as crypto } from '@suyuan/contracts/node';
import {
  type ProposalMessage,
  proposalBytes,
  type VoteKind,
  type VoteMessage,
  voteBytes,
} from '../index.ts';

export const hash = crypto.hash('sha256');
export const chainId = new Uint8Array(32).fill(1);

export function secretOf(validator: number): SecretKey {
  return { suite: 'ed25519', secret: hash(Uint8Array.of(validator)) };
}

export function validators(count: number): Validator[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `validator-${i}`,
    key: crypto.publicKeyOf(secretOf(i)),
  }));
}

/** Those of every candidate here. */
const txs = [Uint8Array.of(1), Uint8Array.of(2, 3)];

export function headerOf(change: Partial<Header> = {}): Uint8Array {
  const root = new Uint8Array(32);
  return encodeHeader({
    chainId,
    height: 1,
    previous: chainId,
    time_ms: 1,
    proposer: 'validator-0',
    txRoot: logRoot(
      hash,
      txs.map((tx) => leafHash(hash, tx)),
    ),
    receiptRoot: root,
    stateRoot: root,
    validators: root,
    nextValidators: root,
    rules: 3,
    ...change,
  });
}

/** A vote of epoch 0 for the block of `headerOf()`, signed by the validator. */
export function voteOf(validator: number, kind: VoteKind, slot: number): VoteMessage {
  const block = kind === 'skip' ? null : blockHash(hash, headerOf());
  const said = { kind, epoch: 0, slot, block };
  const signature = crypto.sign(secretOf(validator), voteBytes({ ...said, chainId }));
  return { type: 'vote', ...said, validator, signature };
}

/** A candidate of epoch 0 upon the chain id, signed by the leader of its slot among four. */
export function proposalOf(args: {
  readonly slot: number;
  readonly parentSlot: number;
  readonly header?: Uint8Array;
}): ProposalMessage {
  const { slot, parentSlot, header = headerOf() } = args;
  const said = { epoch: 0, slot, block: blockHash(hash, header), parentSlot };
  return {
    type: 'proposal',
    ...said,
    parentBlock: chainId,
    body: { header, txs },
    signature: crypto.sign(secretOf(slot % 4), proposalBytes({ ...said, chainId })),
  };
}
