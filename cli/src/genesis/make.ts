// One genesis out of the founders' cards: the same cards give the same bytes in whatever order they are named, so that every
// founder can make it and compare one number.

import {
  type Account,
  accountToValue,
  bytesToHex,
  encodeCbor,
  encodeGenesis,
  equalBytes,
  type Genesis,
  isAppError,
  openGenesis,
  type Profile,
  RULES_VERSION,
  type Validator,
  validatorSuite,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError } from '../errors.ts';
import { readFileOr } from '../io.ts';
import type { Card } from './card.ts';

export interface GenesisFacts {
  readonly name: string;
  readonly time_ms: number;
  readonly profile: Profile;
}

export type OpenedGenesisFile = ReturnType<typeof openGenesis> & { readonly bytes: Uint8Array };

/** Throws CliError when two cards do not go together or are of another profile. */
export function makeGenesis(facts: GenesisFacts, cards: readonly Card[]): OpenedGenesisFile {
  const sorted = [...cards].sort((a, b) => (a.account.id < b.account.id ? -1 : 1));
  for (const [i, { account }] of sorted.entries()) {
    if (account.id === sorted[i + 1]?.account.id) {
      throw new CliError(`two cards are of ${account.id}; name each organisation's card once`);
    }
  }
  const suite = validatorSuite(facts.profile);
  const other = sorted.find(({ validator }) => validator.key.suite !== suite);
  if (other !== undefined) {
    throw new CliError(
      `${other.account.id} votes with ${other.validator.key.suite}; validators of profile ${facts.profile} sign with ${suite}. ` +
        `Make that card again with --profile ${facts.profile}.`,
    );
  }
  const bytes = encodeGenesis({
    ...facts,
    rules: RULES_VERSION,
    validators: sorted.map(({ validator }) => validator),
    accounts: sorted.map(({ account }) => account),
  });
  return { bytes, ...opened(bytes, 'these cards make no genesis') };
}

export async function readGenesis(path: string): Promise<OpenedGenesisFile> {
  const bytes = await readFileOr(path, 'genesis');
  return { bytes, ...opened(bytes, `${path} is no genesis`) };
}

function opened(bytes: Uint8Array, what: string): ReturnType<typeof openGenesis> {
  try {
    return openGenesis(nodeCrypto, bytes);
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw new CliError(`${what}: ${error.message}`);
  }
}

/** 64 hex digits in groups of four, as two people read them to each other. */
export function fingerprint(chainId: Uint8Array): readonly [string, string] {
  const groups = bytesToHex(chainId).match(/.{4}/g) ?? [];
  return [groups.slice(0, 8).join(' '), groups.slice(8).join(' ')];
}

/** In what two genesis files differ, a line each; empty when they are the same bytes. */
export function genesisDifferences(a: Genesis, b: Genesis): string[] {
  const lines: string[] = [];
  const tell = (what: string, left: string | number, right: string | number): void => {
    if (left !== right) lines.push(`${what}: ${left} | ${right}`);
  };
  tell('name', a.name, b.name);
  tell('profile', a.profile, b.profile);
  tell('time', new Date(a.time_ms).toISOString(), new Date(b.time_ms).toISOString());
  tell('rules', a.rules, b.rules);
  lines.push(
    ...memberDifferences('validator', a.validators, b.validators, validatorBytes),
    ...memberDifferences('account', a.accounts, b.accounts, (m) => encodeCbor(accountToValue(m))),
  );
  return lines;
}

function validatorBytes({ key }: Validator): Uint8Array {
  return encodeCbor([key.suite, key.bytes, key.userId ?? null]);
}

function memberDifferences<T extends Validator | Account>(
  what: string,
  a: readonly T[],
  b: readonly T[],
  bytesOf: (member: T) => Uint8Array,
): string[] {
  const left = new Map(a.map((member) => [member.id, member]));
  const right = new Map(b.map((member) => [member.id, member]));
  const lines: string[] = [];
  for (const id of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [one, two] = [left.get(id), right.get(id)];
    if (one === undefined) lines.push(`${what} ${id}: only in the second`);
    else if (two === undefined) lines.push(`${what} ${id}: only in the first`);
    else if (!equalBytes(bytesOf(one), bytesOf(two))) lines.push(`${what} ${id}: differs`);
  }
  const order = (members: readonly T[]) => members.map(({ id }) => id).join();
  if (lines.length === 0 && order(a) !== order(b)) lines.push(`${what}s: in another order`);
  return lines;
}
