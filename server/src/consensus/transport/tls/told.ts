// What the other side gives as its reason when it ends a connection.

import { type PeerError, type PeerErrorCode, peerError } from './peer-error.ts';

/** By the code that the other side names. Other codes, and anything else it may send, are one thing: it ended the connection. */
const MEANINGS: Partial<Record<string, readonly [PeerErrorCode, string]>> = {
  'peer/other-version': [
    'peer/other-version',
    'it speaks another version of the protocol between validators: bring both to the same release',
  ],
  'peer/other-chain': ['peer/other-chain', 'it has another genesis file'],
  'peer/not-admitted': [
    'peer/not-admitted',
    'it knows no validator with the key of this node, and has no room for another observer',
  ],
  'peer/key-used-twice': [
    'peer/own-key-elsewhere',
    'another process is connected to it with the key of this node: stop one of the two, a key must sign in one place only',
  ],
  'peer/own-key-elsewhere': [
    'peer/own-key-elsewhere',
    'it runs under the key of this node: stop one of the two, a key must sign in one place only',
  ],
  'peer/wrong-address': ['peer/wrong-address', 'it expected another validator at this address'],
  'peer/self': ['peer/self', 'it is this node itself; correct the list of peers'],
  'peer/duplicate': ['peer/duplicate', 'it is connected to this node already'],
  'peer/blamed': ['peer/blamed', 'this node sent it too much that no honest node sends'],
  'peer/stopping': ['peer/closed', 'it stops'],
};

export function toldError(payload: Uint8Array, address: string): PeerError {
  const code = Buffer.from(payload).toString('latin1');
  const known = Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined;
  const [ours, why] = known ?? ['peer/closed', /^peer\/[a-z-]+$/.test(code) ? code : 'no reason'];
  return peerError(ours, `The node at ${address} ended the connection: ${why}.`, { told: true });
}
