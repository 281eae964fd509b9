// Peers within one process. What is sent arrives in a later turn of the scheduler, in order within a channel, under the same limits as
// over a wire; nothing is copied, so what was sent must not be changed.

import type { PublicKey, Validator } from '@suyuan/contracts';
import type { NodeLogger } from '../../engine/logger.ts';
import { admittedSet, keyName, peerOf } from './channels.ts';
import {
  type Channel,
  MESSAGE_BYTES_MAX,
  type Peer,
  type Transport,
  type TransportHandlers,
} from './port.ts';
import { type ChannelQueueLimits, QUEUE_LIMITS, SendQueues } from './send-queues.ts';

export interface MemoryNetworkOptions {
  /** Runs it later, in the order of the calls, never within the call: `setImmediate`, or a simulation's queue. */
  readonly defer: (run: () => void) => void;
  readonly logger: NodeLogger;
  readonly queues?: ChannelQueueLimits;
}

export interface MemoryNetwork {
  /** A transport for the holder of this key. It is connected to all others from its `start` to its `stop`. */
  join(self: { readonly key: PublicKey }): Transport;
}

/** Messages that one member is given in one turn: between two turns other work runs. */
const DELIVERIES_PER_TURN = 64;

interface Member {
  readonly key: PublicKey;
  readonly name: string;
  admitted: ReadonlyMap<string, string>;
  handlers: TransportHandlers | null;
  /** Connected members by the name of their key, in the order of their coming. */
  readonly links: Map<string, Link>;
  /** Connections and disconnections that its handlers have not heard of yet. */
  readonly news: (() => void)[];
  isScheduled: boolean;
  /** Whose messages are next. */
  turn: number;
}

/** From one member to another, as the receiver keeps it. */
interface Link {
  readonly from: Member;
  peer: Peer;
  readonly inbox: SendQueues;
}

export function createMemoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  const { defer, logger, queues = QUEUE_LIMITS } = options;
  const members = new Map<string, Member>();

  function schedule(member: Member): void {
    if (member.isScheduled) return;
    member.isScheduled = true;
    defer(() => deliver(member));
  }

  function deliver(member: Member): void {
    member.isScheduled = false;
    for (const tell of member.news.splice(0)) tell();
    let left = DELIVERIES_PER_TURN;
    let quiet = 0;
    while (left > 0 && quiet < member.links.size && member.handlers !== null) {
      const links = [...member.links.values()];
      const link = links[member.turn++ % links.length]!;
      const piece = link.inbox.next(Number.POSITIVE_INFINITY);
      if (piece === undefined) {
        quiet += 1;
        continue;
      }
      quiet = 0;
      left -= 1;
      member.handlers.onMessage(link.peer, piece.channel, piece.bytes);
    }
    if ([...member.links.values()].some((link) => !link.inbox.isEmpty)) schedule(member);
  }

  function tell(member: Member, event: 'onConnected' | 'onDisconnected', peer: Peer): void {
    member.news.push(() => member.handlers?.[event](peer));
    schedule(member);
  }

  function connect(member: Member, other: Member): void {
    const peer = peerOf(member.admitted, other.key);
    member.links.set(other.name, { from: other, peer, inbox: new SendQueues(queues) });
    tell(member, 'onConnected', peer);
  }

  function disconnect(member: Member, other: Member): void {
    const link = member.links.get(other.name);
    if (link === undefined) return;
    member.links.delete(other.name);
    tell(member, 'onDisconnected', link.peer);
  }

  function transportOf(member: Member): Transport {
    return {
      async start(handlers) {
        if (members.has(member.name)) throw new Error('memory network: this key has started');
        member.handlers = handlers;
        for (const other of members.values()) {
          connect(member, other);
          connect(other, member);
        }
        members.set(member.name, member);
      },
      peers: () => [...member.links.values()].map((link) => link.peer),
      send(peer, channel, message) {
        if (message.length > MESSAGE_BYTES_MAX[channel]) {
          logger.error({ peer, channel, bytes: message.length }, 'a message is too large to send');
          return false;
        }
        const link = [...member.links.values()].find((candidate) => candidate.peer.id === peer);
        if (link === undefined) return false;
        if (channel === 'consensus' && !link.peer.validator) return false;
        return receive(link.from, member, channel, message);
      },
      admit(validators: readonly Validator[]) {
        member.admitted = admittedSet(validators);
        for (const link of member.links.values()) {
          const peer = peerOf(member.admitted, link.from.key);
          if (peer.id === link.peer.id) continue;
          tell(member, 'onDisconnected', link.peer);
          link.peer = peer;
          tell(member, 'onConnected', peer);
        }
      },
      blame(peer, code) {
        logger.warn({ peer, code }, 'a peer sent what no honest one sends');
      },
      async stop() {
        if (members.get(member.name) === member) members.delete(member.name);
        for (const other of members.values()) disconnect(other, member);
        member.links.clear();
        member.news.length = 0;
        member.handlers = null;
      },
    };
  }

  function receive(member: Member, from: Member, channel: Channel, message: Uint8Array): boolean {
    const link = member.links.get(from.name);
    if (link === undefined) return false;
    // As over the wire: what an observer says about votes is not heard.
    if (channel === 'consensus' && !link.peer.validator) return true;
    if (!link.inbox.push(channel, message)) return false;
    schedule(member);
    return true;
  }

  return {
    join({ key }) {
      return transportOf({
        key,
        name: keyName(key),
        admitted: new Map(),
        handlers: null,
        links: new Map(),
        news: [],
        isScheduled: false,
        turn: 0,
      });
    },
  };
}
