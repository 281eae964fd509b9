// Founding a ledger: keys and a card for each organisation, one genesis out of all cards, and a look into it.

import { dirname, join } from 'node:path';
import {
  bytesToHex,
  equalBytes,
  isAccountId,
  type Profile,
  quorum,
  ROLES,
  validatorSuite,
} from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { freshSecret } from '../fresh-secret.ts';
import { type Card, isAddress, readCard } from '../genesis/card.ts';
import {
  fingerprint,
  genesisDifferences,
  makeGenesis,
  type OpenedGenesisFile,
  readGenesis,
} from '../genesis/make.ts';
import { foundMember, foundSigner } from '../genesis/member.ts';
import { SIGNER_FILES } from '../genesis/signer-directory.ts';
import { writeFileOr } from '../io.ts';

export interface CardKeyOptions {
  readonly id: string;
  readonly role: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly uscc?: string;
  readonly address: string;
  readonly profile: Profile;
  readonly out: string;
}

export interface SignerOptions {
  readonly id: string;
  readonly profile: Profile;
  readonly out: string;
}

export interface MakeOptions {
  readonly name: string;
  readonly time: string;
  readonly profile: Profile;
  readonly out: string;
  readonly json?: true;
}

export interface CheckOptions {
  readonly card?: string;
  readonly json?: true;
}

export interface DiffOptions {
  readonly json?: true;
}

export async function makeKeys(options: CardKeyOptions): Promise<void> {
  const { id, address, out } = options;
  if (!isAccountId(id)) {
    throw new CliError(
      `--id ${id}: 2 to 63 of a–z, 0–9, . and -, beginning with a letter or digit`,
    );
  }
  const role = ROLES.find((each) => each === options.role);
  if (role === undefined) {
    throw new CliError(`--role ${options.role}: there are ${ROLES.join(', ')}`);
  }
  if (!isAddress(address)) {
    throw new CliError(`--address ${address}: host:port, as the other validators reach it`);
  }
  await foundMember({ ...options, role });
  const card = `${id}.card.json`;
  const width = Math.max(20, card.length);
  console.log(
    [
      `keys of ${id} in ${out}`,
      `  ${SIGNER_FILES.key.padEnd(width)} votes; stays on this machine, never in two at once`,
      `  ${SIGNER_FILES.guard.padEnd(width)} what it voted; belongs to the key, never restore an old copy`,
      `  ${SIGNER_FILES.account.padEnd(width)} signs for the organisation; keep a copy off this machine`,
      `  ${card.padEnd(width)} public: send it to the other founders`,
    ].join('\n'),
  );
}

export async function makeSigner({ id, profile, out }: SignerOptions): Promise<void> {
  if (!isAccountId(id)) throw new CliError(`--id ${id} is no id of an organisation`);
  await foundSigner(out, freshSecret(validatorSuite(profile)), id);
  console.log(
    [
      `a new validator key of ${id} in ${out}`,
      '  it votes once the ledger knows it: suyuan governance rotate',
    ].join('\n'),
  );
}

export async function make(paths: readonly string[], options: MakeOptions): Promise<void> {
  const time_ms = Date.parse(options.time);
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(options.time) || Number.isNaN(time_ms)) {
    throw new CliError(`--time ${options.time}: write it as 2026-12-01T00:00:00Z`);
  }
  const cards = await Promise.all(paths.map(readCard));
  const { name, profile } = options;
  const made = makeGenesis({ name, time_ms, profile }, cards);
  await writeFileOr(options.out, made.bytes);
  const peersPath = join(dirname(options.out), 'peers.json');
  const peers = cards
    .map(({ account, address }) => ({ id: account.id, address }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  await writeFileOr(peersPath, `${JSON.stringify(peers, null, 2)}\n`);
  if (options.json) {
    console.log(JSON.stringify({ ...facts(made), file: options.out, peers: peersPath }));
    return;
  }
  console.log([`made     ${options.out}, addresses in ${peersPath}`, ...describe(made)].join('\n'));
}

export async function check(path: string, options: CheckOptions): Promise<void> {
  const opened = await readGenesis(path);
  const own = options.card === undefined ? undefined : await readCard(options.card);
  const wrong = own === undefined ? undefined : missing(opened, own);
  if (options.json)
    console.log(JSON.stringify({ ...facts(opened), ownCard: wrong ?? 'unchanged' }));
  else console.log(describe(opened).join('\n'));
  if (wrong !== undefined) throw new CliError(`${wrong}: do not start with this genesis`);
  if (own !== undefined && !options.json) {
    console.log(`card     ${own.account.id} stands in it unchanged`);
  }
}

export async function diff(one: string, two: string, options: DiffOptions): Promise<void> {
  const [a, b] = [await readGenesis(one), await readGenesis(two)];
  const differences = genesisDifferences(a.genesis, b.genesis);
  const same = equalBytes(a.bytes, b.bytes);
  if (options.json) {
    console.log(JSON.stringify({ same, differences }));
  } else if (same) {
    console.log(`same     ${fingerprint(a.chainId).join(' ')}`);
  } else {
    const lines = differences.map((line) => `         ${line}`);
    console.log(['two different ledgers', ...lines].join('\n'));
  }
  if (!same) process.exitCode = 1;
}

/** In what the genesis is not what the card says. */
function missing({ genesis }: OpenedGenesisFile, card: Card): string | undefined {
  const id = card.account.id;
  const alone = {
    ...genesis,
    validators: genesis.validators.filter((each) => each.id === id),
    accounts: genesis.accounts.filter((each) => each.id === id),
  };
  const differences = genesisDifferences(alone, {
    ...alone,
    validators: [card.validator],
    accounts: [card.account],
  });
  if (differences.length === 0) return undefined;
  return alone.validators.length === 0 && alone.accounts.length === 0
    ? `${id} does not stand in it`
    : `it says something else of ${id} than the card (${differences.map((line) => line.split(':')[0]).join(', ')})`;
}

function facts({ chainId, genesis }: OpenedGenesisFile) {
  return {
    chainId: bytesToHex(chainId),
    name: genesis.name,
    profile: genesis.profile,
    time: new Date(genesis.time_ms).toISOString(),
    validators: genesis.validators.map(({ id }) => id),
    quorum: quorum(genesis.validators.length),
  };
}

function describe(opened: OpenedGenesisFile): string[] {
  const { genesis, chainId } = opened;
  const n = genesis.validators.length;
  const spare = n - quorum(n);
  const [first, second] = fingerprint(chainId);
  return [
    `ledger   ${genesis.name}, ${genesis.profile}, from ${new Date(genesis.time_ms).toISOString()}`,
    `members  ${genesis.validators.map(({ id }) => id).join(', ')}`,
    `quorum   ${quorum(n)} of ${n}: it goes on while ${spare === 0 ? 'all' : `at most ${spare}`} ${spare === 0 ? 'are up' : spare === 1 ? 'is down' : 'are down'}`,
    `chain    ${first}`,
    `         ${second}`,
    '         read it to each other by telephone before anyone starts',
  ];
}
