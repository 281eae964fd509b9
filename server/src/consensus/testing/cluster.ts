// Validators with real driver, core, signer and journal upon a fake ledger, in one process and in virtual time.

import { createMemoryDisk, type MemoryDisk } from '@suyuan/durable';
import type { NodeLogger } from '../../engine/logger.ts';
import { silentLogger } from '../../engine/logger.ts';
import { type Journal, openJournal } from '../journal/index.ts';
import { foundGuard, openSigner, type Signer } from '../signer/index.ts';
import { createSimplex, type Simplex, type SimplexOptions } from '../simplex/index.ts';
import { createMemoryNetwork } from '../transport/memory.ts';
import type { Channel, Peer, Transport, TransportHandlers } from '../transport/port.ts';
import { type CountingCrypto, createFakeCrypto, secretOf } from './fake-crypto.ts';
import {
  CHAIN,
  createFakeHost,
  createLedger,
  type FakeHost,
  type FakeLedger,
  validatorsOf,
} from './fake-ledger.ts';
import { createVirtualTime, type MachineClock, type VirtualTime } from './time.ts';

export interface Machine {
  readonly id: string;
  readonly disk: MemoryDisk;
  readonly ledger: FakeLedger;
  readonly clock: MachineClock;
  readonly logs: { readonly level: string; readonly message: string }[];
  /** Errors that stopped it, in all its lives. */
  readonly failures: unknown[];
  host: FakeHost;
  simplex: Simplex;
  /** Messages sent, by channel. */
  sent: number;
  isUp: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** As kill -9: nothing is closed, what was not synced may be gone. */
  crash(): void;
}

/** A validator's key in other hands: what it hears, and a voice. */
export interface Stranger {
  readonly transport: Transport;
  readonly heard: { readonly peer: string; readonly message: Uint8Array }[];
}

export interface Cluster {
  readonly time: VirtualTime;
  readonly crypto: CountingCrypto;
  readonly machines: readonly Machine[];
  /** Messages from one to another are lost while this holds. */
  loses: (from: string, to: string, channel: Channel, message: Uint8Array) => boolean;
  blamed: { readonly peer: string; readonly code: string }[];
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Until every machine that is up has this many blocks. */
  height(height: number, limit_ms?: number): Promise<void>;
  submit(text: string, at?: number): void;
  /** Someone with the key of this validator, which must not be running. */
  stranger(id: string): Promise<Stranger>;
}

export interface ClusterOptions {
  readonly ids?: readonly string[];
  /** Who votes at first; all by default. */
  readonly genesis?: readonly string[];
  readonly options?: Partial<SimplexOptions>;
  readonly seed?: number;
}

export async function createCluster(given: ClusterOptions = {}): Promise<Cluster> {
  const ids = given.ids ?? ['a', 'b', 'c', 'd'];
  const genesis = given.genesis ?? ids;
  const random = chance(given.seed ?? 1);
  const time = createVirtualTime();
  const crypto = createFakeCrypto();
  const network = createMemoryNetwork({ defer: time.defer, logger: silentLogger });
  const cluster: Cluster = {
    time,
    crypto,
    machines: [],
    blamed: [],
    loses: () => false,
    async start() {
      for (const machine of cluster.machines) await machine.start();
    },
    async stop() {
      for (const machine of cluster.machines) if (machine.isUp) await machine.stop();
    },
    async height(height, limit_ms) {
      const up = cluster.machines.filter(({ isUp }) => isUp);
      await time.until(
        () => up.every(({ host, isUp }) => !isUp || host.head().height >= height),
        limit_ms,
      );
    },
    submit(text, at = 0) {
      cluster.machines[at]?.host.submit(text);
    },
    async stranger(id) {
      const transport = network.join({ key: crypto.publicKeyOf(secretOf(id)) });
      const heard: { peer: string; message: Uint8Array }[] = [];
      transport.admit(validatorsOf(crypto, genesis));
      await transport.start({
        onConnected() {},
        onDisconnected() {},
        onMessage(peer, channel, message) {
          if (channel === 'consensus') heard.push({ peer: peer.id, message });
        },
      });
      return { transport, heard };
    },
  };

  function machineOf(id: string): Machine {
    const disk = createMemoryDisk(random);
    const ledger = createLedger();
    const clock = time.clock();
    const secret = secretOf(id);
    const logs: { level: string; message: string }[] = [];
    const logger: NodeLogger = {
      info: (_, message) => void logs.push({ level: 'info', message }),
      warn: (_, message) => void logs.push({ level: 'warn', message }),
      error: (_, message) => void logs.push({ level: 'error', message }),
    };
    let opened: { signer: Signer | null; journal: Journal; transport: Transport } | undefined;
    let life = { clock, isAlive: false };

    const failures: unknown[] = [];
    const machine: Machine = {
      id,
      failures,
      disk,
      ledger,
      clock,
      logs,
      host: createFakeHost({ ledger, crypto, clock, genesis, logger, failures }),
      simplex: undefined as unknown as Simplex,
      sent: 0,
      isUp: false,
      async start() {
        const now = { clock, isAlive: true };
        life = now;
        const own = aliveClock(clock, now);
        machine.host = createFakeHost({ ledger, crypto, clock: own, genesis, logger, failures });
        let notVoting: unknown;
        const signer = await openSigner({
          disk,
          path: '/node/guard',
          secret,
          crypto,
          chainId: CHAIN,
        }).catch((error: unknown) => {
          notVoting = error;
          return null;
        });
        const journal = await openJournal({ disk, directory: '/node/journal' });
        const wire = network.join({ key: crypto.publicKeyOf(secret) });
        const transport = faulty(wire, machine, now);
        opened = { signer, journal, transport: wire };
        machine.simplex = createSimplex({
          signer,
          ...(notVoting === undefined ? {} : { notVoting }),
          journal,
          transport,
          random,
          ...(given.options === undefined ? {} : { options: given.options }),
        });
        machine.isUp = true;
        await machine.simplex.start(machine.host);
      },
      async stop() {
        await machine.simplex.stop();
        machine.isUp = false;
        await opened?.signer?.close();
        await opened?.journal.close();
      },
      crash() {
        life.isAlive = false;
        machine.isUp = false;
        void opened?.transport.stop();
        disk.restart();
      },
    };
    return machine;
  }

  function faulty(wire: Transport, machine: Machine, life: { isAlive: boolean }): Transport {
    return {
      start: (handlers) => wire.start(alive(handlers, life)),
      peers: () => wire.peers(),
      send(peer, channel, message) {
        if (!life.isAlive) return false;
        machine.sent += 1;
        if (cluster.loses(machine.id, peer, channel, message)) return true;
        return wire.send(peer, channel, message);
      },
      admit: (validators) => wire.admit(validators),
      blame: (peer, code) => void cluster.blamed.push({ peer, code }),
      stop: () => wire.stop(),
    };
  }

  const machines = ids.map(machineOf);
  for (const { disk, id } of machines) {
    await disk.makeDirectory('/node');
    const publicKey = crypto.publicKeyOf(secretOf(id));
    await foundGuard({ disk, path: '/node/guard', publicKey, chainId: CHAIN });
  }
  return Object.assign(cluster, { machines });
}

/** Timers of a crashed process never fire. */
function aliveClock(clock: MachineClock, life: { readonly isAlive: boolean }): MachineClock {
  return {
    get skew_ms() {
      return clock.skew_ms;
    },
    now_ms: () => clock.now_ms(),
    setTimer: (callback, delay_ms) =>
      clock.setTimer(() => {
        if (life.isAlive) callback();
      }, delay_ms),
  };
}

function alive(
  handlers: TransportHandlers,
  life: { readonly isAlive: boolean },
): TransportHandlers {
  const ifAlive =
    <T extends unknown[]>(call: (...args: T) => void) =>
    (...args: T) => {
      if (life.isAlive) call(...args);
    };
  return {
    onConnected: ifAlive((peer: Peer) => handlers.onConnected(peer)),
    onDisconnected: ifAlive((peer: Peer) => handlers.onDisconnected(peer)),
    onMessage: ifAlive((peer: Peer, channel: Channel, message: Uint8Array) =>
      handlers.onMessage(peer, channel, message),
    ),
  };
}

/** Numbers in [0, 1) out of a seed. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
