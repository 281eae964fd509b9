// Connects to one address again and again, in growing, random pauses, as long as nobody is connected there.

import type { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { NodeClock } from '../../../engine/clock.ts';
import type { PeerLimits } from './limits.ts';
import { type PeerError, peerError } from './peer-error.ts';

export interface PeerAddress {
  /** The validator that is there. */
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

export interface DialerParts {
  readonly clock: NodeClock;
  readonly limits: PeerLimits;
  /** In [0, 1). */
  readonly random: () => number;
  /** Nobody is connected there. */
  readonly isNeeded: () => boolean;
  /** The TLS session stands; `onClosed` of it is to call `again`. */
  readonly onSecure: (socket: TLSSocket) => void;
  readonly onFailed: (reason: PeerError) => void;
}

export interface Dialer {
  readonly address: PeerAddress;
  /** The first attempt, after so long. */
  begin(delay_ms: number): void;
  /** A connection ended, or is missing: another attempt, after a pause, unless one is under way. */
  again(): void;
  /** It stood long enough: pauses begin anew. */
  wasGood(): void;
  stop(): void;
}

const TLS_OPTIONS = {
  minVersion: 'TLSv1.3',
  // Who is there is told by the hello: the certificate has no name that could be checked.
  rejectUnauthorized: false,
} as const;

export function createDialer(address: PeerAddress, parts: DialerParts): Dialer {
  const { clock, limits } = parts;
  let attempts = 0;
  let cancelWait: (() => void) | undefined;
  let socket: Socket | undefined;
  let isStopped = false;

  function wait(delay_ms: number): void {
    if (isStopped || cancelWait !== undefined || socket !== undefined) return;
    cancelWait = clock.setTimer(() => {
      cancelWait = undefined;
      if (parts.isNeeded()) dial();
    }, delay_ms);
  }

  function pause_ms(): number {
    const full = Math.min(limits.redialMax_ms, limits.redial_ms * 2 ** Math.min(attempts, 20));
    attempts += 1;
    return full * (1 - parts.random() / 2);
  }

  function dial(): void {
    const { host, port } = address;
    const tls = connect({ host, port, ...TLS_OPTIONS });
    socket = tls;
    const cancelDeadline = clock.setTimer(() => {
      fail(`no handshake within ${limits.handshake_ms} ms`);
      tls.destroy();
    }, limits.handshake_ms);
    let isSecure = false;
    let hasFailed = false;
    function fail(why: string, cause?: Error): void {
      if (isSecure || hasFailed || isStopped) return;
      hasFailed = true;
      parts.onFailed(
        peerError(
          'peer/unreachable',
          `${address.id} cannot be reached at ${host}:${port}: ${why}.`,
          {},
          cause,
        ),
      );
    }
    tls.on('error', (cause: Error) => fail(cause.message, cause));
    tls.once('secureConnect', () => {
      isSecure = true;
      cancelDeadline();
      parts.onSecure(tls);
    });
    tls.once('close', () => {
      cancelDeadline();
      fail('it ended the connection');
      socket = undefined;
      wait(pause_ms());
    });
  }

  return {
    address,
    begin: wait,
    again() {
      if (cancelWait === undefined && socket === undefined) wait(pause_ms());
    },
    wasGood() {
      attempts = 0;
    },
    stop() {
      isStopped = true;
      cancelWait?.();
      socket?.destroy();
    },
  };
}
