// One seed, from its scenario to its verdict: a phase of faults in which nothing unsafe may happen, and a phase in which all is well
// again and the chain must go on.

import { Violation } from '../invariants/violation.ts';
import { createPrng, type Prng } from '../kernel/prng.ts';
import type { SeedResult, SeedTask } from '../runner/types.ts';
import { createDirector } from './director.ts';
import { createGovernance, NEW_PROGRAM, OLD_PROGRAM, watchPrograms } from './governance.ts';
import { type Hostility, makeHostile } from './hostile.ts';
import type { Machine } from './machine.ts';
import { changeMembers } from './members.ts';
import { PROFILES, type Profile, profileOf } from './profiles.ts';
import { createWorld, type World } from './world.ts';

/** Virtual time that the healed chain has to put every transaction into a block that all have: some dozens of the longest timeouts. */
const HEALED_MS = 120_000;
/** Of the nodes without a seat. */
const OBSERVED = 0.15;

export async function runSeed(task: SeedTask): Promise<SeedResult> {
  const random = createPrng(task.seed, 'plan');
  const profile = task.profile === undefined ? draw(random) : profileOf(task.profile);
  const validators = random.pick([4, 4, 4, 4, 4, 5, 6, 7]);
  const kind = hostilityOf(random, profile);
  // Where the set may shrink to four, one may be hostile.
  const f = profile.governance ? 1 : Math.floor((validators - 1) / 3);
  const world = createWorld({
    seed: task.seed,
    validators,
    twins: kind === 'twins' ? [random.int(0, validators - 1)] : [],
    atLength: task.atLength ?? false,
  });
  const hostile = makeHostile(world, kind, random.int(1, f), task.seed);
  try {
    await play(world, profile, random, f);
  } catch (error) {
    world.fail(error);
  }
  const { violation, scheduler, oracle, trace } = world;
  return {
    seed: task.seed,
    profile: profile.name,
    plan: `${validators} validators, ${hostile}`,
    trace: trace.hash(),
    steps: scheduler.steps,
    blocks: oracle.height,
    violation:
      violation === undefined
        ? undefined
        : { invariant: violation.invariant, message: violation.message },
    lines: trace.lines(),
  };
}

function draw(random: Prng): Profile {
  const sum = PROFILES.reduce((total, { weight }) => total + weight, 0);
  let at = random.int(0, sum - 1);
  for (const profile of PROFILES) {
    at -= profile.weight;
    if (at < 0) return profile;
  }
  throw new Error('sim: no profile drawn');
}

function hostilityOf(random: Prng, { hostile }: Profile): Hostility {
  if (hostile !== 'any') return hostile;
  return random.pick(['none', 'cabal', 'twins'] as const);
}

async function play(world: World, profile: Profile, random: Prng, f: number): Promise<void> {
  const { scheduler, machines, clients, oracle, ledger } = world;
  const governance = createGovernance(world, random.fork('governance'));
  const absent = profile.bareQuorum ? random.shuffle(ledger.founders).slice(0, f) : [];
  for (const machine of machines) {
    if (absent.includes(machine.id)) continue;
    if (profile.upgrade) machine.program = random.chance(0.3) ? OLD_PROGRAM : NEW_PROGRAM;
    // One that has no seat follows, and clients come to it as to any.
    const observes = ledger.spares.includes(machine.id);
    machine.offersOnce = profile.offersOnce;
    if (observes && !profile.offersOnce && !random.chance(OBSERVED)) continue;
    machine.used = true;
    scheduler.after(random.int(0, 300), () => machine.start());
  }
  const director = createDirector(world, profile, f);
  const faults_ms = random.int(...profile.faults_ms);
  director.begin();
  if (profile.governance) changeMembers(world, governance, random.fork('members'), faults_ms);
  if (profile.upgrade) {
    watchPrograms(world, governance, random.fork('programs'));
    scheduler.after(random.int(500, faults_ms / 2), () => governance.upgrade());
  }
  feed(world, profile, random.fork('clients'), faults_ms);
  if (!(await world.run(faults_ms))) return;

  director.heal();
  const begin = scheduler.now_ms();
  const lives = () =>
    machines.filter(({ used, hostile, id }) => used && !hostile && !director.lost.has(id));
  const allUp = () => lives().every(isUp);
  if (!(await world.run(begin + HEALED_MS, allUp))) return;
  const probes = lives().map((machine) => {
    const tx = contact(world, random, oracle.height + 1000);
    clients.send(tx, machine, true);
    return tx.id;
  });
  const isDone = () =>
    lives().every((machine) => isUp(machine) && machine.seen === oracle.height) &&
    probes.every((id) => oracle.heightOf(id) !== undefined || clients.isLost(id)) &&
    clients.open().length === 0;
  const retry = () => {
    const up = lives().filter(isUp);
    clients.retry(() => (up.length === 0 ? undefined : random.pick(up)), 50);
    scheduler.after(2000, retry);
  };
  retry();
  let checked = 0;
  const done = () => {
    // Looking at all transactions after each event would cost more than the events.
    if (scheduler.steps - checked < 50) return false;
    checked = scheduler.steps;
    return isDone();
  };
  if (!(await world.run(begin + HEALED_MS, done))) return;
  if (!isDone()) throw new Violation('progress', stuck(world, lives(), probes));
}

function isUp(machine: Machine): boolean {
  return machine.state === 'up';
}

function stuck(world: World, lives: readonly Machine[], probes: readonly string[]): string {
  const { oracle, clients } = world;
  const nodes = lives.map((machine) => {
    const status = machine.node()?.consensus?.status();
    const what =
      status === undefined ? machine.state : `slot ${status.slot} final ${status.finalSlot}`;
    return `${machine.instance}: height ${machine.seen}, ${what}`;
  });
  const missing = probes.filter((id) => oracle.heightOf(id) === undefined).length;
  return `healed, but after ${HEALED_MS} ms: chain at ${oracle.height}, ${missing} of ${probes.length} probes and ${clients.open().length} transactions open (${clients.open().slice(0, 5).join('; ')}); ${nodes.join('; ')}`;
}

/** Transactions in the first phase: some given to one node, some to two, some with little time left. */
function feed(world: World, profile: Profile, random: Prng, until_ms: number): void {
  const { scheduler, machines, clients, oracle, ledger } = world;
  const takes = ({ id, hostile }: Machine) =>
    !hostile && (!profile.offersOnce || ledger.spares.includes(id));
  const up = () => machines.filter((machine) => machine.state === 'up' && takes(machine));
  const again = () => {
    if (scheduler.now_ms() >= until_ms) return;
    scheduler.after(random.int(1, 2 * profile.tx_ms), again);
    const targets = up();
    if (targets.length === 0) return;
    for (let i = random.chance(0.1) ? random.int(2, 8) : 1; i > 0; i--) {
      const short = random.chance(0.1);
      const tx = contact(world, random, oracle.height + (short ? random.int(1, 3) : 1000));
      clients.send(tx, random.pick(targets), !short && random.chance(profile.offersOnce ? 1 : 0.3));
      if (random.chance(0.2)) clients.send(tx, random.pick(targets));
    }
    if (!profile.offersOnce && random.chance(0.2)) clients.retry(() => random.pick(targets), 3);
  };
  again();
}

function contact(world: World, random: Prng, validUntilHeight: number) {
  const { ledger } = world;
  const webhook = `https://example.org/${random.int(0, 999)}`;
  return ledger.sign(
    random.pick(ledger.clients),
    'accounts.set-contact',
    { webhook },
    validUntilHeight,
  );
}
