// The ledger of a house: one that runs in it whole, or one that others run and it follows.

import { join } from 'node:path';
import type { AsyncCryptoProvider, PublicKey } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import {
  type ConsensusStatusJson,
  createNode,
  createSolo,
  type LedgerNode,
  type PeerAddress,
} from '@suyuan/server';
import type { Logger } from 'pino';
import { openNetworkNode } from '../validator/open.ts';
import { createToldLogger } from '../validator/told-logger.ts';
import type { HouseClock } from './clock.ts';
import { consensusStatus } from './consensus-status.ts';
import { type OpenedGenesis, validatorKeys } from './genesis.ts';
import type { KeyRing } from './keys.ts';
import type { Submit } from './submitter.ts';
import { assertSameEngine, openHouseValidators } from './validators.ts';

export interface HouseLedger {
  readonly node: LedgerNode;
  /** Absent where one hand signs for all. */
  readonly consensus?: () => readonly ConsensusStatusJson[];
  close(): Promise<void>;
}

/** A ledger of others: this house votes on nothing. */
export interface FollowOptions {
  readonly genesis: OpenedGenesis;
  readonly peers: readonly PeerAddress[];
  /** Account of this house's gateway. */
  readonly gateway: string;
  /** What a person has to do something about. */
  readonly tell: (text: string) => void;
  /** In an empty directory: true with a snapshot, false never with one; unless given, if the ledger is long. */
  readonly snapshot?: boolean;
  /** Ends the taking in of a snapshot. */
  readonly signal?: AbortSignal;
  /** Resolves when the ledger knows the account under that key; rejects when it never will. */
  readonly admitted: (node: LedgerNode, account: string, key: PublicKey) => Promise<void>;
}

export interface LedgerParts {
  readonly directory: string;
  readonly reindex: boolean;
  readonly genesis: OpenedGenesis;
  readonly crypto: AsyncCryptoProvider;
  readonly clock: HouseClock;
  readonly logger: Logger;
}

/** Four validators that agree with each other; or one process that signs for all of them, for tests of other things. */
export async function openOwnLedger(
  { directory, reindex, genesis, crypto, clock, logger }: LedgerParts,
  engine: 'simplex' | 'solo',
  keys: KeyRing,
): Promise<HouseLedger> {
  await assertSameEngine(directory, genesis, engine);
  const secrets = await validatorKeys(keys, genesis.genesis);
  if (engine === 'simplex') {
    const { node, consensus, close } = await openHouseValidators(directory, {
      ...{ genesis, keys: secrets, crypto, clock, logger, reindex },
    });
    return { node, consensus: () => [...consensus.values()].map(consensusStatus), close };
  }
  const node = await createNode({
    ...{ directory: join(directory, 'ledger'), genesis: genesis.bytes, crypto, clock, logger },
    ...{ consensus: createSolo({ crypto: nodeCrypto, keys: secrets }), reindex },
  });
  return { node, close: () => node.close() };
}

export async function openFollowedLedger(
  { directory, reindex, genesis, crypto, clock, logger }: LedgerParts,
  { peers, tell, snapshot, signal }: FollowOptions,
): Promise<HouseLedger> {
  const told = createToldLogger(logger, tell);
  const { node, consensus, close } = await openNetworkNode({
    directory: join(directory, 'ledger'),
    ...{ genesis, peers, signer: null, listen: null, reindex, crypto, clock, logger: told },
    ...(snapshot === false ? {} : { snapshot: { always: snapshot === true } }),
    ...(signal === undefined ? { tell } : { tell, signal }),
  });
  return { node, consensus: () => [consensusStatus(consensus)], close };
}

/** A house with its own ledger has the keys of those who admit. */
export async function admitGateway(
  node: LedgerNode,
  submit: Submit,
  account: string,
  key: PublicKey,
): Promise<void> {
  if (node.read(`accounts/${account}`) !== undefined) return;
  await submit('bureau', 'accounts', 'register', {
    id: account,
    roles: ['gateway'],
    name: { zh: '江门数据网关（演示）', en: 'Jiangmen data gateway (demo)' },
    key: { suite: key.suite, key: key.bytes },
  });
}
