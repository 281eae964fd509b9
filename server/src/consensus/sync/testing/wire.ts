// Nodes that hear each other over the virtual clock, and peers that a test plays itself.

import type { ChannelProtocol } from '../port.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface Wire {
  /** What the node is given to send with. */
  sender(id: string): (peer: string, message: Uint8Array) => boolean;
  blamer(id: string): (peer: string, code: string) => void;
  join(id: string, protocol: ChannelProtocol, options?: { validator?: boolean }): void;
  connect(a: string, b: string): void;
  disconnect(a: string, b: string): void;
  /** `from>to`, `by blames whom: code`. */
  readonly blames: string[];
  /** Messages by `from>to`. */
  readonly sent: Map<string, Uint8Array[]>;
  /** Said no to the next messages of this direction. */
  readonly full: Set<string>;
  /** Swallows what is sent in this direction. */
  readonly lost: Set<string>;
}

export function createWire(clock: VirtualClock, delay_ms = 10): Wire {
  const nodes = new Map<string, { protocol: ChannelProtocol; validator: boolean }>();
  const links = new Set<string>();
  const sent = new Map<string, Uint8Array[]>();
  const full = new Set<string>();
  const lost = new Set<string>();
  const blames: string[] = [];
  const peerOf = (id: string) => ({ id, validator: nodes.get(id)!.validator });
  return {
    sent,
    full,
    lost,
    blames,
    sender: (from) => (to, message) => {
      const way = `${from}>${to}`;
      if (!links.has(way) || full.has(way)) return false;
      sent.set(way, [...(sent.get(way) ?? []), message]);
      if (lost.has(way)) return true;
      clock.setTimer(() => {
        if (links.has(way)) nodes.get(to)!.protocol.onMessage(peerOf(from), message);
      }, delay_ms);
      return true;
    },
    blamer: (by) => (peer, code) => void blames.push(`${by} blames ${peer}: ${code}`),
    join: (id, protocol, { validator = true } = {}) => void nodes.set(id, { protocol, validator }),
    connect(a, b) {
      links.add(`${a}>${b}`).add(`${b}>${a}`);
      nodes.get(a)!.protocol.onConnected(peerOf(b));
      nodes.get(b)!.protocol.onConnected(peerOf(a));
    },
    disconnect(a, b) {
      links.delete(`${a}>${b}`);
      links.delete(`${b}>${a}`);
      nodes.get(a)!.protocol.onDisconnected(peerOf(b));
      nodes.get(b)!.protocol.onDisconnected(peerOf(a));
    },
  };
}
