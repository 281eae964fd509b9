// All of one run: machines, network, ledger, those who watch, and the first thing that went wrong.

import {
  blockHash,
  bytesToHex,
  decodeHeader,
  decodeReceipt,
  decodeTx,
  type SecretKey,
  txId,
  type Validator,
} from '@suyuan/contracts';
import { decodeMessage } from '../../../server/src/consensus/messages/index.ts';
import { type ChainOracle, createChainOracle } from '../invariants/chain.ts';
import { createLightClient, type LightClient } from '../invariants/light-client.ts';
import { Violation } from '../invariants/violation.ts';
import { createVoteLedger, type VoteLedger } from '../invariants/votes.ts';
import { createPrng, type Prng } from '../kernel/prng.ts';
import { createScheduler, type Scheduler } from '../kernel/scheduler.ts';
import { createTrace, type Trace } from '../kernel/trace.ts';
import { createSimCrypto, type SimCrypto } from '../ports/crypto.ts';
import { createSimNetwork, type Sent, type SimNetwork } from '../ports/network.ts';
import { type Clients, createClients } from './clients.ts';
import { BEGIN_MS, createSimLedger, type SimLedger } from './ledger.ts';
import { causes, createMachine, isCoded, isOfDisk, type Machine } from './machine.ts';

export interface World {
  readonly random: Prng;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly crypto: SimCrypto;
  readonly ledger: SimLedger;
  readonly network: SimNetwork;
  readonly machines: readonly Machine[];
  readonly votes: VoteLedger;
  readonly oracle: ChainOracle;
  readonly phone: LightClient;
  readonly clients: Clients;
  /** Secrets of attackers, by position in the set of an epoch. */
  hostileSecrets: (epoch: number) => ReadonlyMap<number, SecretKey>;
  onDeath: (machine: Machine) => void;
  onSent: (sent: Sent) => void;
  /** A node has new blocks, or has begun. */
  onStep: (machine: Machine) => void;
  readonly violation: Violation | undefined;
  fail(error: unknown): void;
  /** Runs events until the time is come; false when something went wrong. */
  run(until_ms: number, done?: () => boolean): Promise<boolean>;
}

/** A run that takes more events than this does not end. */
const STEPS_MAX = 400_000;
/** No queue, map or list of a node may grow beyond this in a run as small as these. */
const SIZE_MAX = 5000;
/** Heights of which certificates are offered to the phone bent: each costs some signatures. */
const ATTACKED_EVERY = 4;
/** What a validator lets a block's time be ahead of its own clock. */
const AHEAD_MS_MAX = 5000;

export function createWorld(options: {
  readonly seed: number;
  readonly validators: number;
  /** Ids of validators of whom a second node runs with the same key. */
  readonly twins: readonly number[];
  readonly atLength: boolean;
}): World {
  const { seed, validators } = options;
  const random = createPrng(seed, 'world');
  const scheduler = createScheduler(random.fork('order'));
  const trace = createTrace(scheduler.now_ms, options.atLength);
  const crypto = createSimCrypto();
  const ledger = createSimLedger(crypto, validators);
  const founders = ledger.founders.map((id) => ({
    id,
    key: crypto.publicKeyOf(ledger.keyOf(id, 0)),
  }));
  const votes = createVoteLedger(ledger.chainId);
  votes.begin(
    0,
    founders.map(({ key }) => bytesToHex(key.bytes)),
  );
  const hashOf = (header: Uint8Array) => blockHash(ledger.hash, header);
  const oracle = createChainOracle({ chainId: ledger.chainId, crypto, hashOf, genesis: founders });
  const phone = createLightClient(crypto, ledger);
  const clients = createClients(oracle, trace);
  const ids = [
    ...ledger.founders,
    ...ledger.spares,
    ...options.twins.map((i) => ledger.founders[i]!),
  ];
  const network = createSimNetwork({ scheduler, random: random.fork('network'), trace, ids });
  const dirty = new Set<Machine>();
  const noted = new WeakSet<Uint8Array>();
  let violation: Violation | undefined;

  function guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      world.fail(error);
    }
  }

  crypto.onSign = (secret, message) => {
    guarded(() => votes.signed(bytesToHex(crypto.publicKeyOf(secret).bytes), message));
  };
  network.onSent = (sent) => {
    noteCandidate(sent);
    world.onSent(sent);
  };

  /** Which block stands upon which. */
  function noteCandidate({ channel, message }: Sent): void {
    if (channel !== 'consensus' || message[1] !== 2 || noted.has(message)) return;
    noted.add(message);
    try {
      const proposal = decodeMessage(message);
      if (proposal.type !== 'proposal' || proposal.body === null) return;
      // By its header, for an attacker says what he likes beside it.
      const { header } = proposal.body;
      votes.candidate(bytesToHex(hashOf(header)), bytesToHex(decodeHeader(header).previous));
    } catch {
      // Garbage of an attacker.
    }
  }

  function look(machine: Machine): void {
    const node = machine.node();
    if (node === undefined) return;
    const height = node.ledger.height();
    const from = Math.min(machine.seen + 1, oracle.height + 1);
    for (let at = Math.max(1, Math.min(from, height)); at <= height; at++) {
      const block = machine.disk.watch(() => node.ledger.host.block(at));
      if (block === undefined)
        throw new Violation('agreement', `node ${machine.instance} lost block ${at} of its log`);
      const txIds = block.txs.map((bytes) => bytesToHex(txId(ledger.hash, decodeTx(bytes))));
      const { header: headerBytes, certificate, via } = block;
      const refused = txIds.filter((_, i) => !decodeReceipt(block.receipts[i]!).ok);
      const view = { headerBytes, certificate, via, txIds, refused };
      const fresh = oracle.committed(machine.instance, view);
      if (!fresh) continue;
      checkTime(at);
      trace.note(
        'block',
        machine.instance,
        at,
        () =>
          `${machine.instance} commits block ${at} ${oracle.at(at)!.hash.slice(0, 8)} of ${txIds.length} transactions`,
      );
      const entry = oracle.at(at)!;
      const ends = !Buffer.from(entry.header.validators).equals(entry.header.nextValidators);
      const next = ends ? nextSet(machine, headerBytes) : undefined;
      if (ends) {
        if (next === undefined)
          throw new Violation(
            'epochs',
            `node ${machine.instance} does not know whom block ${at} hands over to`,
          );
        oracle.beginEpoch(entry.epoch + 1, at + 1, next);
        votes.begin(
          entry.epoch + 1,
          next.map(({ key }) => bytesToHex(key.bytes)),
        );
      }
      if (via.length > 0) continue;
      if (at % ATTACKED_EVERY === 0) {
        const secrets = world.hostileSecrets(entry.epoch);
        phone.attack({ entry, certificate, secrets, random: random.next });
      }
      phone.follow(entry, certificate, next);
    }
    machine.seen = height;
    const entry = oracle.at(height);
    const root = node.ledger.stateRoot();
    if (entry !== undefined && !Buffer.from(entry.header.stateRoot).equals(root))
      throw new Violation(
        'state-roots',
        `node ${machine.instance} has another state at height ${height} than its header says`,
      );
  }

  /** At most one honest clock is wrong at a time, so somebody with a right one looked at the block's. */
  function checkTime(height: number): void {
    const ahead_ms = oracle.at(height)!.header.time_ms - BEGIN_MS - scheduler.now_ms();
    if (ahead_ms > AHEAD_MS_MAX)
      throw new Violation('time', `block ${height} lies ${ahead_ms} ms ahead of the time`);
  }

  /** The validators that a block which ends an epoch hands over to. */
  function nextSet(machine: Machine, header: Uint8Array): readonly Validator[] | undefined {
    const ends = machine.node()!.ledger.epochs();
    return ends.find((end) => Buffer.from(end.header).equals(header))?.next;
  }

  function checkMachine(machine: Machine): void {
    const node = machine.node();
    if (node === undefined || machine.untrusted || machine.hostile) return;
    const failure = node.ledger.failure();
    if (machine.rotted && failure === undefined && node.consensus?.status().voting)
      throw new Violation(
        'damage-stops',
        `node ${machine.instance} votes on a disk that does not hold what was written`,
      );
    if (
      failure !== undefined &&
      machine.excuses.size === 0 &&
      !(machine.stopping && failure.code === 'node/stopped') &&
      failure.code !== 'node/missing-rules'
    )
      throw new Violation('keeps-running', `node ${machine.instance} stopped: ${causes(failure)}`);
    const status = node.consensus?.status();
    if (status === undefined) return;
    for (const [name, size] of Object.entries(status.sizes)) {
      if (size > SIZE_MAX)
        throw new Violation('bounded', `node ${machine.instance}: ${name} has ${size} entries`);
    }
    if (status.reason?.code.startsWith('signer/') && machine.excuses.size === 0)
      throw new Violation(
        'keeps-running',
        `node ${machine.instance} does not vote: ${status.reason.code} ${status.reason.message}`,
      );
  }

  const machines = ids.map((id, instance) =>
    createMachine({
      instance,
      id,
      ledger,
      crypto,
      scheduler,
      network,
      trace,
      random: random.fork(`machine ${instance}`),
      onBlocks: (machine) => void dirty.add(machine),
      onDown: clients.lost,
      onDeath(machine) {
        guarded(() => {
          const { refusal } = machine;
          const excused = machine.excuses.size > 0 || machine.untrusted;
          // The system's own words for a disk that is full or broken are told as they are.
          const told = isCoded(refusal) || (machine.excuses.has('disk') && isOfDisk(refusal));
          if (refusal !== undefined && !(told && excused))
            throw new Violation(
              'starts',
              `node ${machine.instance} does not start: ${causes(refusal)}`,
            );
        });
        world.onDeath(machine);
      },
      onLog(machine, level, message) {
        trace.note(
          'log',
          machine.instance,
          level.length,
          () => `${machine.instance} ${level}: ${message}`,
        );
      },
    }),
  );

  const world: World = {
    random,
    scheduler,
    trace,
    crypto,
    ledger,
    network,
    machines,
    votes,
    oracle,
    phone,
    clients,
    hostileSecrets: () => new Map(),
    onDeath: () => {},
    onSent: () => {},
    onStep: () => {},
    get violation() {
      return violation;
    },
    fail(error) {
      if (violation !== undefined) return;
      violation =
        error instanceof Violation
          ? error
          : new Violation(
              'simulation',
              error instanceof Error ? (error.stack ?? error.message) : String(error),
            );
      trace.note('violation', 0, 0, () => `${violation?.invariant}: ${violation?.message}`);
    },
    async run(until_ms, done = () => false) {
      while (violation === undefined && !done()) {
        const more = await scheduler.step(until_ms);
        if (!more) return violation === undefined;
        guarded(() => {
          for (const machine of dirty) {
            world.onStep(machine);
            dirty.delete(machine);
            look(machine);
          }
          clients.check();
          if (scheduler.steps % 64 === 0) for (const machine of machines) checkMachine(machine);
          if (scheduler.steps > STEPS_MAX)
            throw new Violation('ends', 'the run takes events without end');
        });
      }
      return violation === undefined;
    },
  };
  return world;
}
