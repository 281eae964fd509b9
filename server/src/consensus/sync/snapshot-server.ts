// Snapshots for nodes that begin: each is one moment of the database, read piece by piece as it is asked for, for a limited time.

import { equalBytes } from '@suyuan/contracts';
import { exportSnapshot } from '../../snapshot/export.ts';
import { encodePiece } from '../../snapshot/pieces.ts';
import type { HeldSnapshot } from '../../storage/database.ts';
import type { ConsensusHost } from '../port.ts';
import type { SyncLimits } from './limits.ts';
import { encodeSyncMessage, type GetPieceMessage } from './messages.ts';
import { createShare, type Share } from './share.ts';
import { createTurns } from './turn.ts';

const END = encodePiece({ type: 'end' });

export interface SnapshotServer {
  asked(peer: string, request: GetPieceMessage): void;
  /** Snapshots held. */
  readonly count: number;
  stop(): Promise<void>;
}

interface Session {
  readonly id: number;
  readonly held: HeldSnapshot;
  readonly pieces: Iterator<Uint8Array>;
  readonly share: Share;
  readonly stopLife: () => void;
  stopIdle: () => void;
  /** The newest piece, which may be asked for again, and its index. */
  last: Uint8Array | undefined;
  index: number;
  busy: boolean;
}

export function createSnapshotServer(parts: {
  readonly host: ConsensusHost;
  readonly limits: SyncLimits;
  readonly send: (peer: string, message: Uint8Array) => boolean;
}): SnapshotServer {
  const { host, limits, send } = parts;
  // By peer: it keeps its snapshot when the connection breaks for a moment.
  const sessions = new Map<string, Session>();
  const running = new Set<Promise<void>>();
  const turns = createTurns(host.clock);
  let serial = 0;
  let stopped = false;

  function close(peer: string): void {
    const session = sessions.get(peer);
    if (session === undefined) return;
    sessions.delete(peer);
    session.stopIdle();
    session.stopLife();
    session.held.release();
  }

  function begin(peer: string): Session | undefined {
    close(peer);
    if (host.hold === undefined || sessions.size >= limits.snapshots) return undefined;
    serial += 1;
    const held = host.hold();
    const session: Session = {
      id: serial,
      held,
      pieces: exportSnapshot(held),
      share: createShare(host.clock, limits),
      stopLife: host.clock.setTimer(() => close(peer), limits.snapshotMax_ms),
      stopIdle: () => {},
      last: undefined,
      index: -1,
      busy: false,
    };
    sessions.set(peer, session);
    host.logger.info({ peer, id: serial }, 'A snapshot is given to a node that begins');
    return session;
  }

  function sessionOf(peer: string, { id, index }: GetPieceMessage): Session | undefined {
    if (id === 0) return index === 0 ? begin(peer) : undefined;
    const session = sessions.get(peer);
    if (session?.id !== id) return undefined;
    return index === session.index || index === session.index + 1 ? session : undefined;
  }

  async function serve(peer: string, session: Session, index: number): Promise<void> {
    await turns.next(session.share.pause_ms());
    if (sessions.get(peer) !== session) return;
    try {
      if (index > session.index) {
        const step = session.pieces.next();
        session.last = step.done === true ? undefined : step.value;
        session.index = index;
      }
    } catch (error) {
      host.logger.error({ err: error, peer }, 'A snapshot could not be read');
      session.last = undefined;
    }
    const { id, last } = session;
    const sent = answer(peer, id, index, last ?? null);
    // Nobody asks for more after the end.
    if (last === undefined || (sent && equalBytes(last, END))) close(peer);
    else session.share.took(last.length);
  }

  function answer(peer: string, id: number, index: number, piece: Uint8Array | null): boolean {
    // A full queue: the peer asks for the same piece again.
    return send(peer, encodeSyncMessage({ type: 'piece', id, index, piece }));
  }

  return {
    asked(peer, request) {
      if (stopped) return;
      const session = sessionOf(peer, request);
      if (session === undefined) {
        answer(peer, request.id, request.index, null);
        return;
      }
      session.stopIdle();
      session.stopIdle = host.clock.setTimer(() => close(peer), limits.snapshotIdle_ms);
      if (session.busy) return;
      session.busy = true;
      const job = serve(peer, session, request.index).finally(() => {
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
      for (const peer of [...sessions.keys()]) close(peer);
      turns.stop();
      await Promise.all(running);
    },
  };
}
