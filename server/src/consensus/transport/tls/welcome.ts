// Whether somebody who has proved a key may stay.

import { type AdmittedSet, keyName, peerOf } from '../channels.ts';
import type { Identity, Remote } from './handshake.ts';
import type { PeerLimits } from './limits.ts';
import { type PeerError, peerError } from './peer-error.ts';

export interface WelcomeParts {
  readonly self: Identity;
  /** Of this process, hex. */
  readonly instance: string;
  readonly limits: PeerLimits;
  readonly admitted: AdmittedSet;
  readonly isKeptOut: boolean;
  /** For one more observer. */
  readonly hasSeat: () => boolean;
}

/** `dialled`: the validator whose address it was, where this node dialled. */
export function refusalOf(
  parts: WelcomeParts,
  remote: Remote,
  dialled: string | undefined,
): PeerError | undefined {
  const { self, instance, limits, admitted } = parts;
  if (remote.name === keyName(self.key)) {
    if (remote.instance === instance) {
      return peerError('peer/self', `The address of ${dialled ?? 'a peer'} leads to this node.`);
    }
    return peerError(
      'peer/own-key-elsewhere',
      "Another process runs under this node's key: stop one of the two, a key must sign in one place only.",
    );
  }
  const peer = peerOf(admitted, remote.key);
  const calledItself = remote.id ?? 'an observer';
  if (peer.validator && remote.id !== peer.id) {
    return peerError('peer/bad-hello', `The key of ${peer.id} calls itself ${calledItself}.`);
  }
  if (dialled !== undefined && remote.id !== dialled) {
    return peerError(
      'peer/wrong-address',
      `At the address of ${dialled} answers ${calledItself}: correct the list of peers.`,
      { expected: dialled, found: calledItself },
    );
  }
  if (parts.isKeptOut) {
    return peerError('peer/blamed', `${peer.id} is kept out for a while for what it sent.`);
  }
  // One that was dialled is there because its address was given: a validator whose newest key this node does not know yet.
  if (dialled !== undefined || peer.validator || parts.hasSeat()) {
    return undefined;
  }
  return peerError(
    'peer/not-admitted',
    `${peer.id} is no validator of this epoch, and there is room for ${limits.observers} observers, ${limits.observersPerAddress} of one address.`,
  );
}
