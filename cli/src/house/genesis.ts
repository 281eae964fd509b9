// The genesis of a house that begins alone: four organisations, whose keys one process holds until they run validators of
// their own. A house that has one keeps it.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Account,
  encodeGenesis,
  type Genesis,
  isAppError,
  openGenesis,
  type Profile,
  type Role,
  RULES_VERSION,
  type SecretKey,
  validatorSuite,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { writeFileAtomically } from '@suyuan/durable';
import { CliError } from '../errors.ts';
import { readFileOr } from '../io.ts';
import { foundGuardOnce, guardPath } from './guard.ts';
import type { KeyRing } from './keys.ts';

export type OpenedGenesis = ReturnType<typeof openGenesis> & { readonly bytes: Uint8Array };

export interface Founder {
  readonly id: string;
  readonly role: Role;
  readonly name: { readonly zh: string; readonly en: string };
}

/** The organisations that agree on the order; names say that this is a trial. */
export const FOUNDERS: readonly Founder[] = [
  {
    id: 'association',
    role: 'association',
    name: { zh: '柑橘种植者协会（演示）', en: "Citrus growers' association (demo)" },
  },
  {
    id: 'regulator',
    role: 'regulator',
    name: { zh: '市场监督管理局（演示）', en: 'Market regulator (demo)' },
  },
  {
    id: 'bureau',
    role: 'bureau',
    name: { zh: '农业农村局（演示）', en: 'Agriculture bureau (demo)' },
  },
  {
    id: 'carrier',
    role: 'carrier',
    name: { zh: '冷链承运公司（演示）', en: 'Cold-chain carrier (demo)' },
  },
];

/** The ledger's own copy, as seen from the data directory. */
const LEDGER_COPY = join('ledger', 'genesis.cbor');

/** True when no ledger was ever founded in the directory. */
export function isUnfounded(directory: string): boolean {
  return ['genesis.cbor', LEDGER_COPY].every((name) => !existsSync(join(directory, name)));
}

/** Reads `genesis.cbor` of the house, or founds one at `time_ms`. Throws CliError when it is damaged or of another profile. */
export async function openOrFoundGenesis(
  directory: string,
  keys: KeyRing,
  options: {
    /** Of a new ledger: guomi unless given. */
    readonly profile?: Profile;
    readonly name: string;
    readonly time_ms: number;
  },
): Promise<OpenedGenesis> {
  const path = join(directory, 'genesis.cbor');
  if (existsSync(path)) {
    const opened = openGenesisFile(path, await readFileOr(path, 'genesis'));
    const { profile } = opened.genesis;
    if (options.profile !== undefined && options.profile !== profile) {
      throw new CliError(
        `the ledger in ${directory} is of profile ${profile}; start it without --profile, or another one with --data DIR`,
      );
    }
    return opened;
  }
  if (existsSync(join(directory, LEDGER_COPY)))
    throw new CliError(`${path} is missing; copy ${LEDGER_COPY} beside it to its place`);
  const profile = options.profile ?? 'guomi';
  const suite = validatorSuite(profile);
  const founders = await Promise.all(
    FOUNDERS.map(async ({ id, role, name }) => {
      const voting = nodeCrypto.publicKeyOf(await keys.get(`validator-${id}`, suite));
      await foundGuardOnce(guardPath(directory, id), voting);
      const signing = nodeCrypto.publicKeyOf(await keys.get(id, suite));
      const account: Account = { id, roles: [role], name, key: signing, status: 'active' };
      return { validator: { id, key: voting }, account };
    }),
  );
  const genesis = encodeGenesis({
    name: options.name,
    profile,
    time_ms: options.time_ms,
    rules: RULES_VERSION,
    validators: founders.map((f) => f.validator),
    accounts: founders.map((f) => f.account),
  });
  await writeFileAtomically(path, genesis);
  return openGenesisFile(path, genesis);
}

function openGenesisFile(path: string, bytes: Uint8Array): OpenedGenesis {
  try {
    return { bytes, ...openGenesis(nodeCrypto, bytes) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw new CliError(
      `${path} is damaged; put it back from a copy (${LEDGER_COPY} beside it is one)`,
    );
  }
}

/** The validators' voting keys, by validator id. Throws CliError when one is not the ledger's. */
export async function validatorKeys(
  keys: KeyRing,
  { validators }: Genesis,
): Promise<Map<string, SecretKey>> {
  return new Map(
    await Promise.all(
      validators.map(async ({ id, key }) => [id, await keys.held(`validator-${id}`, key)] as const),
    ),
  );
}
