// The validators of a house that runs a whole ledger by itself: one node each with its own key, guard file, journal and state, as four
// machines would have, over a network within the process. The first of them is the node that gateway, pages and API use.

import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AsyncCryptoProvider,
  isAppError,
  RULES_VERSION,
  type SecretKey,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { nodeDisk } from '@suyuan/durable';
import {
  createMemoryNetwork,
  createNode,
  createSimplex,
  type LedgerNode,
  type NodeLogger,
  type NodeOptions,
  openJournal,
  openSigner,
  type Signer,
  type Simplex,
  type Transport,
} from '@suyuan/server';
import { CliError } from '../errors.ts';
import type { OpenedGenesis } from './genesis.ts';
import { guardPath } from './guard.ts';

export interface ValidatorPlace {
  /** Of the ledger node; the journal stands in it. */
  readonly directory: string;
  /** Guard file of the key. */
  readonly guard: string;
}

export interface OpenedValidator {
  readonly node: LedgerNode;
  readonly consensus: Simplex;
  close(): Promise<void>;
}

/** One validator, or without a secret a node that only follows. What was opened is closed again when a later part fails. */
export async function openValidator(
  place: ValidatorPlace,
  parts: Omit<NodeOptions, 'directory' | 'consensus' | 'genesis'> & {
    readonly genesis: OpenedGenesis;
    readonly secret: SecretKey | null;
    /** With the hand that may sign its handshakes; null where there is none that votes. */
    readonly transport: (signer: Signer | null) => Transport;
  },
): Promise<OpenedValidator> {
  const { genesis, secret, transport, ...node } = parts;
  const { logger } = node;
  const undo: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const journal = await openJournal({
      disk: nodeDisk,
      directory: join(place.directory, 'journal'),
      onTail: (notice) => logger.warn(notice, 'The journal ended in a record that was cut off'),
    });
    undo.push(() => journal.close());
    const guard = secret === null ? undefined : await openGuard(place, genesis, secret, logger);
    if (guard?.signer) undo.push(() => guard.signer!.close());
    const consensus = createSimplex({
      signer: guard?.signer ?? null,
      ...(guard?.reason === undefined ? {} : { notVoting: guard.reason }),
      journal,
      transport: transport(guard?.signer ?? null),
      random: () => randomInt(2 ** 32) / 2 ** 32,
    });
    const opened = await createNode({
      ...node,
      directory: place.directory,
      genesis: genesis.bytes,
      consensus,
    });
    undo.push(() => opened.close());
    return { node: opened, consensus, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A guard file that cannot be trusted leaves the node without a vote, not without its ledger. */
async function openGuard(
  { guard }: ValidatorPlace,
  { chainId }: OpenedGenesis,
  secret: SecretKey,
  logger: NodeLogger,
): Promise<{ signer: Signer | null; reason?: unknown }> {
  try {
    const signer = await openSigner({
      disk: nodeDisk,
      path: guard,
      secret,
      crypto: nodeCrypto,
      chainId,
      onTail: (notice) => logger.warn(notice, 'The guard file ended in a record that was cut off'),
    });
    return { signer };
  } catch (error) {
    if (!isAppError(error, 'signer')) throw error;
    return { signer: null, reason: error };
  }
}

export interface HouseValidators {
  /** The node of the first founder. */
  readonly node: LedgerNode;
  /** By validator id. */
  readonly consensus: ReadonlyMap<string, Simplex>;
  close(): Promise<void>;
}

/** The other validators' nodes, by id. */
const OTHERS = 'validators';

/** Throws CliError when the ledger in the directory was begun under the other engine: what one hand signed, no guard file knows. */
export async function assertSameEngine(
  directory: string,
  { genesis }: OpenedGenesis,
  consensus: 'simplex' | 'solo',
): Promise<void> {
  const others = join(directory, OTHERS);
  // Another version of the rules is refused as such; and nothing stands there before the first start.
  const begun = genesis.rules === RULES_VERSION && existsSync(join(directory, 'ledger'));
  const began = existsSync(others) ? 'simplex' : 'solo';
  if (begun && began !== consensus) {
    throw new CliError(
      `the ledger in ${directory} was begun with --consensus ${began}; start it so, or another one with --data DIR`,
    );
  }
  if (consensus === 'simplex') await mkdir(others, { recursive: true, mode: 0o700 });
}

/** All validators of the genesis in this process. */
export async function openHouseValidators(
  directory: string,
  parts: {
    readonly genesis: OpenedGenesis;
    readonly keys: ReadonlyMap<string, SecretKey>;
    readonly crypto: AsyncCryptoProvider;
    readonly clock: NodeOptions['clock'];
    readonly logger: NodeLogger & { child(fields: { validator: string }): NodeLogger };
    readonly reindex?: boolean;
  },
): Promise<HouseValidators> {
  const { genesis, keys, crypto, clock, logger, reindex = false } = parts;
  const network = createMemoryNetwork({ defer: (run) => void setImmediate(run), logger });
  const opened: OpenedValidator[] = [];
  const consensus = new Map<string, Simplex>();
  const close = async (): Promise<void> => {
    // All at once: one after the other the rest would go on without the first.
    await Promise.all(opened.map((validator) => validator.close()));
  };
  try {
    for (const [index, { id }] of genesis.genesis.validators.entries()) {
      const secret = keys.get(id)!;
      const validator = await openValidator(
        {
          directory: index === 0 ? join(directory, 'ledger') : join(directory, OTHERS, id),
          guard: guardPath(directory, id),
        },
        {
          ...{ genesis, secret, crypto, clock, reindex },
          logger: logger.child({ validator: id }),
          transport: () => network.join({ key: nodeCrypto.publicKeyOf(secret) }),
        },
      );
      opened.push(validator);
      consensus.set(id, validator.consensus);
    }
    return { node: opened[0]!.node, consensus, close };
  } catch (error) {
    await close();
    throw error;
  }
}
