// A message in words, for the account of a failure.

import { decodeMessage } from '../../../server/src/consensus/messages/index.ts';
import type { Channel } from '../../../server/src/consensus/transport/port.ts';

export function describe(channel: Channel, bytes: Uint8Array): string {
  if (channel !== 'consensus') return `${channel} ${bytes.length} B`;
  try {
    const message = decodeMessage(bytes);
    const { type, epoch, slot } = message;
    const block =
      message.block === null ? '' : Buffer.from(message.block).toString('hex').slice(0, 8);
    const at = `${epoch}/${slot} ${block}`;
    switch (message.type) {
      case 'vote':
        return `${message.kind} of ${message.validator} ${at}`;
      case 'certificate':
        return `${message.kind} certificate of ${message.signatures.map(({ validator }) => validator)} ${at}`;
      case 'proposal':
        return `${message.body === null ? 'repeat' : `proposal of ${message.body.txs.length}`} on ${message.parentSlot} ${at}`;
      case 'fetch':
        return `${type} ${at}`;
    }
  } catch {
    return `garbage, ${bytes.length} B`;
  }
}
