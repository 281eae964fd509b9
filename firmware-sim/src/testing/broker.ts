// A real broker for tests: aedes on a free port, which checks tokens and writes down every pack it was given.

import { createServer, type Socket } from 'node:net';
import {
  base64urlToBytes,
  type CryptoProvider,
  type DecodedPack,
  decodePack,
  isAppError,
  type PublicKey,
  verifyToken,
} from '@suyuan/contracts';
import { Aedes } from 'aedes';

export interface Received {
  readonly topic: string;
  readonly bytes: Uint8Array;
  /** Undefined when the bytes are no pack. */
  readonly pack: DecodedPack | undefined;
}

export interface TestBroker {
  readonly port: number;
  readonly url: string;
  /** Everything published, in the order the broker looked at it. */
  readonly received: Received[];
  /** Connections let in and turned away. */
  readonly counts: { accepted: number; refused: number };
  /** What to do with a message: acknowledge it, keep silent, or break the connection without acknowledging. */
  answer: (index: number) => 'ack' | 'silence' | 'break';
  /** Resolves once `count` messages were received. */
  until(count: number): Promise<void>;
  /** Breaks every connection. */
  breakAll(): void;
  stop(): Promise<void>;
}

export interface TestBrokerOptions {
  readonly port?: number;
  /** Checks the token of every connection when given. */
  readonly auth?: {
    readonly crypto: CryptoProvider;
    readonly key: PublicKey;
    readonly now_ms: () => number;
  };
}

export async function startTestBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const received: Received[] = [];
  const counts = { accepted: 0, refused: 0 };
  const sockets = new Set<Socket>();
  let waiters: { count: number; resolve: () => void }[] = [];
  const aedes = await Aedes.createBroker({
    authenticate: (client, username, password, done) => {
      const right =
        options.auth === undefined ||
        (username === client.id && isRight(options.auth, username, String(password)));
      if (right) counts.accepted += 1;
      else counts.refused += 1;
      done(null, right);
    },
    authorizePublish: (client, packet, callback) => {
      const bytes = new Uint8Array(packet.payload as Buffer);
      const index = received.push({ topic: packet.topic, bytes, pack: toPack(bytes) }) - 1;
      waiters = waiters.filter(({ count, resolve }) => {
        if (received.length >= count) resolve();
        return received.length < count;
      });
      const answer = broker.answer(index);
      if (answer === 'ack') callback(null);
      else if (answer === 'break') client?.conn.destroy();
    },
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const broker: TestBroker = {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    received,
    counts,
    answer: () => 'ack',
    until: (count) =>
      new Promise((resolve) => {
        if (received.length >= count) resolve();
        else waiters.push({ count, resolve });
      }),
    breakAll,
    stop: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      breakAll();
      await new Promise<void>((resolve) => {
        aedes.close(() => resolve());
      });
      await closed;
    },
  };
  return broker;
}

function isRight(
  { crypto, key, now_ms }: NonNullable<TestBrokerOptions['auth']>,
  deviceId: string,
  password: string,
): boolean {
  try {
    verifyToken(crypto, key, base64urlToBytes(password), { deviceId, now_ms: now_ms() });
    return true;
  } catch (error) {
    if (isAppError(error)) return false;
    throw error;
  }
}

function toPack(bytes: Uint8Array): DecodedPack | undefined {
  try {
    return decodePack(bytes);
  } catch {
    return undefined;
  }
}
