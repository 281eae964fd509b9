// A machine in memory that a ledger runs on, without consensus: the test decides which block is next and signs for the validators.

import {
  encodeCertificate,
  encodeVote,
  quorum,
  type RuleRegistry,
  type SecretKey,
} from '@suyuan/contracts';
import { createMemoryDisk, type MemoryDisk } from '@suyuan/durable';
import { type Ledger, type LedgerOptions, openLedger } from '../engine/ledger.ts';
import { silentLogger } from '../engine/logger.ts';
import { createMemoryDatabase, type MemoryDatabase } from '../storage/memory-database.ts';
import type { World } from './world.ts';

export const MACHINE_MS = 1_760_000_100_000;

export interface Machine {
  readonly disk: MemoryDisk;
  readonly database: MemoryDatabase;
  open(options?: Partial<LedgerOptions>): Promise<Ledger>;
}

export function createMachine(world: World, random: () => number = () => 0.5): Machine {
  const disk = createMemoryDisk(random);
  const database = createMemoryDatabase();
  return {
    disk,
    database,
    open: (options = {}) =>
      openLedger({
        directory: '/node',
        genesisBytes: world.genesis,
        crypto: world.crypto,
        clock: { now_ms: () => MACHINE_MS, setTimer: () => () => {} },
        logger: silentLogger,
        disk,
        openDatabase: async () => database.open(),
        ...options,
      }),
  };
}

/** A Final certificate of the first validators in the set, as many as are needed. */
export function certify(
  world: World,
  { host }: Pick<Ledger, 'host'>,
  blockHash: Uint8Array,
  slot: number,
  keys: ReadonlyMap<string, SecretKey> = world.keys,
): Uint8Array {
  const { epoch, validators } = host.epoch();
  const vote = { chainId: world.chainId, epoch, slot, blockHash };
  const signatures = validators.flatMap(({ id }, validator) => {
    const secret = keys.get(id);
    return secret === undefined
      ? []
      : [{ validator, signature: world.crypto.sign(secret, encodeVote(vote)) }];
  });
  return encodeCertificate({ ...vote, signatures: signatures.slice(0, quorum(validators.length)) });
}

/** The registry with another version of a module beside the first. */
export function withVersion(registry: RuleRegistry, name: string, version: number): RuleRegistry {
  const module = registry.modules.find((one) => one.name === name);
  if (module === undefined) throw new Error(`no module ${name}`);
  return { ...registry, modules: [...registry.modules, { ...module, version }] };
}
