// A peer that does only what the test tells it: speaks the protocol by hand, right or wrong.

import { randomBytes } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import { nodeCrypto } from '@suyuan/contracts/node';
import { type Frame, FrameReader, frameHead } from '../frames.ts';
import { Handshake } from '../handshake.ts';
import { CHAIN, createStory, identityOf, type Story, testKey } from './nodes.ts';

export interface Puppet {
  readonly socket: TLSSocket;
  /** `hello 93`: kind and size of each frame that came; `bye peer/…` with its text; `closed` at the end. */
  readonly story: Story;
  readonly handshake: Handshake;
  /** The payloads of hello and proof that came. */
  readonly theirs: Map<Frame['kind'], Uint8Array>;
  send(kind: Frame['kind'], payload?: Uint8Array, more?: boolean): void;
  sendBytes(bytes: Uint8Array): void;
  /** From hello to the other's proof. */
  shakeHands(): Promise<void>;
  end(): void;
}

export interface PuppetSetup {
  readonly id?: string | null;
  /** Of the key; the id unless given. */
  readonly keyName?: string;
  readonly chainId?: Uint8Array;
  readonly instance?: Uint8Array;
}

export const frameOf = (kind: Frame['kind'], payload: Uint8Array, more = false): Uint8Array =>
  Buffer.concat([frameHead(kind, payload.length, more), payload]);

/** A TLS session, and nothing said in it yet. */
export async function createPuppet(port: number, setup: PuppetSetup = {}): Promise<Puppet> {
  const { id = 'org-2' } = setup;
  const story = createStory();
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  socket.on('close', () => story.add('closed'));
  const handshake = new Handshake({
    role: 'dialer',
    self: identityOf(id, testKey(setup.keyName ?? id ?? 'observer')),
    chainId: setup.chainId ?? CHAIN,
    crypto: nodeCrypto,
    exporter: socket.exportKeyingMaterial(32, 'EXPORTER-suyuan-peer-1', Buffer.alloc(0)),
    nonce: randomBytes(16),
    instance: setup.instance ?? randomBytes(16),
  });
  const theirs = new Map<Frame['kind'], Uint8Array>();
  const reader = new FrameReader();
  socket.on('data', (chunk: Uint8Array) =>
    reader.push(chunk, (frame) => {
      if (frame.kind === 'hello' || frame.kind === 'proof') theirs.set(frame.kind, frame.payload);
      const text = frame.kind === 'bye' ? Buffer.from(frame.payload).toString() : '';
      story.add(`${frame.kind} ${text === '' ? frame.payload.length : text}`);
      return true;
    }),
  );
  const puppet: Puppet = {
    socket,
    story,
    handshake,
    theirs,
    send: (kind, payload = new Uint8Array(0), more = false) =>
      void socket.write(frameOf(kind, payload, more)),
    sendBytes: (bytes) => void socket.write(bytes),
    async shakeHands() {
      puppet.send('hello', handshake.hello);
      await story.until('hello');
      handshake.receive({ kind: 'hello', payload: theirs.get('hello')! });
      puppet.send('proof', handshake.proof());
      await story.until('proof');
      handshake.receive({ kind: 'proof', payload: theirs.get('proof')! });
    },
    end: () => socket.destroy(),
  };
  return puppet;
}

/** One that has shaken hands. */
export async function connectPuppet(port: number, setup: PuppetSetup = {}): Promise<Puppet> {
  const puppet = await createPuppet(port, setup);
  await puppet.shakeHands();
  return puppet;
}
