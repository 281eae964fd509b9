// Bytes of a peer into a message. Nothing is verified here but form and size: what follows checks signatures.

import {
  AppError,
  asArray,
  asBytes,
  asInt,
  asUint,
  BLOCK_TXS_MAX,
  type CborValue,
  type CertificateSignature,
  decodeCbor,
  TX_SIZE_BYTES_MAX,
  VALIDATORS_MAX,
} from '@suyuan/contracts';
import { MESSAGE_TYPES } from './encode.ts';
import {
  CERTIFICATE_SIZE_BYTES_MAX,
  FETCH_SIZE_BYTES_MAX,
  HEADER_SIZE_BYTES_MAX,
  PROPOSAL_SIZE_BYTES_MAX,
  VOTE_SIZE_BYTES_MAX,
} from './limits.ts';
import type {
  CertificateMessage,
  ConsensusMessage,
  FetchMessage,
  ProposalMessage,
  VoteKind,
  VoteMessage,
} from './types.ts';

type MessageType = ConsensusMessage['type'];
type Fields = readonly CborValue[];

/** A definite array whose length stands in its first byte. */
const ARRAY_HEAD = 0x80;
/** So that the slot after it is still exact. */
const SLOT_MAX = Number.MAX_SAFE_INTEGER - 1;

const FORMS: Readonly<
  Record<
    MessageType,
    {
      readonly size_bytes_max: number;
      readonly length: number;
      readonly read: (fields: Fields) => ConsensusMessage;
    }
  >
> = {
  vote: { size_bytes_max: VOTE_SIZE_BYTES_MAX, length: 7, read: toVote },
  certificate: { size_bytes_max: CERTIFICATE_SIZE_BYTES_MAX, length: 6, read: toCertificate },
  proposal: { size_bytes_max: PROPOSAL_SIZE_BYTES_MAX, length: 8, read: toProposal },
  fetch: { size_bytes_max: FETCH_SIZE_BYTES_MAX, length: 4, read: toFetch },
};

/** Throws `consensus/bad-message`; the cause says more. */
export function decodeMessage(bytes: Uint8Array): ConsensusMessage {
  const type = MESSAGE_TYPES[bytes[1] ?? MESSAGE_TYPES.length];
  if (type === undefined) throw bad('It is of no known type.');
  const { size_bytes_max, length, read } = FORMS[type];
  if (bytes.length > size_bytes_max) {
    throw bad(`A ${type} has at most ${size_bytes_max} bytes, not ${bytes.length}.`);
  }
  if (bytes[0] !== ARRAY_HEAD + length) throw bad(`A ${type} has ${length} fields.`);
  try {
    return read(asArray(decodeCbor(bytes), type, length, length));
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'consensus/bad-message') throw error;
    throw bad(error.message, error);
  }
}

function toVote([, kind, epoch, slot, block, validator, signature]: Fields): VoteMessage {
  return {
    type: 'vote',
    ...toSubject(kind, epoch, slot, block),
    validator: asUint(validator, 'validator', VALIDATORS_MAX - 1),
    signature: asBytes(signature, 'signature', 64),
  };
}

function toCertificate([, kind, epoch, slot, block, signatures]: Fields): CertificateMessage {
  return {
    type: 'certificate',
    ...toSubject(kind, epoch, slot, block),
    signatures: asArray(signatures, 'signatures', VALIDATORS_MAX).map(toSignature),
  };
}

function toSignature(entry: CborValue): CertificateSignature {
  const [validator, signature] = asArray(entry, 'signature', 2, 2);
  return {
    validator: asUint(validator, 'validator', VALIDATORS_MAX - 1),
    signature: asBytes(signature, 'signature', 64),
  };
}

function toProposal(fields: Fields): ProposalMessage {
  const [, epoch, slot, block, parentSlot, parentBlock, body, signature] = fields;
  const at = asUint(slot, 'slot', SLOT_MAX);
  return {
    type: 'proposal',
    epoch: asUint(epoch, 'epoch'),
    slot: at,
    block: asBytes(block, 'block', 32),
    parentSlot: asInt(parentSlot, 'parent slot', -1, at - 1),
    parentBlock: asBytes(parentBlock, 'parent block', 32),
    body: body === null ? null : toBody(body),
    signature: asBytes(signature, 'signature', 64),
  };
}

function toBody(value: CborValue | undefined): ProposalMessage['body'] {
  const [first, second] = asArray(value, 'body', 2, 2);
  const header = asBytes(first, 'header');
  if (header.length > HEADER_SIZE_BYTES_MAX) {
    throw bad(`A header has at most ${HEADER_SIZE_BYTES_MAX} bytes.`);
  }
  const txs = asArray(second, 'transactions', BLOCK_TXS_MAX).map((entry) => {
    const tx = asBytes(entry, 'transaction');
    if (tx.length > TX_SIZE_BYTES_MAX) {
      throw bad(`A transaction has at most ${TX_SIZE_BYTES_MAX} bytes.`);
    }
    return tx;
  });
  return { header, txs };
}

function toFetch([, epoch, slot, block]: Fields): FetchMessage {
  return {
    type: 'fetch',
    epoch: asUint(epoch, 'epoch'),
    slot: asUint(slot, 'slot', SLOT_MAX),
    block: asBytes(block, 'block', 32),
  };
}

function toSubject(
  kind: CborValue | undefined,
  epoch: CborValue | undefined,
  slot: CborValue | undefined,
  block: CborValue | undefined,
): Pick<VoteMessage, 'kind' | 'epoch' | 'slot' | 'block'> {
  if (!isVoteKind(kind)) throw bad('A vote is of the kind notar, skip or final.');
  return {
    kind,
    epoch: asUint(epoch, 'epoch'),
    slot: asUint(slot, 'slot', SLOT_MAX),
    block: kind === 'skip' ? asNull(block) : asBytes(block, 'block', 32),
  };
}

function asNull(value: CborValue | undefined): null {
  if (value !== null) throw bad('A skip vote names no block.');
  return null;
}

function isVoteKind(value: CborValue | undefined): value is VoteKind {
  return value === 'notar' || value === 'skip' || value === 'final';
}

function bad(why: string, cause?: unknown): AppError {
  return new AppError(
    'consensus/bad-message',
    `A peer sent what is no message of this protocol: ${why} Its program is another version, or faulty.`,
    {},
    cause,
  );
}
