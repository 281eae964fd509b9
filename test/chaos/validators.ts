// The whole of `chaos validators`: rounds of kills, then partitions and a full disk where the machine allows.

import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Profile } from '@suyuan/contracts';
import { bundleValidator } from './bundle.ts';
import { diskFullRound, mountSmallDisk } from './disk-full.ts';
import { createFleet, type Fleet, type FleetOptions } from './fleet.ts';
import { audit, goesOn, killRound, victimsOf } from './kills.ts';
import { createNamespaces } from './namespaces.ts';
import { partitionRounds } from './partitions.ts';

export interface ChaosOptions {
  readonly directory: string;
  readonly rounds: number;
  readonly seed: number;
  readonly profile: Profile;
  /** `rounds`, `partitions` or `disk-full`; all of them unless given. */
  readonly only?: string;
  readonly say: (line: string) => void;
}

export interface ChaosReport {
  readonly chaos: 'validators';
  readonly seed: number;
  readonly rounds: number;
  readonly kills: number;
  readonly forks: number;
  /** Receipts that a log lacks. */
  readonly lost: number;
  readonly receipts: number;
  readonly blocks: number;
  readonly partitions: number;
  readonly diskFull: number;
  /** Validators whose state database could not be written after a kill, and that were started again as a service manager does. */
  readonly restarts: number;
  /** What this machine does not allow, and why. */
  readonly skipped: readonly string[];
  readonly failures: readonly string[];
}

const VALIDATORS = 4;
const TX_PER_S = 40;
const SHOWN_MAX = 10;
/** Whose disk is small. */
const SMALL = 'org-4';

export async function runValidators(options: ChaosOptions): Promise<ChaosReport> {
  const { directory, rounds, seed, profile, only, say } = options;
  const random = randomOf(seed);
  const program = await bundleValidator();
  const total = {
    ...{ rounds: 0, kills: 0, forks: 0, lost: 0, receipts: 0, blocks: 0, partitions: 0 },
    diskFull: 0,
    restarts: 0,
  };
  const skipped: string[] = [];
  const failures: string[] = [];
  const base: FleetOptions = {
    ...{ program, directory: join(directory, 'rounds'), size: VALIDATORS, profile },
    tx_per_s: TX_PER_S,
  };

  /** A consortium of its own for `act`; afterwards its logs are read whole. */
  async function withFleet(
    name: string,
    given: FleetOptions,
    act: (fleet: Fleet) => Promise<void>,
  ): Promise<void> {
    const fleet = await createFleet(given);
    try {
      for (const member of fleet.members) member.start();
      await goesOn(fleet, fleet.members, 'from the beginning');
      await act(fleet);
      const lost = await audit(fleet);
      total.lost += lost.length;
      failures.push(...lost.slice(0, SHOWN_MAX));
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      total.forks += fleet.judge.forks.length;
      failures.push(...fleet.judge.forks.slice(0, SHOWN_MAX));
      total.receipts += fleet.judge.receipts;
      total.blocks += fleet.judge.height;
      total.restarts += fleet.restarts;
      await fleet.close();
    }
  }

  try {
    if (rounds > 0 && (only === undefined || only === 'rounds')) {
      await withFleet('rounds', { ...base, keeps: true }, async (fleet) => {
        for (let round = 0; round < rounds; round++) {
          const victims = victimsOf(round, fleet.members);
          const began = Date.now();
          await killRound(fleet, victims, random);
          total.rounds += 1;
          total.kills += victims.length;
          const ids = victims.map(({ id }) => id).join(' and ');
          say(
            `round ${round + 1}: killed ${ids}; height ${fleet.judge.height}, ${fleet.judge.receipts} receipts, ${Date.now() - began} ms`,
          );
        }
      });
    }
    if (only === undefined || only === 'partitions') {
      const net = createNamespaces(VALIDATORS);
      if (typeof net === 'string') skipped.push(`partitions: ${net}`);
      else {
        const given = { ...base, ...net, directory: join(directory, 'partitions') };
        await withFleet('partitions', given, async (fleet) => {
          for (const round of partitionRounds(fleet, net)) {
            const began = Date.now();
            await round.run();
            total.partitions += 1;
            say(`partition, ${round.name}: height ${fleet.judge.height}, ${Date.now() - began} ms`);
          }
        });
        net.remove();
      }
    }
    if (only === undefined || only === 'disk-full') {
      const full = join(directory, 'disk-full');
      const disk = await mountSmallDisk(join(full, 'small'));
      if (typeof disk === 'string') skipped.push(`disk-full: ${disk}`);
      else {
        const directoryOf = (id: string): string => join(id === SMALL ? disk.path : full, id);
        await withFleet('disk-full', { ...base, directory: full, directoryOf }, async (fleet) => {
          const began = Date.now();
          const why = await diskFullRound(fleet, fleet.member(SMALL), disk);
          total.diskFull += 1;
          say(
            `disk full: ${SMALL} says ${why}; height ${fleet.judge.height}, ${Date.now() - began} ms`,
          );
        });
        disk.remove();
      }
    }
  } finally {
    await rm(dirname(program), { recursive: true, force: true });
  }
  for (const reason of skipped) say(`skipped ${reason}`);
  for (const failure of failures) say(`FAILED ${failure}`);
  return { chaos: 'validators', seed, ...total, skipped, failures };
}

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}
