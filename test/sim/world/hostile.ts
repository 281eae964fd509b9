// Which validators are attackers in this run, and what they do.

import { bytesToHex, type SecretKey } from '@suyuan/contracts';
import { type CabalMember, createCabal, TRICKS } from '../byzantine/cabal.ts';
import { createPrng, type Prng } from '../kernel/prng.ts';
import { BEGIN_MS } from './ledger.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

export type Hostility = 'none' | 'cabal' | 'twins';

/** Turns validators into attackers before anything runs. Returns what they are, in words. */
export function makeHostile(world: World, kind: Hostility, count: number, seed: number): string {
  if (kind === 'none' || count === 0) return 'all honest';
  const random = createPrng(seed, 'hostile');
  const { machines, ledger, votes, crypto } = world;
  world.hostileSecrets = (epoch) => secretsOf(world, epoch);
  if (kind === 'twins') {
    const twins = machines.slice(ledger.founders.length + ledger.spares.length);
    for (const { id } of twins) {
      for (const machine of machines.filter((one) => one.id === id)) machine.untrusted = true;
      votes.corrupt(bytesToHex(crypto.publicKeyOf(ledger.keyOf(id, 0)).bytes));
    }
    return `twins of ${twins.map(({ id }) => id).join(', ')}`;
  }
  const chosen = random.shuffle(machines.slice(0, ledger.founders.length)).slice(0, count);
  for (const machine of chosen) {
    machine.hostile = true;
    votes.corrupt(bytesToHex(crypto.publicKeyOf(machine.secret()).bytes));
  }
  const tricks = new Set(random.shuffle(TRICKS).slice(0, random.int(2, 6)));
  const cabal = createCabal({
    scheduler: world.scheduler,
    random: random.fork('cabal'),
    network: world.network,
    crypto,
    chainId: ledger.chainId,
    members: chosen.map(memberOf),
    tricks,
    honest: () => machines.filter(isTarget).map(({ instance }) => instance),
    now_ms: () => BEGIN_MS + world.scheduler.now_ms(),
    epoch: world.oracle.newest,
    elsewhere: elsewhere(world, random),
  });
  world.onSent = cabal.sees;
  return `${chosen.map(({ id }) => id).join(', ')} hostile: ${[...tricks].join(', ')}`;
}

function memberOf(machine: Machine): CabalMember {
  const { instance, id } = machine;
  return { instance, id, secret: machine.secret(), host: () => machine.node()?.ledger.host };
}

function isTarget(machine: Machine): boolean {
  return machine.used && !machine.hostile;
}

function secretsOf({ machines, oracle, crypto }: World, epoch: number): Map<number, SecretKey> {
  const found = new Map<number, SecretKey>();
  for (const [index, { key }] of (oracle.setOf(epoch) ?? []).entries()) {
    const owner = machines.find(
      (machine) =>
        (machine.hostile || machine.untrusted) &&
        bytesToHex(crypto.publicKeyOf(machine.secret()).bytes) === bytesToHex(key.bytes),
    );
    if (owner !== undefined) found.set(index, owner.secret());
  }
  return found;
}

/** The honest vote on another chain too, with the same keys. */
function elsewhere({ machines, oracle, crypto, votes }: World, random: Prng) {
  return (index: number, message: Uint8Array): Uint8Array | undefined => {
    const id = oracle.newest().validators[index]?.id;
    const machine = machines.find((one) => one.id === id);
    if (machine === undefined || machine.hostile || random.chance(0.2)) return undefined;
    return votes.elsewhere(() => crypto.sign(machine.secret(), message));
  };
}
