// The peers that are connected, one connection each, and what happens when a second one comes.

import { type AdmittedSet, peerOf } from '../channels.ts';
import type { Peer } from '../port.ts';
import type { Remote } from './handshake.ts';
import type { PeerLimits } from './limits.ts';
import { type PeerError, peerError } from './peer-error.ts';
import type { Session } from './session.ts';

export interface Link {
  readonly session: Session;
  readonly remote: Remote;
  readonly peer: Peer;
  /** The validator whose address it was, where this node dialled. */
  readonly dialled: string | undefined;
}

export interface LinksParts {
  /** `keyName` of this node. */
  readonly ownName: string;
  readonly limits: PeerLimits;
  readonly onUp: (peer: Peer) => void;
  readonly onDown: (peer: Peer) => void;
}

interface Entry {
  readonly session: Session;
  readonly remote: Remote;
  readonly dialled: string | undefined;
  peer: Peer;
  /** Another process shows the same key, or the same process a second connection, and waits for whether this one still lives. */
  challenger: (() => void) | undefined;
}

export class Links {
  readonly #parts: LinksParts;
  readonly #byId = new Map<string, Entry>();
  readonly #bySession = new Map<Session, Entry>();
  #admitted: AdmittedSet = new Map();

  constructor(parts: LinksParts) {
    this.#parts = parts;
  }

  get admitted(): AdmittedSet {
    return this.#admitted;
  }

  get all(): readonly Link[] {
    return [...this.#byId.values()];
  }

  /** Those who are no validators and came by themselves, oldest first. */
  get observers(): readonly Session[] {
    return [...this.#bySession.values()].filter(isGuest).map(({ session }) => session);
  }

  byId(id: string): Link | undefined {
    return this.#byId.get(id);
  }

  bySession(session: Session): Link | undefined {
    return this.#bySession.get(session);
  }

  /** Connected, or reached at the address of that validator under a key that is not admitted. */
  isReached(id: string): boolean {
    return this.#byId.has(id) || this.all.some((link) => link.dialled === id);
  }

  /** Opens the session, now or once it is clear that nobody else is there; or closes it. */
  offer(session: Session, remote: Remote, dialled: string | undefined): void {
    if (session.isClosed) return;
    const peer = { ...peerOf(this.#admitted, remote.key), from: session.client };
    const rival =
      this.#byId.get(peer.id) ??
      [...this.#byId.values()].find((entry) => entry.remote.name === remote.name);
    if (rival === undefined) {
      this.#add({ session, remote, dialled, peer, challenger: undefined });
      return;
    }
    const isSameProcess = rival.remote.instance === remote.instance;
    if (isSameProcess && this.#isPreferred(session, rival.session, remote)) {
      rival.session.close(duplicate(peer));
      this.offer(session, remote, dialled);
      return;
    }
    this.#challenge(rival, isSameProcess, session, () => this.offer(session, remote, dialled));
  }

  /** The session has ended. */
  remove(session: Session): Link | undefined {
    const entry = this.#bySession.get(session);
    if (entry === undefined) return undefined;
    this.#bySession.delete(session);
    this.#byId.delete(entry.peer.id);
    this.#parts.onDown(entry.peer);
    entry.challenger?.();
    return entry;
  }

  /** Who is a validator has changed: some come to be called otherwise, as if they had gone and come. */
  admit(admitted: AdmittedSet): void {
    this.#admitted = admitted;
    const changed = [...this.#byId.values()].filter(
      (entry) => peerOf(admitted, entry.remote.key).id !== entry.peer.id,
    );
    for (const entry of changed) {
      this.#byId.delete(entry.peer.id);
      this.#parts.onDown(entry.peer);
      entry.session.drop('consensus');
    }
    for (const entry of changed) {
      entry.peer = { ...peerOf(admitted, entry.remote.key), from: entry.session.client };
      if (this.#byId.has(entry.peer.id)) {
        this.#bySession.delete(entry.session);
        entry.session.close(duplicate(entry.peer));
        continue;
      }
      this.#byId.set(entry.peer.id, entry);
      this.#fit(entry);
      this.#parts.onUp(entry.peer);
    }
    const guests = this.all.filter(isGuest);
    for (const { session, peer } of guests.slice(this.#parts.limits.observers)) {
      session.close(
        peerError('peer/not-admitted', `${peer.id} is no validator of this epoch any more.`),
      );
    }
  }

  #add(entry: Entry): void {
    this.#byId.set(entry.peer.id, entry);
    this.#bySession.set(entry.session, entry);
    this.#fit(entry);
    entry.session.open();
    // Opening may fail, and then it is removed already.
    if (this.#bySession.has(entry.session)) this.#parts.onUp(entry.peer);
  }

  #fit(entry: Entry): void {
    const { receive, receiveObserver } = this.#parts.limits;
    entry.session.setRates(isGuest(entry) ? receiveObserver : receive);
  }

  /** Of two that cross, both sides keep the one whose dialler's key comes first; of two dialled by one side, the newer. */
  #isPreferred(session: Session, rival: Session, remote: Remote): boolean {
    if (session.role === rival.role) return true;
    return (session.role === 'dialer') === this.#parts.ownName < remote.name;
  }

  #challenge(rival: Entry, isSameProcess: boolean, session: Session, again: () => void): void {
    const refuse = (): void =>
      session.close(isSameProcess ? duplicate(rival.peer) : usedTwice(rival, session));
    if (rival.challenger !== undefined) {
      refuse();
      return;
    }
    rival.challenger = again;
    rival.session.ask(this.#parts.limits.probe_ms, (isThere) => {
      if (isThere) {
        rival.challenger = undefined;
        refuse();
        return;
      }
      rival.session.close(
        peerError('peer/unresponsive', `Nothing comes from ${rival.session.address} any more.`),
      );
    });
  }
}

function isGuest({ peer, dialled }: Pick<Link, 'peer' | 'dialled'>): boolean {
  return !peer.validator && dialled === undefined;
}

function duplicate(peer: Peer): PeerError {
  return peerError('peer/duplicate', `${peer.id} is connected already.`);
}

function usedTwice(rival: Entry, session: Session): PeerError {
  return peerError(
    'peer/key-used-twice',
    `Two processes hold the key of ${rival.peer.id}: one at ${rival.session.address}, which stays connected, and one at ${session.address}, which is refused. Its keeper must stop one of them at once: a key must sign in one place only.`,
    { validator: rival.peer.id, first: rival.session.address, second: session.address },
  );
}
