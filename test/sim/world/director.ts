// What goes wrong in the first phase of a run, and when; and putting all of it right for the second.

import type { Prng } from '../kernel/prng.ts';
import type { DiskCall } from '../ports/disk.ts';
import { CALM, type Weather } from '../ports/network.ts';
import { DATA, type Machine } from './machine.ts';
import type { FaultName, Profile } from './profiles.ts';
import type { World } from './world.ts';

export interface Director {
  /** Faults come until it is stopped. */
  begin(): void;
  stop(): void;
  /** Repairs every machine, lets the network be well and starts what is down. */
  heal(): void;
  /** Whose votes may be missing: attackers, and those whose guard file is lost. */
  readonly lost: ReadonlySet<string>;
}

const GUARD = '/guard';
const DOWN_MS = [50, 4000] as const;

export function createDirector(
  world: World,
  profile: Profile,
  /** How many validators may be lost or hostile at once. */
  mayLose: number,
): Director {
  const { scheduler, machines, network, trace } = world;
  const random: Prng = world.random.fork('director');
  const names = Object.entries(profile.faults).flatMap(([name, weight]) =>
    Array.from({ length: weight }, () => name as FaultName),
  );
  const lost = new Set<string>();
  const repairs = new Map<Machine, (() => void)[]>();
  let stopped = false;

  for (const machine of machines) if (machine.hostile || machine.untrusted) lost.add(machine.id);

  const honest = () => machines.filter((machine) => !machine.hostile && machine.state === 'up');
  const later = (span: readonly [number, number], act: () => void) =>
    void scheduler.after(random.int(...span), act);

  /** The files must be whole before a process opens them. */
  function repair(machine: Machine): void {
    if (repairs.has(machine)) machine.die('kill');
    for (const act of repairs.get(machine) ?? []) act();
    repairs.delete(machine);
    machine.disk.full = false;
  }

  function startAgain(machine: Machine, span: readonly [number, number] = DOWN_MS): void {
    later(span, () => {
      // What is damaged is found by starting; then its keeper puts it right.
      if (machine.refusal !== undefined) repair(machine);
      machine.start();
    });
  }

  function excuse(machine: Machine, why: string): void {
    machine.excuses.add(why);
  }

  /** The guard file no longer tells all that was signed: the key is an attacker's now. */
  function corrupt(machine: Machine): void {
    machine.untrusted = true;
    world.votes.corrupt(keyHex(world, machine));
  }

  const acts: Readonly<Record<FaultName, (machine: Machine) => void>> = {
    crash(machine) {
      machine.die(howToDie(), random.chance(0.3));
      startAgain(machine);
    },
    'crash-in-disk-call': ({ disk }) => disk.dieAt(random.int(1, 40), howToDie()),
    'crash-at-send': (machine) => machine.dieAtSend(random.int(1, 60), howToDie()),
    'crash-all'() {
      const how = howToDie();
      for (const one of machines) {
        if (one.state === 'down') continue;
        one.die(how, random.chance(0.2));
        startAgain(one, [50, 1500]);
      }
    },
    rolling() {
      const how = howToDie();
      for (const [i, one] of random.shuffle(machines).entries()) {
        scheduler.after(i * random.int(100, 900), () => {
          if (stopped || one.state !== 'up') return;
          one.die(how);
          startAgain(one, [20, 400]);
        });
      }
    },
    stop: (machine) => machine.stop(),
    partition: (machine) => cut('partition', machine),
    'one-way': (machine) => cut('one-way', machine),
    isolate: (machine) => cut('isolate', machine),
    reconnect: ({ instance }) => network.disconnect(instance),
    weather() {
      network.weather = storm();
      later([500, 3000], () => {
        if (!stopped) network.weather = weatherOf(profile);
      });
    },
    'disk-full'(machine) {
      excuse(machine, 'disk');
      machine.disk.full = true;
      later([200, 4000], () => again(machine));
    },
    'disk-error'(machine) {
      excuse(machine, 'disk');
      machine.disk.failNext(random.pick<DiskCall>(['dataSync', 'write']));
      later([200, 4000], () => again(machine));
    },
    'slow-disk'(machine) {
      machine.sync_ms = [0, random.pick([20, 200, 1500])];
      later([500, 3000], () => {
        machine.sync_ms = [0, 2];
      });
    },
    rot,
    'old-backup': (machine) => oldBackup(machine, [DATA]),
    'old-guard'(machine) {
      if (lost.size >= mayLose && !lost.has(machine.id)) return;
      // Counted now: another one must not be lost in the meantime.
      lost.add(machine.id);
      oldBackup(machine, [DATA, GUARD]);
    },
    'lost-guard': loseGuard,
    'clock-jump'({ clock }) {
      if (machines.some((machine) => machine.clock.offset_ms !== 0)) return;
      clock.offset_ms += random.pick([-86_400_000, -60_000, -3000, 3000, 60_000, 86_400_000]);
      later([500, 4000], () => {
        clock.offset_ms = 0;
      });
    },
    'clock-rate'({ clock }) {
      clock.rate = random.pick([0.5, 0.9, 1.1, 2]);
    },
  };

  function howToDie(): 'kill' | 'power' {
    return random.pick(['kill', 'power'] as const);
  }

  /** Its keeper starts it anew, whatever state it is in. */
  function again(machine: Machine): void {
    if (stopped) return;
    repair(machine);
    machine.die('kill');
    startAgain(machine);
  }

  function cut(name: 'partition' | 'one-way' | 'isolate', machine: Machine): void {
    const size = name === 'isolate' ? 1 : random.int(1, machines.length - 1);
    const shuffled = random.shuffle(machines.map(({ instance }) => instance));
    const inside = name === 'isolate' ? [machine.instance] : shuffled.slice(0, size);
    for (const from of inside) {
      for (const { instance: to } of machines) {
        if (inside.includes(to)) continue;
        network.cut(from, to);
        if (name !== 'one-way') network.cut(to, from);
      }
      // Now and then the connection breaks too; otherwise it only falls silent.
      if (random.chance(0.4)) network.disconnect(from);
    }
    later([300, 5000], () => network.mend());
  }

  /** A bit turns in what was durable long ago: the node must refuse to vote on what it cannot read. */
  function rot(machine: Machine): void {
    if (repairs.has(machine)) return;
    machine.die('kill');
    const back = machine.disk.rotOld(random.pick([DATA, machine.guardFile]));
    if (back !== undefined) {
      excuse(machine, 'rot');
      machine.rotted = true;
      const mend = () => {
        back();
        machine.rotted = false;
      };
      repairs.set(machine, [...(repairs.get(machine) ?? []), mend]);
      trace.note(
        'rot',
        machine.instance,
        0,
        () => `a bit turns on the disk of ${machine.instance}`,
      );
    }
    startAgain(machine);
  }

  function oldBackup(machine: Machine, directories: readonly string[]): void {
    if (repairs.has(machine)) return;
    const images = directories.map(
      (directory) => [directory, machine.disk.backup(directory)] as const,
    );
    later([500, 3000], () => {
      if (stopped || machine.state !== 'up' || repairs.has(machine)) return;
      machine.die('kill');
      for (const [directory, image] of images) machine.disk.restore(directory, image);
      machine.forgetState();
      if (directories.includes(GUARD)) corrupt(machine);
      trace.note(
        'restored',
        machine.instance,
        directories.length,
        () => `${machine.instance} is put back from a copy: ${directories.join(' ')}`,
      );
      startAgain(machine);
    });
  }

  /** The file is gone: the node must not vote, until its keeper finds it again. */
  function loseGuard(machine: Machine): void {
    if (repairs.has(machine)) return;
    machine.die('kill');
    const image = machine.disk.backup(GUARD);
    if (image.size === 0) {
      startAgain(machine);
      return;
    }
    machine.disk.restore(GUARD, new Map());
    excuse(machine, 'guard');
    repairs.set(machine, [
      ...(repairs.get(machine) ?? []),
      () => machine.disk.restore(GUARD, image),
    ]);
    startAgain(machine);
    later([1000, 5000], () => again(machine));
  }

  function storm(): Weather {
    return {
      drop: random.pick([0, 0.05, 0.3]),
      duplicate: random.pick([0, 0.1]),
      replay: random.pick([0, 0.02]),
      garble: random.pick([0, 0, 0.02]),
      least_ms: 1,
      most_ms: random.pick([20, 100, 600]),
      spike: random.pick([0, 0.05]),
      spike_ms: random.pick([500, 3000]),
      queue_max: random.pick([2000, 2000, 8, 3]),
    };
  }

  function next(): void {
    if (profile.fault_ms === 0 || names.length === 0) return;
    scheduler.after(1 + random.int(0, 2 * profile.fault_ms), () => {
      if (stopped) return;
      const up = honest();
      if (up.length > 0) {
        const name = random.pick(names);
        const machine = random.pick(up);
        trace.note(`fault ${name}`, machine.instance, 0, () => `${machine.instance}`);
        acts[name](machine);
      }
      next();
    });
  }

  world.onDeath = (machine) => startAgain(machine, stopped ? [10, 200] : DOWN_MS);

  return {
    lost,
    begin() {
      network.weather = weatherOf(profile);
      next();
    },
    stop() {
      stopped = true;
    },
    heal() {
      stopped = true;
      network.weather = profile.weather === 'slow' ? SLOW : { ...CALM };
      network.mend();
      for (const machine of machines) {
        machine.clock.offset_ms = 0;
        machine.clock.rate = 1;
        machine.sync_ms = [0, 2];
        const damaged = repairs.has(machine) || machine.disk.full || machine.excuses.size > 0;
        if (damaged) machine.die('kill');
        repair(machine);
        machine.excuses.clear();
        if (machine.used && machine.state === 'down') startAgain(machine, [1, 50]);
        // Calls that were to fail belong to the first phase.
        machine.spare();
      }
    },
  };
}

/** A message takes longer than T₀: only timeouts that grow let a slot be decided. */
const SLOW: Weather = { ...CALM, least_ms: 250, most_ms: 450 };
/** A queue that has a message takes no other. */
const FULL: Weather = { ...CALM, queue_max: 1 };
const ROUGH: Weather = {
  ...CALM,
  drop: 0.03,
  duplicate: 0.03,
  replay: 0.01,
  garble: 0.003,
  most_ms: 60,
  spike: 0.03,
  spike_ms: 800,
};

function weatherOf({ weather }: Profile): Weather {
  if (weather === 'slow') return SLOW;
  if (weather === 'full') return FULL;
  return weather === 'rough' ? ROUGH : { ...CALM };
}

export function keyHex(world: World, machine: Machine): string {
  return Buffer.from(world.crypto.publicKeyOf(machine.secret()).bytes).toString('hex');
}
