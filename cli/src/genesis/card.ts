// The card of an organisation that founds or joins a ledger: its public keys and its address. A card is public; whoever makes the
// genesis needs no more of the others than their cards.

import {
  type Account,
  type CborValue,
  isAppError,
  type PublicKey,
  type Role,
  toAccount,
  toValidators,
  type Validator,
} from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { readJson } from '../io.ts';

const FORMAT = 'suyuan-card-1';
const FIELDS = ['format', 'id', 'roles', 'name', 'uscc', 'validator', 'account', 'address'];
const ADDRESS = /^(\[[0-9a-fA-F:]{2,45}\]|[0-9A-Za-z.-]{1,253}):(\d{1,5})$/;

export interface Card {
  readonly account: Account;
  readonly validator: Validator;
  /** `host:port` under which the other validators reach this one. */
  readonly address: string;
}

interface CardFile {
  readonly format: typeof FORMAT;
  readonly id: string;
  readonly roles: readonly Role[];
  readonly name: { readonly zh: string; readonly en: string };
  readonly uscc?: string;
  readonly validator: KeyText;
  readonly account: KeyText;
  readonly address: string;
}

interface KeyText {
  readonly suite: string;
  readonly publicKey: string;
}

export function isAddress(text: string): boolean {
  const port = Number(ADDRESS.exec(text)?.[2]);
  return port >= 1 && port <= 65_535;
}

export function cardToFile({ account, validator, address }: Card): CardFile {
  return {
    format: FORMAT,
    id: account.id,
    roles: account.roles,
    name: account.name,
    ...(account.uscc === undefined ? {} : { uscc: account.uscc }),
    validator: keyText(validator.key),
    account: keyText(account.key),
    address,
  };
}

/** Throws CliError, which names the file and what is wrong with it. */
export async function readCard(path: string): Promise<Card> {
  const value = await readJson(path, 'card');
  const bad = (why: string): CliError =>
    new CliError(
      `${path} is not a card: ${why}. Ask its organisation for the file that 'suyuan genesis key' made.`,
    );
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw bad('it holds no object');
  }
  const file = value as Record<string, unknown>;
  if (file.format !== FORMAT) throw bad(`its format is not ${FORMAT}`);
  const stray = Object.keys(file).find((key) => !FIELDS.includes(key));
  if (stray !== undefined) throw bad(`it has the field ${stray}, which no card has`);
  const { id, roles, name, uscc, address } = file;
  if (typeof address !== 'string' || !isAddress(address)) {
    throw bad('its address is not host:port');
  }
  try {
    const account = toAccount({
      ...{ id, roles, name, key: keyValue(file.account), status: 'active' },
      ...(uscc === undefined ? {} : { uscc }),
    } as CborValue);
    const [validator] = toValidators([{ id, key: keyValue(file.validator) }] as CborValue);
    return { account, validator: validator!, address };
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw bad(error.message.replace(/\.$/, ''));
  }
}

function keyText({ suite, bytes }: PublicKey): KeyText {
  return { suite, publicKey: Buffer.from(bytes).toString('hex') };
}

function keyValue(value: unknown): unknown {
  const { suite, publicKey } = (value ?? {}) as Record<string, unknown>;
  const isHex = typeof publicKey === 'string' && /^([0-9a-f]{2}){32,33}$/.test(publicKey);
  return { suite, key: isHex ? new Uint8Array(Buffer.from(publicKey, 'hex')) : publicKey };
}
