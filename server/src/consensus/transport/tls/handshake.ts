// Who is at the other end, told by the keys of the ledger rather than by certificates: both say hello, then the dialer signs, then the
// listener. So a listener makes no signature for a stranger, and checks at most one.

import { bytesToHex, type CryptoProvider, equalBytes, type PublicKey } from '@suyuan/contracts';
import { keyName } from '../channels.ts';
import type { Frame } from './frames.ts';
import { decodeHello, encodeHello, type Hello, proofTranscript, type Role } from './hello.ts';
import { peerError } from './peer-error.ts';

export interface Identity {
  /** The account of this validator; null for an observer. */
  readonly id: string | null;
  readonly key: PublicKey;
  /** 64 bytes. */
  signHandshake(transcript: Uint8Array): Uint8Array;
}

export interface HandshakeParts {
  readonly role: Role;
  readonly self: Identity;
  readonly chainId: Uint8Array;
  readonly crypto: CryptoProvider;
  /** 32 bytes that the TLS session exports. */
  readonly exporter: Uint8Array;
  /** 16 bytes each. */
  readonly nonce: Uint8Array;
  readonly instance: Uint8Array;
}

/** The other end, once it has proved itself. */
export interface Remote {
  /** What it calls itself; null: an observer. */
  readonly id: string | null;
  readonly key: PublicKey;
  /** `keyName` of the key. */
  readonly name: string;
  /** Hex. */
  readonly instance: string;
}

export class Handshake {
  readonly #parts: HandshakeParts;
  readonly #hello: Uint8Array;
  #theirs: { readonly hello: Hello; readonly bytes: Uint8Array } | undefined;

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
    const { chainId, self, nonce, instance } = parts;
    this.#hello = encodeHello({ chainId, id: self.id, key: self.key, nonce, instance });
  }

  /** Goes out first. */
  get hello(): Uint8Array {
    return this.#hello;
  }

  /** Who the other says it is, for messages to a person before it has proved it. */
  get claimed(): string | null {
    return this.#theirs?.hello.id ?? null;
  }

  /**
   * Takes a frame of the other end. `answer`: this dialer is to send `proof()` now. `done`: the other has proved itself; a listener
   * that accepts it sends `proof()` too. Throws `peer/*`.
   */
  receive(frame: Frame): 'answer' | { readonly done: Remote } {
    const { role } = this.#parts;
    if (this.#theirs === undefined) {
      if (frame.kind !== 'hello') throw outOfTurn(frame, 'hello');
      this.#theirs = { hello: this.#checkedHello(frame.payload), bytes: frame.payload };
      return 'answer';
    }
    if (frame.kind !== 'proof') throw outOfTurn(frame, 'proof');
    const { hello, bytes } = this.#theirs;
    const { chainId, exporter, crypto } = this.#parts;
    const transcript = proofTranscript({
      chainId,
      role: role === 'dialer' ? 'listener' : 'dialer',
      exporter,
      own: bytes,
      other: this.#hello,
    });
    if (!crypto.verify(hello.key, transcript, frame.payload)) {
      throw peerError(
        'peer/bad-proof',
        `The peer that calls itself ${hello.id ?? 'an observer'} did not sign this connection: someone stands in between, or repeats what another has signed.`,
      );
    }
    const { id, key, instance } = hello;
    return { done: { id, key, name: keyName(key), instance: bytesToHex(instance) } };
  }

  proof(): Uint8Array {
    const { role, chainId, exporter, self } = this.#parts;
    const other = this.#theirs!.bytes;
    return self.signHandshake(
      proofTranscript({ chainId, role, exporter, own: this.#hello, other }),
    );
  }

  #checkedHello(bytes: Uint8Array): Hello {
    const hello = decodeHello(bytes);
    const { chainId } = this.#parts;
    if (!equalBytes(hello.chainId, chainId)) {
      const ours = bytesToHex(chainId);
      const theirs = bytesToHex(hello.chainId);
      throw peerError(
        'peer/other-chain',
        `The peer that calls itself ${hello.id ?? 'an observer'} is of chain ${theirs}, this node of chain ${ours}: one of them has another genesis file.`,
        { theirs, ours },
      );
    }
    return hello;
  }
}

function outOfTurn(frame: Frame, expected: string): Error {
  return peerError(
    expected === 'hello' ? 'peer/bad-hello' : 'peer/bad-frame',
    `The handshake wants a ${expected}; a frame of kind ${frame.kind} came.`,
  );
}
