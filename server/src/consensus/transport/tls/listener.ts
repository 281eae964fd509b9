// The listening socket: the doorkeeper first, then TLS.

import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { NodeClock } from '../../../engine/clock.ts';
import { createChannelCertificate } from './certificate.ts';
import { createDoorkeeper } from './doorkeeper.ts';
import type { PeerLimits } from './limits.ts';
import { type PeerError, peerError } from './peer-error.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface Listener {
  /** Rejects with `peer/cannot-listen`. */
  listen(address: ListenAddress): Promise<void>;
  address(): ListenAddress | null;
  /** The handshake of the connection from this address and port is over. */
  passed(addressAndPort: string): void;
  stop(): Promise<void>;
}

/** The doorkeeper has a deadline for the whole handshake, on the clock that was given; this one is never to come first. */
const NEVER_MS = 2 ** 31 - 1;

export function createListener(parts: {
  readonly clock: NodeClock;
  readonly limits: PeerLimits;
  readonly onSecure: (socket: TLSSocket) => void;
  readonly onRefused: (reason: PeerError, fields: object) => void;
}): Listener {
  const { clock, limits, onRefused } = parts;
  let isStopped = false;
  let listening: ListenAddress | null = null;

  const doorkeeper = createDoorkeeper({
    clock,
    limits,
    onEnded: (reason, address) => onRefused(reason, { address }),
  });

  const tls = createTlsServer({
    ...createChannelCertificate(),
    minVersion: 'TLSv1.3',
    handshakeTimeout: NEVER_MS,
  });
  tls.on('secureConnection', parts.onSecure);
  tls.on('tlsClientError', (cause, socket) => {
    const address = socket.remoteAddress ?? null;
    socket.destroy();
    if (isStopped) return;
    onRefused(peerError('peer/no-tls', `What came is no TLS 1.3: ${cause.message}`), { address });
  });

  const server = createServer((socket: Socket) => {
    // Without a listener an error of a socket that TLS does not hold yet would end the process.
    socket.on('error', () => socket.destroy());
    const refusal = doorkeeper.refusal(socket);
    if (refusal === undefined && !isStopped) {
      tls.emit('connection', socket);
      return;
    }
    const address = socket.remoteAddress ?? null;
    socket.destroy();
    if (refusal !== undefined) onRefused(refusal, { address });
  });

  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', (cause) => {
          reject(
            peerError(
              'peer/cannot-listen',
              `This node cannot listen for validators at ${host}:${port}: ${cause.message}. Give it a free port of this machine.`,
              { host, port },
              cause,
            ),
          );
        });
        server.listen(port, host, () => {
          server.removeAllListeners('error');
          server.on('error', (cause) =>
            onRefused(peerError('peer/too-many-connections', `Not taken: ${cause.message}`), {}),
          );
          const bound = server.address() as AddressInfo;
          listening = { host: bound.address, port: bound.port };
          resolve();
        });
      }),
    address: () => listening,
    passed: doorkeeper.passed,
    async stop() {
      isStopped = true;
      doorkeeper.stop();
      if (listening === null) return;
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
