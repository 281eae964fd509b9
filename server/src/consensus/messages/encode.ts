import { type CborValue, encodeCbor } from '@suyuan/contracts';
import type { ConsensusMessage } from './types.ts';

/** The first item of a message, which says how long it may be and how the rest reads. */
export const MESSAGE_TYPES = ['vote', 'certificate', 'proposal', 'fetch'] as const;

/** The message as it travels (docs/formats.md §9). */
export function encodeMessage(message: ConsensusMessage): Uint8Array {
  return encodeCbor([MESSAGE_TYPES.indexOf(message.type), ...fieldsOf(message)]);
}

function fieldsOf(m: ConsensusMessage): CborValue[] {
  switch (m.type) {
    case 'vote':
      return [m.kind, m.epoch, m.slot, m.block, m.validator, m.signature];
    case 'certificate':
      return [
        m.kind,
        m.epoch,
        m.slot,
        m.block,
        m.signatures.map(({ validator, signature }) => [validator, signature]),
      ];
    case 'proposal':
      return [
        m.epoch,
        m.slot,
        m.block,
        m.parentSlot,
        m.parentBlock,
        m.body === null ? null : [m.body.header, m.body.txs],
        m.signature,
      ];
    case 'fetch':
      return [m.epoch, m.slot, m.block];
  }
}
