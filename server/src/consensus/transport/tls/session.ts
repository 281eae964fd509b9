// One connection from its handshake to its end: proves who is there, then carries messages, and notices when nobody is there any more.

import type { TLSSocket } from 'node:tls';
import type { NodeClock } from '../../../engine/clock.ts';
import { clientOf } from '../../../http/unit-guard.ts';
import type { Channel } from '../port.ts';
import { type Frame, MessageAssembler } from './frames.ts';
import { Handshake, type HandshakeParts, type Remote } from './handshake.ts';
import type { Role } from './hello.ts';
import type { PeerLimits } from './limits.ts';
import { type PeerError, peerError, toPeerError } from './peer-error.ts';
import { ReceiveQuota } from './quota.ts';
import { toldError } from './told.ts';
import { Wire } from './wire.ts';

export interface SessionParts extends Omit<HandshakeParts, 'role' | 'exporter'> {
  readonly clock: NodeClock;
  readonly limits: PeerLimits;
}

export interface SessionHandlers {
  /** The other end has proved who it is. Calls `open` or `close`, now or later. */
  onProved(session: Session, remote: Remote): void;
  onMessage(session: Session, channel: Channel, message: Uint8Array): void;
  /** Once, also when it was closed by this side. */
  onClosed(session: Session, reason: PeerError): void;
}

const EXPORTER_LABEL = 'EXPORTER-suyuan-peer-1';
const EXPORTER_BYTES = 32;

type Phase = 'handshake' | 'proved' | 'open';

export class Session {
  readonly role: Role;
  /** Address and port, for a person. */
  readonly address: string;
  /** What counts as one hand: its address without the port. */
  readonly client: string;
  readonly since_ms: number;
  readonly #parts: SessionParts;
  readonly #handlers: SessionHandlers;
  readonly #wire: Wire;
  readonly #handshake: Handshake;
  #quota: ReceiveQuota;
  readonly #assembler = new MessageAssembler();
  #phase: Phase = 'handshake';
  #cancelTimer: (() => void) | undefined;
  readonly #questions = new Set<() => void>();

  constructor(socket: TLSSocket, role: Role, parts: SessionParts, handlers: SessionHandlers) {
    this.role = role;
    this.address = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
    this.client = clientOf(socket.remoteAddress ?? '?');
    this.since_ms = parts.clock.now_ms();
    this.#parts = parts;
    this.#handlers = handlers;
    const exporter = socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0));
    this.#handshake = new Handshake({ ...parts, role, exporter });
    this.#quota = new ReceiveQuota(parts.limits.receive, parts.clock.now_ms());
    this.#wire = new Wire(socket, parts, {
      onFrame: (frame) => this.#take(frame),
      onClosed: (reason) => {
        this.#cancelTimer?.();
        for (const cancel of this.#questions) cancel();
        this.#handlers.onClosed(this, reason);
      },
    });
    this.#cancelTimer = parts.clock.setTimer(
      () => this.close(peerError('peer/too-slow', `${this.address} did not finish its handshake.`)),
      parts.limits.handshake_ms,
    );
    this.#wire.sendControl('hello', this.#handshake.hello);
  }

  get isClosed(): boolean {
    return this.#wire.isClosed;
  }

  get isOpen(): boolean {
    return this.#phase === 'open' && !this.#wire.isClosed;
  }

  /** Who the other end says it is, before it has proved it. */
  get claimed(): string | null {
    return this.#handshake.claimed;
  }

  get waiting_bytes(): number {
    return this.#wire.queues.waiting_bytes;
  }

  /** Takes the other end for who it has proved to be. */
  open(): void {
    if (this.#wire.isClosed || this.#phase !== 'proved') return;
    this.#phase = 'open';
    this.#cancelTimer?.();
    try {
      if (this.role === 'listener') this.#wire.sendControl('proof', this.#handshake.proof());
    } catch (error) {
      this.close(toPeerError(error));
      return;
    }
    this.#watch();
  }

  /** How much is taken from it from now on. */
  setRates(rates: PeerLimits['receive']): void {
    this.#quota = new ReceiveQuota(rates, this.#parts.clock.now_ms());
  }

  /** False if it was dropped. */
  send(channel: Channel, message: Uint8Array): boolean {
    return this.isOpen && this.#wire.send(channel, message);
  }

  /** Forgets what waits in a channel. */
  drop(channel: Channel): void {
    this.#wire.queues.drop(channel);
  }

  close(reason: PeerError, tell = true): void {
    this.#wire.close(reason, tell);
  }

  /** At once, whatever is on its way. */
  destroy(): void {
    this.#wire.destroy();
  }

  /** Asks whether anybody is there. No answer where this side closes meanwhile. */
  ask(within_ms: number, answer: (isThere: boolean) => void): void {
    const before = this.#wire.signsOfLife;
    this.#wire.sendControl('ping');
    const cancel = this.#parts.clock.setTimer(() => {
      this.#questions.delete(cancel);
      answer(this.#wire.isPaused || this.#wire.signsOfLife !== before);
    }, within_ms);
    this.#questions.add(cancel);
  }

  #take(frame: Frame): void {
    if (frame.kind === 'bye') {
      this.close(toldError(frame.payload, this.address), false);
    } else if (this.#phase === 'handshake') {
      this.#shakeHands(frame);
    } else if (this.#phase === 'proved') {
      // A listener that has taken this dialer in speaks at once, while here it waits for the answer of an older connection.
      if (this.role === 'dialer') return;
      throw peerError('peer/bad-frame', `A ${frame.kind} came before the handshake was over.`);
    } else {
      this.#takeOpen(frame);
    }
  }

  #shakeHands(frame: Frame): void {
    const step = this.#handshake.receive(frame);
    if (step === 'answer') {
      if (this.role === 'dialer') this.#wire.sendControl('proof', this.#handshake.proof());
      return;
    }
    this.#phase = 'proved';
    this.#handlers.onProved(this, step.done);
  }

  #takeOpen(frame: Frame): void {
    switch (frame.kind) {
      case 'consensus':
      case 'transactions':
      case 'blocks': {
        this.#charge(frame.kind, frame.payload.length, !frame.more);
        const message = this.#assembler.add(frame.kind, frame.payload, frame.more);
        if (message !== undefined) this.#handlers.onMessage(this, frame.kind, message);
        return;
      }
      case 'ping':
        this.#charge('control', 0, true);
        this.#wire.sendControl('pong');
        return;
      case 'pong':
        this.#charge('control', 0, true);
        return;
      default:
        throw peerError('peer/bad-frame', `A ${frame.kind} came after the handshake was over.`);
    }
  }

  #charge(channel: Channel | 'control', bytes: number, endsMessage: boolean): void {
    const wait_ms = this.#quota.charge(channel, bytes, endsMessage, this.#parts.clock.now_ms());
    if (wait_ms > 0) this.#wire.pause(wait_ms);
  }

  /** No timer by the message: only what came since the last look counts. */
  #watch(): void {
    const before = this.#wire.signsOfLife;
    this.#cancelTimer = this.#parts.clock.setTimer(() => {
      if (this.#wire.isPaused || this.#wire.signsOfLife !== before) return this.#watch();
      this.ask(this.#parts.limits.answer_ms, (isThere) => {
        if (isThere) return this.#watch();
        this.close(
          peerError('peer/unresponsive', `Nothing comes from ${this.address} any more.`),
          true,
        );
      });
    }, this.#parts.limits.idle_ms);
  }
}
