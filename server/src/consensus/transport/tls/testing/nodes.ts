// Nodes with real sockets on loopback and a clock that the test holds. Tests wait for what is heard or logged, never for time.

import { createHash } from 'node:crypto';
import type { PublicKey, SecretKey, SuiteName, Validator } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { NodeLogger } from '../../../../engine/logger.ts';
import type { TransportHandlers } from '../../port.ts';
import type { Identity } from '../handshake.ts';
import { createTlsTransport, type TlsTransport, type TlsTransportOptions } from '../transport.ts';
import { createHandClock, type HandClock } from './hand-clock.ts';

export const CHAIN = new Uint8Array(32).fill(7);

export interface TestKey {
  readonly secret: SecretKey;
  readonly key: PublicKey;
}

export function testKey(name: string, suite: SuiteName = 'ed25519'): TestKey {
  const seed = createHash('sha256').update(`transport ${name}`).digest();
  const secret = { suite, secret: new Uint8Array(seed) };
  return { secret, key: nodeCrypto.publicKeyOf(secret) };
}

export function identityOf(id: string | null, { secret, key }: TestKey): Identity {
  return { id, key, signHandshake: (transcript) => nodeCrypto.sign(secret, transcript) };
}

export const validatorOf = (id: string, suite?: SuiteName): Validator => ({
  id,
  key: testKey(id, suite).key,
});

/** Lines of text, and waiting for one that is not there yet. */
export interface Story {
  readonly lines: readonly string[];
  add(line: string): void;
  /** The first line, at or after `from`, that has the text. */
  until(text: string, from?: number): Promise<string>;
}

export function createStory(): Story {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  return {
    lines,
    add(line) {
      lines.push(line);
      for (const look of [...waiting]) look();
    },
    until: (text, from = 0) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = lines.slice(from).find((line) => line.includes(text));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

export interface TestNode {
  readonly transport: TlsTransport;
  readonly clock: HandClock;
  /** `+org-2`, `-org-2`, `org-2 consensus 3` (length) with the first byte after a colon. */
  readonly heard: Story;
  /** `error peer/other-chain message {fields}`. */
  readonly log: Story;
  readonly port: number;
}

export interface NodeSetup extends Partial<TlsTransportOptions> {
  readonly validators?: readonly Validator[];
}

export async function startNode(id: string | null, setup: NodeSetup = {}): Promise<TestNode> {
  const clock = createHandClock();
  const heard = createStory();
  const log = createStory();
  const say =
    (level: string): NodeLogger['info'] =>
    (fields, message) =>
      log.add(`${level} ${message} ${JSON.stringify(fields)}`);
  const transport = createTlsTransport({
    self: identityOf(id, testKey(id ?? 'observer')),
    listen: { host: '127.0.0.1', port: 0 },
    peers: [],
    chainId: CHAIN,
    crypto: nodeCrypto,
    clock,
    random: () => 0,
    logger: { info: say('info'), warn: say('warn'), error: say('error') },
    ...setup,
  });
  if (setup.validators !== undefined) transport.admit(setup.validators);
  const handlers: TransportHandlers = {
    onConnected: (peer) => heard.add(`+${peer.id}`),
    onDisconnected: (peer) => heard.add(`-${peer.id}`),
    onMessage: (peer, channel, message) =>
      heard.add(`${peer.id} ${channel} ${message.length}:${message[0] ?? ''}`),
  };
  await transport.start(handlers);
  return { transport, clock, heard, log, port: transport.address()?.port ?? 0 };
}

export const at = (id: string, port: number) => ({ id, host: '127.0.0.1', port });

/** Lets sockets work until it holds: what has no event of its own to wait for. */
export async function settled(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass, slowly enough for the sockets to do in it what they would do, until it holds. */
export async function drive(node: TestNode, holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    if (turn % 50 === 0) node.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Nodes that are stopped after each test. */
export function createStage(validators: readonly Validator[]) {
  const open: TestNode[] = [];
  return {
    async start(id: string | null, setup: NodeSetup = {}): Promise<TestNode> {
      const node = await startNode(id, { validators, ...setup });
      open.push(node);
      return node;
    },
    async clear(): Promise<void> {
      for (const { transport } of open.splice(0)) await transport.stop();
    },
  };
}
