// One organisation's machine: disk, database and clock outlive its processes; each life runs the product's own node on them.

import {
  type AppError,
  isAppError,
  type ReceiptView,
  type RuleRegistry,
  type SecretKey,
} from '@suyuan/contracts';
import { type DiskPort, isDurableError } from '@suyuan/durable';
import { openJournal } from '../../../server/src/consensus/journal/index.ts';
import { foundGuard, openSigner, type Signer } from '../../../server/src/consensus/signer/index.ts';
import { createSimplex, type Simplex } from '../../../server/src/consensus/simplex/index.ts';
import {
  createGossip,
  type Gossip,
  type GossipParts,
} from '../../../server/src/consensus/sync/gossip.ts';
import { type Ledger, openLedger } from '../../../server/src/engine/ledger.ts';
import type { NodeLogger } from '../../../server/src/engine/logger.ts';
import { createMemoryDatabase } from '../../../server/src/storage/memory-database.ts';
import type { Prng } from '../kernel/prng.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import type { Trace } from '../kernel/trace.ts';
import { createSimClock, type SimClock } from '../ports/clock.ts';
import type { SimCrypto } from '../ports/crypto.ts';
import { createSimDisk, type SimDisk } from '../ports/disk.ts';
import type { SimNetwork } from '../ports/network.ts';
import { BEGIN_MS, type SimLedger } from './ledger.ts';
import { SIM_OPTIONS } from './options.ts';

export const DATA = '/data';
const JOURNAL = '/data/wal';
const guardPath = (generation: number) => `/guard/${generation}.guard`;

export interface MachineParts {
  readonly instance: number;
  readonly id: string;
  readonly ledger: SimLedger;
  readonly crypto: SimCrypto;
  readonly scheduler: Scheduler;
  readonly network: SimNetwork;
  readonly trace: Trace;
  readonly random: Prng;
  /** A process of this machine holds new blocks. */
  readonly onBlocks: (machine: Machine) => void;
  /** Its process is gone, for whatever reason. */
  readonly onDown: (machine: Machine) => void;
  /** The process ended by itself: the power went, or it could not start. */
  readonly onDeath: (machine: Machine) => void;
  readonly onLog: (machine: Machine, level: string, message: string) => void;
}

export interface Machine {
  readonly instance: number;
  readonly id: string;
  readonly disk: SimDisk;
  readonly clock: SimClock;
  /** Whose statements bind nobody: its node follows, an attacker speaks in its name. */
  hostile: boolean;
  /** Its key is known to have signed what it no longer remembers, or is in two hands: its node is no witness. */
  untrusted: boolean;
  /** Which of its validator keys it runs with. */
  generation: number;
  program: RuleRegistry | undefined;
  /** Faults that were put upon it and may stop its node or keep it from starting. */
  readonly excuses: Set<string>;
  /** It takes part in this run. */
  used: boolean;
  /** A transaction that it sent it does not offer again. */
  offersOnce: boolean;
  /** A bit of what it once wrote has turned: whatever it does, it must not vote. */
  rotted: boolean;
  sync_ms: readonly [number, number];
  /** Undefined while no process runs or it is still starting. */
  node(): Node | undefined;
  readonly state: 'down' | 'starting' | 'up';
  /** Why the last start was refused. */
  readonly refusal: unknown;
  /** Height up to which the oracle has seen its blocks. */
  seen: number;
  start(): void;
  /** The process is killed, or the power goes. */
  die(how: 'power' | 'kill', rot?: boolean): void;
  /** It dies before the n-th message from now leaves. */
  dieAtSend(count: number, how: 'power' | 'kill'): void;
  /** No death or refused call that was arranged for later comes any more. */
  spare(): void;
  /** The state database is lost; it is rebuilt from the block log. */
  forgetState(): void;
  /** As by its keeper, in order. */
  stop(): void;
  /** It was told to, and is about it. */
  readonly stopping: boolean;
  secret(): SecretKey;
  /** A guard file for the key of this generation, made once. */
  readonly guarded: Set<number>;
  /** That of the key that it runs with; those of keys before it are read no more. */
  readonly guardFile: string;
  submit(bytes: Uint8Array): Promise<ReceiptView>;
}

function gossipOnce(parts: GossipParts): Gossip {
  return createGossip({ ...parts, limits: { again_ms: 3_600_000 } });
}

export interface Node {
  readonly ledger: Ledger;
  /** Undefined where the program lacks the rules of the next block: such a node only answers reads. */
  readonly consensus: Simplex | undefined;
}

export function createMachine(parts: MachineParts): Machine {
  const { instance, id, scheduler, network, trace, random, crypto, ledger } = parts;
  let database = createMemoryDatabase();
  let life = 0;
  let node: Node | undefined;
  let state: Machine['state'] = 'down';
  let refusal: unknown;
  let stopping: Node | undefined;
  let sends: { left: number; how: 'power' | 'kill' } | undefined;
  const disk = createSimDisk({
    random: random.fork('disk'),
    after: (delay_ms, act) => void scheduler.after(delay_ms, act),
    sync_ms: () => random.int(machine.sync_ms[0], machine.sync_ms[1]),
  });

  function logger(alive: () => boolean): NodeLogger {
    const log = (level: string) => (fields: object, message: string) => {
      if (!alive()) return;
      const err = 'err' in fields ? fields.err : undefined;
      parts.onLog(machine, level, err === undefined ? message : `${message}: ${causes(err)}`);
    };
    return { info: log('info'), warn: log('warn'), error: log('error') };
  }

  async function boot(): Promise<void> {
    life += 1;
    const own = life;
    const alive = () => own === life;
    sends = undefined;
    const port = disk.mount((how) => {
      if (alive()) fall(how, false);
    });
    try {
      const opened = await open(port, alive);
      if (!alive()) return;
      node = opened;
      state = 'up';
      refusal = undefined;
      trace.note('up', instance, opened.ledger.height(), () => `${id}/${instance} is up`);
      parts.onBlocks(machine);
    } catch (error) {
      if (!alive()) return;
      refusal = error;
      trace.note(
        'refused',
        instance,
        0,
        () => `${id}/${instance} does not start: ${causes(error)}`,
      );
      down('kill', false);
      parts.onDeath(machine);
    }
  }

  async function open(port: DiskPort, alive: () => boolean): Promise<Node> {
    const clock = machine.clock.boot(alive);
    const log = logger(alive);
    const opened = await openLedger({
      directory: DATA,
      genesisBytes: ledger.genesis,
      crypto,
      clock,
      logger: log,
      disk: port,
      openDatabase: async () => database.open(),
      ...(machine.program === undefined ? {} : { rules: machine.program }),
    });
    const secret = machine.secret();
    const path = guardPath(machine.generation);
    if (!machine.hostile && !machine.guarded.has(machine.generation)) {
      const publicKey = crypto.publicKeyOf(secret);
      await foundGuard({ disk: port, path, publicKey, chainId: ledger.chainId }).catch((error) => {
        // The machine went down before it could tell that it was made.
        if (!isAppError(error, 'signer/guard-exists')) throw error;
      });
      machine.guarded.add(machine.generation);
    }
    const { chainId } = ledger;
    let signer: Signer | null = null;
    let notVoting: unknown;
    if (!machine.hostile) {
      try {
        signer = await openSigner({
          disk: port,
          path,
          secret,
          crypto,
          chainId,
          maxFile_bytes: 4096,
        });
      } catch (error) {
        if (!isAppError(error, 'signer')) throw error;
        notVoting = error;
      }
    }
    const consensus = createSimplex({
      signer,
      ...(notVoting === undefined ? {} : { notVoting }),
      journal: await openJournal({ disk: port, directory: JOURNAL, segment_bytes: 8192 }),
      transport: network.boot(instance, { alive, beforeSend }),
      random: random.fork(`life ${life}`).next,
      options: SIM_OPTIONS,
      ...(machine.offersOnce ? { createGossip: gossipOnce } : {}),
    });
    opened.subscribe(() => {
      if (alive()) parts.onBlocks(machine);
    });
    if (opened.failure() !== undefined) return { ledger: opened, consensus: undefined };
    await consensus.start(opened.host);
    return { ledger: opened, consensus };
  }

  function beforeSend(): void {
    if (sends === undefined) return;
    sends.left -= 1;
    if (sends.left <= 0) fall(sends.how, false);
  }

  /** The machine goes down by itself. */
  function fall(how: 'power' | 'kill', rot: boolean): void {
    down(how, rot);
    parts.onDeath(machine);
  }

  function down(how: 'power' | 'kill', rot: boolean): void {
    life += 1;
    node = undefined;
    state = 'down';
    sends = undefined;
    disk.die(how, rot);
    database.crash(how === 'kill' ? database.unsynced : random.int(0, database.unsynced));
    network.disconnect(instance);
    parts.onDown(machine);
    trace.note(
      'down',
      instance,
      how === 'kill' ? 0 : 1,
      () => `${id}/${instance} is down (${how})`,
    );
  }

  const machine: Machine = {
    instance,
    id,
    disk,
    clock: createSimClock(scheduler, BEGIN_MS),
    hostile: false,
    untrusted: false,
    generation: 0,
    program: undefined,
    excuses: new Set(),
    sync_ms: [0, 2],
    node: () => node,
    get state() {
      return state;
    },
    get refusal() {
      return refusal;
    },
    seen: 0,
    start() {
      if (state !== 'down') return;
      state = 'starting';
      boot().catch((error: unknown) => {
        refusal = error;
      });
    },
    die(how, rot = false) {
      if (state !== 'down') down(how, rot);
    },
    dieAtSend(count, how) {
      sends = { left: count, how };
    },
    spare() {
      sends = undefined;
      disk.spare();
    },
    forgetState() {
      database = createMemoryDatabase();
      machine.seen = 0;
    },
    used: false,
    offersOnce: false,
    rotted: false,
    get stopping() {
      return stopping !== undefined && stopping === node;
    },
    stop() {
      const running = node;
      if (running === undefined) return;
      stopping = running;
      const own = life;
      trace.note('stop', instance, 0, () => `${id}/${instance} is told to stop`);
      (async () => {
        running.ledger.shut();
        await running.consensus?.stop();
        await running.ledger.close();
        if (own !== life) return;
        down('kill', false);
        parts.onDeath(machine);
      })().catch((error: unknown) => {
        if (own !== life) return;
        refusal = error;
        down('kill', false);
        parts.onDeath(machine);
      });
    },
    secret: () => ledger.keyOf(id, machine.generation),
    guarded: new Set(),
    get guardFile() {
      return guardPath(machine.generation);
    },
    async submit(bytes) {
      if (node === undefined) throw new Error('sim: nothing runs there');
      return node.ledger.submit(bytes);
    },
  };
  return machine;
}

/** A coded error says itself what it is; anything else that stops a node is a bug. */
export function isCoded(error: unknown): error is AppError {
  return isAppError(error) || isDurableError(error);
}

export function isOfDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && DISK_ERRORS.has(error.code);
}

const DISK_ERRORS: ReadonlySet<unknown> = new Set(['ENOSPC', 'EIO']);

/** An error and what caused it, in one line. */
export function causes(error: unknown): string {
  const told: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? `${at.code} ` : '';
    told.push(`${code}${at.message}`);
  }
  return told.length === 0 ? String(error) : told.join(' <- ');
}
