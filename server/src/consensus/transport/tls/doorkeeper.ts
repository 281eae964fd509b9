// Who may begin a handshake, before a byte of it is read: bounded in all, by address, and by how fast an address comes.

import type { Socket } from 'node:net';
import type { NodeClock } from '../../../engine/clock.ts';
import { clientOf } from '../../../http/unit-guard.ts';
import type { PeerLimits } from './limits.ts';
import { type PeerError, peerError } from './peer-error.ts';
import { Buckets } from './quota.ts';

const ADDRESSES_MAX = 4096;

export interface Doorkeeper {
  /** Why the connection is refused, if it is. A handshake that is not over in time ends with the socket. */
  refusal(socket: Socket): PeerError | undefined;
  /** Its handshake is over. */
  passed(addressAndPort: string): void;
  /** Ends all handshakes that are not over. */
  stop(): void;
}

/** Oldest first. */
interface Pending {
  readonly socket: Socket;
  readonly client: string;
  readonly cancel: () => void;
}

export function createDoorkeeper(parts: {
  readonly clock: NodeClock;
  readonly limits: PeerLimits;
  /** A handshake was ended here. */
  readonly onEnded: (reason: PeerError, address: string) => void;
}): Doorkeeper {
  const { clock, limits } = parts;
  const rates = new Buckets(limits.connectBurst, limits.connect_per_s / 1000, ADDRESSES_MAX);
  const connected = new Map<string, number>();
  /** By address and port. */
  const pending = new Map<string, Pending>();

  function count(client: string, change: number): void {
    const next = (connected.get(client) ?? 0) + change;
    if (next > 0) connected.set(client, next);
    else connected.delete(client);
  }

  return {
    refusal(socket) {
      const address = socket.remoteAddress ?? '?';
      const name = `${address}:${socket.remotePort ?? 0}`;
      const client = clientOf(address);
      const why = reasonToRefuse(client);
      if (why !== undefined) return why;
      count(client, 1);
      makeRoom(client);
      const cancel = clock.setTimer(
        () =>
          end(
            name,
            peerError('peer/too-slow', `${name} connected and did not finish its handshake.`),
          ),
        limits.handshake_ms,
      );
      const entry = { socket, client, cancel };
      pending.set(name, entry);
      socket.once('close', () => {
        cancel();
        if (pending.get(name) === entry) pending.delete(name);
        count(client, -1);
      });
      return undefined;
    },
    passed(name) {
      pending.get(name)?.cancel();
      pending.delete(name);
    },
    stop() {
      for (const { socket } of [...pending.values()]) socket.destroy();
    },
  };

  function reasonToRefuse(client: string): PeerError | undefined {
    const { perAddress } = limits;
    if (!rates.allow(client, clock.now_ms())) {
      return peerError(
        'peer/too-many-connections',
        `${client} connects more often than ${limits.connect_per_s} times a second.`,
      );
    }
    if ((connected.get(client) ?? 0) >= perAddress) {
      return peerError(
        'peer/too-many-connections',
        `${client} has ${perAddress} connections already.`,
      );
    }
    return undefined;
  }

  /** Whoever comes is let in, at the cost of those who came in numbers: an honest handshake is over before its turn comes to go. */
  function makeRoom(client: string): void {
    const counts = new Map<string, number>();
    for (const one of pending.values()) counts.set(one.client, (counts.get(one.client) ?? 0) + 1);
    let greediest: string | undefined;
    if ((counts.get(client) ?? 0) >= limits.pendingPerAddress) greediest = client;
    else if (pending.size >= limits.pending) {
      const most = Math.max(...counts.values());
      greediest = [...counts].find(([, held]) => held === most)?.[0];
    }
    const oldest = [...pending].find(([, one]) => one.client === greediest);
    if (oldest === undefined) return;
    end(
      oldest[0],
      peerError(
        'peer/too-many-connections',
        `${oldest[1].client} has too many connections that have not said who they are; the oldest is ended.`,
      ),
    );
  }

  function end(name: string, reason: PeerError): void {
    const one = pending.get(name);
    if (one === undefined) return;
    one.cancel();
    pending.delete(name);
    parts.onEnded(reason, name);
    one.socket.destroy();
  }
}
