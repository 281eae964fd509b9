// Peers over TLS 1.3: listens, dials, and keeps one connection to each process that proves a key.

import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { bytesToHex, type CryptoProvider, type Validator } from '@suyuan/contracts';
import type { NodeClock } from '../../../engine/clock.ts';
import type { NodeLogger } from '../../../engine/logger.ts';
import { admittedSet, keyName } from '../channels.ts';
import {
  type Channel,
  MESSAGE_BYTES_MAX,
  type Transport,
  type TransportHandlers,
} from '../port.ts';
import { createConduct } from './conduct.ts';
import { createDialer, type PeerAddress } from './dialer.ts';
import type { Identity, Remote } from './handshake.ts';
import { RANDOM_BYTES, type Role } from './hello.ts';
import { PEER_LIMITS, type PeerLimits } from './limits.ts';
import { Links } from './links.ts';
import { createListener, type ListenAddress } from './listener.ts';
import { createNotes } from './notes.ts';
import { type PeerError, peerError } from './peer-error.ts';
import { seatFor } from './seats.ts';
import { Session } from './session.ts';
import { refusalOf } from './welcome.ts';

export interface TlsTransportOptions {
  readonly self: Identity;
  /** Null: connects to others only. */
  readonly listen: ListenAddress | null;
  /** Where validators are to be found; this node's own entry is passed over. */
  readonly peers: readonly PeerAddress[];
  /** The hash of the genesis: peers of another chain are refused. */
  readonly chainId: Uint8Array;
  readonly crypto: CryptoProvider;
  readonly clock: NodeClock;
  /** In [0, 1), for pauses between attempts. */
  readonly random: () => number;
  readonly logger: NodeLogger;
  readonly limits?: Partial<PeerLimits>;
}

export interface PeerStatus {
  readonly id: string;
  readonly validator: boolean;
  /** The validator at whose address this node found it; null where it came by itself. */
  readonly dialled: string | null;
  /** Its address and port. */
  readonly address: string;
  readonly waiting_bytes: number;
}

export interface TlsTransport extends Transport {
  /** Where it listens; null before `start`, and without `listen`. */
  address(): ListenAddress | null;
  status(): readonly PeerStatus[];
}

/** A frame that no honest peer sends weighs as much as so many small faults. */
const BAD_FRAME_FAULTS = 5;

export function createTlsTransport(options: TlsTransportOptions): TlsTransport {
  const { self, chainId, crypto, clock, random, logger } = options;
  const limits: PeerLimits = { ...PEER_LIMITS, ...options.limits };
  const instance = randomBytes(RANDOM_BYTES);
  const notes = createNotes(logger, clock);
  const conduct = createConduct(clock, limits);
  const sessions = new Map<Session, () => void>();
  let handlers: TransportHandlers | undefined;
  let isStopped = false;

  const links = new Links({
    ownName: keyName(self.key),
    limits,
    onUp(peer) {
      logger.info({ peer: peer.id, validator: peer.validator }, 'a peer is connected');
      handlers?.onConnected(peer);
    },
    onDown: (peer) => handlers?.onDisconnected(peer),
  });

  const listener = createListener({
    clock,
    limits,
    onSecure: (socket) => shakeHands(socket, 'listener', undefined),
    onRefused: (reason, fields) => notes.write(reason, 'door', fields),
  });

  const dialers = options.peers
    .filter(({ id }) => id !== self.id)
    .map((address) =>
      createDialer(address, {
        clock,
        limits,
        random,
        isNeeded: () => !links.isReached(address.id),
        onSecure: (socket) => shakeHands(socket, 'dialer', address.id),
        onFailed: (reason) => notes.write(reason, address.id),
      }),
    );

  function shakeHands(socket: TLSSocket, role: Role, dialled: string | undefined): void {
    if (isStopped) {
      socket.destroy();
      return;
    }
    const nonce = randomBytes(RANDOM_BYTES);
    const parts = { self, chainId, crypto, nonce, instance, clock, limits };
    try {
      const session = new Session(socket, role, parts, {
        onProved: (proved, remote) => welcome(proved, remote, dialled),
        onMessage,
        onClosed: (closed, reason) => forget(closed, reason, dialled),
      });
      sessions.set(session, () => {});
    } catch {
      // It was gone before it could be asked for its session's secret; the close that follows says so.
      socket.destroy();
    }
  }

  function welcome(session: Session, remote: Remote, dialled: string | undefined): void {
    listener.passed(session.address);
    const refusal = refusalOf(
      {
        self,
        instance: bytesToHex(instance),
        limits,
        admitted: links.admitted,
        isKeptOut: conduct.isKeptOut(remote.name),
        hasSeat: () => makeSeat(session),
      },
      remote,
      dialled,
    );
    if (refusal !== undefined) {
      session.close(refusal);
      return;
    }
    links.offer(session, remote, dialled);
    const dialer = dialers.find(({ address }) => address.id === dialled);
    if (dialer === undefined || !session.isOpen) return;
    sessions.set(session, clock.setTimer(dialer.wasGood, limits.stable_ms));
  }

  /** True where there is room for one more observer, be it at the cost of another. */
  function makeSeat({ client }: Session): boolean {
    const seat = seatFor(client, links.observers, limits, clock.now_ms());
    if (typeof seat === 'boolean') return seat;
    seat.close(
      peerError('peer/not-admitted', 'Others wait for a place of an observer; come again later.'),
    );
    return true;
  }

  function forget(session: Session, reason: PeerError, dialled: string | undefined): void {
    sessions.get(session)?.();
    sessions.delete(session);
    const link = links.remove(session);
    const id = link?.peer.id ?? dialled ?? session.claimed;
    if (isStopped) return;
    notes.write(reason, id ?? 'stranger', { address: session.address });
    if (link === undefined) return;
    if (reason.code === 'peer/bad-frame') conduct.fault(link.remote.name, BAD_FRAME_FAULTS);
    dialers.find(({ address }) => address.id === link.peer.id)?.again();
  }

  function onMessage(session: Session, channel: Channel, message: Uint8Array): void {
    const peer = links.bySession(session)?.peer;
    // An observer that believes itself a validator does not know that this node has another set: no fault, but nothing to hear.
    if (peer === undefined || (channel === 'consensus' && !peer.validator)) return;
    handlers?.onMessage(peer, channel, message);
  }

  return {
    async start(given) {
      handlers = given;
      if (options.listen !== null) await listener.listen(options.listen);
      for (const dialer of dialers) {
        // Both sides dial; the one that comes second would mostly make a duplicate.
        const isFirst = self.id === null || self.id < dialer.address.id;
        dialer.begin(isFirst ? 0 : limits.yield_ms * (1 + random()));
      }
    },
    peers: () => links.all.map((link) => link.peer),
    send(id, channel, message) {
      if (message.length > MESSAGE_BYTES_MAX[channel]) {
        logger.error({ channel, bytes: message.length }, 'a message is too large to send');
        return false;
      }
      const link = links.byId(id);
      if (link === undefined || (channel === 'consensus' && !link.peer.validator)) return false;
      return link.session.send(channel, message);
    },
    admit: (validators: readonly Validator[]) => links.admit(admittedSet(validators)),
    blame(id, code) {
      const link = links.byId(id);
      if (link === undefined) return;
      const isTooMuch = conduct.fault(link.remote.name);
      logger.warn({ peer: id, code, address: link.session.address }, 'a peer is at fault');
      if (!isTooMuch) return;
      link.session.close(
        peerError('peer/blamed', `${id} is kept out for a while for what it sent.`, {
          last: code,
        }),
      );
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      handlers = undefined;
      for (const dialer of dialers) dialer.stop();
      const open = [...sessions.keys()];
      for (const session of open) session.close(peerError('peer/stopping', 'This node stops.'));
      // The last bytes are with the system after this turn; nobody waits for whether they are read.
      await new Promise((resolve) => setImmediate(resolve));
      for (const session of open) session.destroy();
      conduct.stop();
      await listener.stop();
    },
    address: () => listener.address(),
    status: () =>
      links.all.map(({ peer, session, dialled }) => ({
        id: peer.id,
        validator: peer.validator,
        dialled: dialled ?? null,
        address: session.address,
        waiting_bytes: session.waiting_bytes,
      })),
  };
}
