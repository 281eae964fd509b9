// Whether a message was signed by those who may say it. All of it is of one epoch: the caller hands over that epoch's set. Signatures
// are what costs; a provider that remembers what it verified makes a certificate of known votes cheap.

import {
  AppError,
  blockHash,
  type CryptoProvider,
  decodeHeader,
  equalBytes,
  type Hash,
  type Header,
  leafHash,
  logRoot,
  quorum,
  type Validator,
} from '@suyuan/contracts';
import { proposalBytes, voteBytes } from './signed-bytes.ts';
import type { CertificateMessage, ProposalMessage, VoteMessage } from './types.ts';

/** Returns when the vote is of the validator that it names. Throws `consensus/bad-vote`. */
export function verifyVote(
  crypto: CryptoProvider,
  chainId: Uint8Array,
  validators: readonly Validator[],
  vote: VoteMessage,
): void {
  const validator = validators[vote.validator];
  if (validator === undefined) {
    throw new AppError('consensus/bad-vote', 'A vote names a validator outside the set.', {
      validator: vote.validator,
    });
  }
  if (!crypto.verify(validator.key, voteBytes({ ...vote, chainId }), vote.signature)) {
    throw new AppError(
      'consensus/bad-vote',
      `A vote is not signed by ${validator.id}, whom it names.`,
      { validator: vote.validator, slot: vote.slot },
    );
  }
}

/** Returns when a quorum of distinct validators signed, ascending, every signature valid. Throws `certificate/*`. */
export function verifyCertificateMessage(
  crypto: CryptoProvider,
  chainId: Uint8Array,
  validators: readonly Validator[],
  message: CertificateMessage,
): void {
  const { signatures } = message;
  const needed = quorum(validators.length);
  if (signatures.length < needed) {
    throw new AppError('certificate/no-quorum', `The certificate needs ${needed} signatures.`, {
      needed,
      found: signatures.length,
    });
  }
  // Form first: it is free, signatures are not.
  let last = -1;
  for (const { validator } of signatures) {
    if (validator <= last) {
      throw new AppError(
        'certificate/duplicate-signer',
        'The signers of a certificate must ascend, each once.',
      );
    }
    last = validator;
  }
  if (last >= validators.length) {
    throw new AppError(
      'certificate/unknown-signer',
      'The certificate names a validator outside the set.',
      { index: last },
    );
  }
  const bytes = voteBytes({ ...message, chainId });
  for (const { validator: index, signature } of signatures) {
    const { id, key } = validators[index]!;
    if (!crypto.verify(key, bytes, signature)) {
      throw new AppError('certificate/bad-signature', `The signature of ${id} does not verify.`, {
        index,
      });
    }
  }
}

/**
 * Returns the header (null for a repeat) when the leader of the slot signed the candidate and it is what it says: a repeat is its parent's
 * block, any other hashes to `block` and stands upon `parentBlock`. Whether the parent is known and right is not looked at. Throws
 * `consensus/bad-proposal`.
 */
export function verifyProposal(
  crypto: CryptoProvider,
  hash: Hash,
  chainId: Uint8Array,
  validators: readonly Validator[],
  message: ProposalMessage,
): Header | null {
  const header = readCandidate(hash, chainId, message);
  const leader = validators[message.slot % validators.length];
  if (
    leader === undefined ||
    !crypto.verify(leader.key, proposalBytes({ ...message, chainId }), message.signature)
  ) {
    throw bad(message.slot, 'it is not signed by the leader of its slot');
  }
  // The signature is over the header alone: whoever passed the candidate on may have put other transactions beside it.
  if (header !== null && !holdsTxs(hash, header, message.body?.txs ?? [])) {
    throw bad(message.slot, 'its transactions are not those of its header');
  }
  return header;
}

function readCandidate(hash: Hash, chainId: Uint8Array, message: ProposalMessage): Header | null {
  const { slot, block, parentSlot, parentBlock, body } = message;
  if (parentSlot >= slot) throw bad(slot, 'its parent is not before it');
  if (body === null) {
    if (!equalBytes(block, parentBlock)) throw bad(slot, 'without a block it must be its parent’s');
    // The root is final: there is nothing to wait for.
    if (parentSlot < 0) throw bad(slot, 'it repeats the root of the epoch');
    return null;
  }
  if (!equalBytes(block, blockHash(hash, body.header))) {
    throw bad(slot, 'its header does not hash to its block');
  }
  const header = readHeader(slot, body.header);
  if (!equalBytes(header.chainId, chainId)) throw bad(slot, 'its block is of another chain');
  if (!equalBytes(header.previous, parentBlock)) {
    throw bad(slot, 'its block stands upon another than its parent');
  }
  return header;
}

function holdsTxs(hash: Hash, { txRoot }: Header, txs: readonly Uint8Array[]): boolean {
  const leaves = txs.map((tx) => leafHash(hash, tx));
  return equalBytes(txRoot, logRoot(hash, leaves));
}

function readHeader(slot: number, bytes: Uint8Array): Header {
  try {
    return decodeHeader(bytes);
  } catch (cause) {
    throw bad(slot, 'its header cannot be read', cause);
  }
}

function bad(slot: number, why: string, cause?: unknown): AppError {
  return new AppError(
    'consensus/bad-proposal',
    `The candidate of slot ${slot} is dropped: ${why}.`,
    { slot },
    cause,
  );
}
