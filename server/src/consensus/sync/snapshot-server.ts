// Snapshots for nodes that begin: each is one moment of the database, read piece by piece as it is asked for. While it is held the
// database only grows, so it has to make progress, and whoever had one waits before the next.

import { equalBytes } from '@suyuan/contracts';
import { exportSnapshot } from '../../snapshot/export.ts';
import { encodePiece } from '../../snapshot/pieces.ts';
import type { HeldSnapshot } from '../../storage/database.ts';
import type { ConsensusHost } from '../port.ts';
import type { Peer } from '../transport/port.ts';
import type { SyncLimits } from './limits.ts';
import { encodeSyncMessage, type GetPieceMessage } from './messages.ts';
import { createPauses } from './pauses.ts';
import type { Share, ShareOf } from './share.ts';
import { createTurns } from './turn.ts';

export interface SnapshotServer {
  asked(peer: Peer, request: GetPieceMessage): void;
  /** Snapshots held. */
  readonly count: number;
  stop(): Promise<void>;
}

const END = encodePiece({ type: 'end' });

interface Session {
  readonly id: number;
  readonly peer: Peer;
  readonly held: HeldSnapshot;
  readonly pieces: Iterator<Uint8Array>;
  readonly share: Share;
  stopCheck: () => void;
  /** Counted by timers: a clock that is set prolongs nothing. */
  held_ms: number;
  idle_ms: number;
  given_bytes: number;
  /** The newest piece, which may be asked for again, and its index. */
  last: Uint8Array | undefined;
  index: number;
  busy: boolean;
}

export function createSnapshotServer(parts: {
  readonly host: ConsensusHost;
  readonly limits: SyncLimits;
  readonly shareOf: ShareOf;
  readonly send: (peer: string, message: Uint8Array) => boolean;
}): SnapshotServer {
  const { host, limits, send } = parts;
  const { clock, logger } = host;
  // By peer: it keeps its snapshot when the connection breaks for a moment.
  const sessions = new Map<string, Session>();
  const pauses = createPauses(clock);
  const running = new Set<Promise<void>>();
  const turns = createTurns(clock);
  let serial = 0;
  let stopped = false;

  function close(session: Session, isTaken: boolean): void {
    const { peer, held, held_ms } = session;
    if (sessions.get(peer.id) !== session) return;
    sessions.delete(peer.id);
    session.stopCheck();
    held.release();
    if (peer.validator || stopped) return;
    const pause_ms = isTaken ? held_ms * limits.snapshotPauseTimes : limits.snapshotPause_ms;
    pauses.begin(originOf(peer), pause_ms);
  }

  /** One is held at a time for an origin of observers, and validators have places of their own. */
  function hasPlace(peer: Peer): boolean {
    const others = [...sessions.values()].filter((one) => one.peer.validator === peer.validator);
    if (others.length >= limits.snapshots) return false;
    if (peer.validator) return true;
    const origin = originOf(peer);
    return !pauses.has(origin) && !others.some((one) => originOf(one.peer) === origin);
  }

  function begin(peer: Peer): Session | undefined {
    const before = sessions.get(peer.id);
    // Its first piece was lost on the way.
    if (before !== undefined && before.index <= 0) return before;
    if (before !== undefined) close(before, false);
    if (host.hold === undefined || !hasPlace(peer)) return undefined;
    serial += 1;
    const held = host.hold();
    const session: Session = {
      id: serial,
      peer,
      held,
      pieces: exportSnapshot(held),
      share: parts.shareOf(peer),
      stopCheck: () => {},
      held_ms: 0,
      idle_ms: 0,
      given_bytes: 0,
      last: undefined,
      index: -1,
      busy: false,
    };
    sessions.set(peer.id, session);
    checkLater(session);
    logger.info({ peer: peer.id, id: serial }, 'A snapshot is given to a node that begins');
    return session;
  }

  function checkLater(session: Session): void {
    session.stopCheck = clock.setTimer(() => {
      session.held_ms += limits.snapshotCheck_ms;
      session.idle_ms += limits.snapshotCheck_ms;
      const why = reasonToEnd(session, limits);
      if (why === undefined) return checkLater(session);
      logger.warn({ peer: session.peer.id, id: session.id }, why);
      close(session, false);
    }, limits.snapshotCheck_ms);
  }

  function sessionOf(peer: Peer, { id, index }: GetPieceMessage): Session | undefined {
    if (id === 0) return index === 0 ? begin(peer) : undefined;
    const session = sessions.get(peer.id);
    if (session?.id !== id) return undefined;
    return index === session.index || index === session.index + 1 ? session : undefined;
  }

  async function serve(session: Session, index: number): Promise<void> {
    const { id, peer } = session;
    await turns.next(session.share.pause_ms());
    if (sessions.get(peer.id) !== session) return;
    try {
      if (index > session.index) {
        const step = session.pieces.next();
        session.last = step.done === true ? undefined : step.value;
        session.index = index;
        session.given_bytes += session.last?.length ?? 0;
        session.idle_ms = 0;
      }
    } catch (error) {
      logger.error({ err: error, peer: peer.id }, 'A snapshot could not be read');
      session.last = undefined;
    }
    const { last } = session;
    const isSent = answer(peer, id, index, last ?? null);
    if (last !== undefined) session.share.took(last.length);
    if (last === undefined || (isSent && equalBytes(last, END))) close(session, true);
  }

  function answer(peer: Peer, id: number, index: number, piece: Uint8Array | null): boolean {
    // A full queue: the peer asks for the same piece again.
    return send(peer.id, encodeSyncMessage({ type: 'piece', id, index, piece }));
  }

  return {
    asked(peer, request) {
      if (stopped) return;
      const session = sessionOf(peer, request);
      if (session === undefined) {
        answer(peer, request.id, request.index, null);
        return;
      }
      if (session.busy) return;
      session.busy = true;
      const job = serve(session, request.index).finally(() => {
        session.busy = false;
        running.delete(job);
      });
      running.add(job);
    },
    get count() {
      return sessions.size;
    },
    async stop() {
      stopped = true;
      for (const session of [...sessions.values()]) close(session, false);
      pauses.stop();
      turns.stop();
      await Promise.all(running);
    },
  };
}

function originOf({ id, from }: Peer): string {
  return from ?? id;
}

function reasonToEnd(session: Session, limits: SyncLimits): string | undefined {
  const { held_ms, idle_ms, given_bytes, held } = session;
  if (idle_ms >= limits.snapshotIdle_ms) return 'A snapshot is not asked for any more';
  const least_bytes = (held_ms / 1_000) * limits.snapshotLeast_bytes_per_s;
  if (held_ms > limits.snapshotSlow_ms && given_bytes < least_bytes) {
    return 'A snapshot is taken too slowly';
  }
  if (held_ms >= limits.snapshotMax_ms) return 'A snapshot is held for too long';
  if (held.grown_bytes() >= limits.snapshotGrowth_bytes) {
    return 'The database has grown too much while a snapshot was held';
  }
  return undefined;
}
