// The socket side: limits on connections, then the guard, then the broker.

import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { AppError } from '@suyuan/contracts';
import { addressKey } from '../framing/address.ts';
import { GuardedConnection } from '../framing/guarded-connection.ts';
import type { ScannerLimits } from '../framing/packet-scanner.ts';
import { ConnectRateLimit, type RateLimits } from '../framing/rate-limit.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls?: Pick<TlsOptions, 'key' | 'cert' | 'ca' | 'requestCert' | 'rejectUnauthorized'>;
}

export interface ListenerParts {
  readonly limits: ScannerLimits & RateLimits & { readonly connections: number };
  readonly now_ms: () => number;
  readonly onConnection: (connection: GuardedConnection) => void;
  /** A connection or a packet was refused; the code says why. */
  readonly onRefused: (code: string) => void;
}

export interface Listener {
  readonly port: number;
  readonly connections: number;
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 60_000;
const HANDSHAKE_MS = 10_000;

export async function listen(options: ListenOptions, parts: ListenerParts): Promise<Listener> {
  const { limits, onConnection, onRefused } = parts;
  const rate = new ConnectRateLimit(limits);
  const sockets = new Set<Socket>();

  function accept(socket: Socket): void {
    onConnection(new GuardedConnection(socket, limits, (error: AppError) => onRefused(error.code)));
  }

  const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
  const server: Server =
    options.tls === undefined
      ? createServer(socketOptions)
      : createTlsServer(
          { ...socketOptions, ...options.tls, handshakeTimeout: HANDSHAKE_MS },
          accept,
        );

  server.on('connection', (socket: Socket) => {
    if (sockets.size >= limits.connections) {
      onRefused('connect/too-many');
      socket.destroy();
      return;
    }
    if (!rate.allow(addressKey(socket.remoteAddress ?? ''), parts.now_ms())) {
      onRefused('connect/too-fast');
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (options.tls === undefined) accept(socket);
  });
  server.on('tlsClientError', () => onRefused('connect/tls'));

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    get connections() {
      return sockets.size;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
