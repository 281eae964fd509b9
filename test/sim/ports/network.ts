// The network between the machines of a run: it loses, doubles, delays, reorders and repeats messages, cuts links in one direction
// or both, and queues no more than a limit. An instance is one running node; two instances may go by one peer id (Twins).

import type { Validator } from '@suyuan/contracts';
import type {
  Channel,
  Peer,
  Transport,
  TransportHandlers,
} from '../../../server/src/consensus/transport/port.ts';
import type { Prng } from '../kernel/prng.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import type { Trace } from '../kernel/trace.ts';
import { describe } from './describe.ts';

export interface Weather {
  drop: number;
  duplicate: number;
  /** Shares of messages that come again much later, and that arrive bent or cut short. */
  replay: number;
  garble: number;
  least_ms: number;
  most_ms: number;
  /** A share of messages takes up to `spike_ms`. */
  spike: number;
  spike_ms: number;
  /** Messages under way on one link in one channel; beyond it `send` refuses. */
  queue_max: number;
}

export const CALM: Readonly<Weather> = {
  drop: 0,
  duplicate: 0,
  replay: 0,
  garble: 0,
  least_ms: 1,
  most_ms: 15,
  spike: 0,
  spike_ms: 0,
  queue_max: 2000,
};

export interface Sent {
  readonly from: number;
  readonly to: number;
  readonly channel: Channel;
  readonly message: Uint8Array;
}

export interface SimNetwork {
  weather: Weather;
  /** Instances `from` and `to` cannot hear each other in this direction. */
  cut(from: number, to: number): void;
  mend(): void;
  /** A transport for one life of an instance. `dieAtSend` is told of each message before it leaves; true ends it there. */
  boot(
    instance: number,
    life: { readonly alive: () => boolean; readonly beforeSend: () => void },
  ): Transport;
  /** Breaks this instance's connections: its process ended, or its cable was pulled and put back. */
  disconnect(instance: number): void;
  /** Puts any bytes on a link in an instance's name. */
  inject(from: number, to: number, channel: Channel, message: Uint8Array): void;
  /** Sees every message that any instance sends. */
  onSent: (sent: Sent) => void;
  idOf(instance: number): string;
  instances(): number;
  readonly sent: number;
  readonly underWay: number;
  readonly blamed: ReadonlyMap<string, number>;
}

interface Up {
  readonly handlers: TransportHandlers;
  readonly alive: () => boolean;
  admitted: ReadonlySet<string>;
  /** Connected instances. */
  readonly linked: Set<number>;
}

const RECONNECT_MS = 120;
const REPLAY_MS = 30_000;
const CHANNELS: readonly Channel[] = ['consensus', 'transactions', 'blocks'];

export function createSimNetwork(options: {
  readonly scheduler: Scheduler;
  readonly random: Prng;
  readonly trace: Trace;
  /** The peer id of each instance. */
  readonly ids: readonly string[];
}): SimNetwork {
  const { scheduler, random, trace, ids } = options;
  const up = new Map<number, Up>();
  const cuts = new Set<number>();
  const queued = new Map<number, number>();
  const blamed = new Map<string, number>();
  let sent = 0;
  let underWay = 0;
  const linkOf = (from: number, to: number) => from * ids.length + to;

  function peerSeenBy(seer: Up, instance: number): Peer {
    const id = ids[instance]!;
    return { id, validator: seer.admitted.has(id) };
  }

  function linkedUnder(node: Up, id: string): number[] {
    return [...node.linked].filter((instance) => ids[instance] === id).sort((a, b) => a - b);
  }

  /** Both sides up and both directions open: after a while they are connected. */
  function tryLink(a: number, b: number): void {
    if (ids[a] === ids[b]) return;
    scheduler.after(random.int(1, RECONNECT_MS), () => {
      const [left, right] = [up.get(a), up.get(b)];
      if (left === undefined || right === undefined || left.linked.has(b)) return;
      if (!left.alive() || !right.alive()) return;
      if (cuts.has(linkOf(a, b)) || cuts.has(linkOf(b, a))) return;
      for (const [node, other] of [
        [left, b],
        [right, a],
      ] as const) {
        const first = linkedUnder(node, ids[other]!).length === 0;
        node.linked.add(other);
        if (first && node.alive()) node.handlers.onConnected(peerSeenBy(node, other));
      }
    });
  }

  function unlink(a: number, b: number): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const node = up.get(from);
      if (node === undefined || !node.linked.delete(to)) continue;
      if (linkedUnder(node, ids[to]!).length > 0) continue;
      const peer = peerSeenBy(node, to);
      if (node.alive()) node.handlers.onDisconnected(peer);
    }
  }

  function deliver({ from, to, channel, message }: Sent, delay_ms: number): void {
    scheduler.after(delay_ms, () => {
      const node = up.get(to);
      if (node === undefined || !node.alive() || cuts.has(linkOf(from, to))) return;
      trace.note(
        'gets',
        to * 64 + from,
        message.length,
        () => `${to} gets ${describe(channel, message)} from ${from}`,
      );
      node.handlers.onMessage(peerSeenBy(node, from), channel, message);
    });
  }

  function delay(weather: Weather): number {
    if (weather.spike > 0 && random.chance(weather.spike)) return random.int(1, weather.spike_ms);
    return random.int(weather.least_ms, weather.most_ms);
  }

  function bent(message: Uint8Array): Uint8Array {
    if (random.chance(0.5)) return message.subarray(0, random.int(0, message.length - 1));
    const copy = message.slice();
    for (let i = random.int(1, 3); i > 0; i--)
      copy[random.int(0, copy.length - 1)] = random.int(0, 255);
    return copy;
  }

  function put(one: Sent): boolean {
    const { weather } = network;
    const key = linkOf(one.from, one.to) * CHANNELS.length + CHANNELS.indexOf(one.channel);
    const waiting = queued.get(key) ?? 0;
    if (waiting >= weather.queue_max) return false;
    sent += 1;
    network.onSent(one);
    if (cuts.has(linkOf(one.from, one.to))) return true;
    if (weather.drop > 0 && random.chance(weather.drop)) return true;
    const wait_ms = delay(weather);
    queued.set(key, waiting + 1);
    underWay += 1;
    scheduler.after(wait_ms, () => {
      queued.set(key, queued.get(key)! - 1);
      underWay -= 1;
    });
    const garbled = weather.garble > 0 && one.message.length > 0 && random.chance(weather.garble);
    deliver(garbled ? { ...one, message: bent(one.message) } : one, wait_ms);
    if (weather.duplicate > 0 && random.chance(weather.duplicate)) deliver(one, delay(weather));
    if (weather.replay > 0 && random.chance(weather.replay)) {
      deliver(one, random.int(1, REPLAY_MS));
    }
    return true;
  }

  const network: SimNetwork = {
    weather: { ...CALM },
    onSent: () => {},
    cut: (from, to) => void cuts.add(linkOf(from, to)),
    mend() {
      cuts.clear();
      for (const a of up.keys()) for (const b of up.keys()) if (a < b) tryLink(a, b);
    },
    boot(instance, { alive, beforeSend }) {
      let admitted: ReadonlySet<string> = new Set();
      return {
        async start(handlers) {
          if (!alive()) return;
          up.set(instance, { handlers, alive, admitted, linked: new Set() });
          for (const other of up.keys()) if (other !== instance) tryLink(instance, other);
        },
        peers() {
          const node = up.get(instance);
          if (node === undefined || !alive()) return [];
          const seen = new Map([...node.linked].sort((a, b) => a - b).map((to) => [ids[to]!, to]));
          return [...seen.values()].map((to) => peerSeenBy(node, to));
        },
        send(peer, channel, message) {
          const node = up.get(instance);
          if (node === undefined || !alive()) return false;
          const targets = linkedUnder(node, peer);
          let taken = false;
          for (const to of targets) {
            beforeSend();
            if (!alive()) return false;
            taken = put({ from: instance, to, channel, message }) || taken;
          }
          return taken;
        },
        admit(validators: readonly Validator[]) {
          const before = admitted;
          admitted = new Set(validators.map(({ id }) => id));
          const node = up.get(instance);
          if (node === undefined || !alive()) return;
          node.admitted = admitted;
          for (const id of new Set([...node.linked].map((to) => ids[to]!))) {
            if (before.has(id) === node.admitted.has(id)) continue;
            node.handlers.onDisconnected({ id, validator: before.has(id) });
            node.handlers.onConnected({ id, validator: node.admitted.has(id) });
          }
        },
        blame(peer, code) {
          if (!alive()) return;
          const key = `${peer} ${code}`;
          blamed.set(key, (blamed.get(key) ?? 0) + 1);
        },
        async stop() {
          if (!alive()) return;
          network.disconnect(instance);
          up.delete(instance);
        },
      };
    },
    disconnect(instance) {
      const node = up.get(instance);
      if (node === undefined) return;
      const others = [...node.linked].sort((a, b) => a - b);
      for (const other of others) unlink(instance, other);
      if (!node.alive()) up.delete(instance);
      else for (const other of up.keys()) if (other !== instance) tryLink(instance, other);
    },
    inject: (from, to, channel, message) => void put({ from, to, channel, message }),
    idOf: (instance) => ids[instance]!,
    instances: () => ids.length,
    get sent() {
      return sent;
    },
    get underWay() {
      return underWay;
    },
    blamed,
  };
  return network;
}
