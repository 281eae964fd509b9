// Exact positions (docs/formats.md §5, `place.exact`): the ledger holds a commitment, the holder shows the file to whom he likes.

import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import {
  AppError,
  bytesToHex,
  type ExactPosition,
  hexToBytes,
  isGln,
  isProfile,
  type Profile,
  positionCommitment,
  profileHash,
  verifyPosition,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError, systemCodeOf } from '../errors.ts';
import { requestJson, serverUrl } from '../http.ts';
import { cannotWrite, readJson } from '../io.ts';
import { chainOf } from '../submit.ts';

export interface CommitOptions {
  readonly gln: string;
  readonly lat: string;
  readonly lon: string;
  readonly out: string;
  readonly profile?: string;
  readonly server: string;
  readonly json?: true;
}

export interface CheckOptions {
  readonly server: string;
  readonly json?: true;
}

const DECIMALS = 7;
const OTHER = 2;

/** Degrees to 10^-7 degrees, digit by digit: no rounding on the way. Throws CliError. */
export function toE7(text: string, what: string, max_degrees: number): number {
  const [, sign = '', whole = '', part = ''] = /^(-?)(\d{1,3})(?:\.(\d{1,7}))?$/.exec(text) ?? [];
  const value = Number(`${whole}${part.padEnd(DECIMALS, '0')}`);
  if (whole === '' || value > max_degrees * 10 ** DECIMALS)
    throw new CliError(
      `${what} is degrees with up to 7 decimals, within ±${max_degrees}, such as 22.4582310`,
    );
  return sign === '-' && value !== 0 ? -value : value;
}

export async function commitPosition(options: CommitOptions): Promise<void> {
  const { gln, out } = options;
  if (!isGln(gln)) throw new CliError('--gln must be a GLN of 13 digits with its check digit');
  const lat_e7 = toE7(options.lat, '--lat', 90);
  const lon_e7 = toE7(options.lon, '--lon', 180);
  const profile = profileOf(options.profile ?? (await chainOf(serverUrl(options.server))).profile);
  const position = { gln, lat_e7, lon_e7, salt: new Uint8Array(randomBytes(16)) };
  const exact = bytesToHex(positionCommitment(profileHash(nodeCrypto, profile), position));
  const file = { v: 1, profile, gln, lat_e7, lon_e7, salt: bytesToHex(position.salt) };
  try {
    await writeFile(out, `${JSON.stringify(file, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // A salt that is lost makes the commitment on the ledger worthless.
    if (systemCodeOf(error) === 'EEXIST')
      throw new CliError(`${out} exists; positions are never overwritten`);
    throw cannotWrite(out, error);
  }
  if (options.json) console.log(JSON.stringify({ file: out, gln, exact }));
  else {
    console.log(`kept     ${out}: keep it; to show the position to one reader, give him a copy`);
    console.log(`exact    ${exact}`);
    console.log('         stands in the payload of places.register as "exact"');
  }
}

/** Gives the exit code: 2 when the ledger commits to another position, or to none. */
export async function checkPosition(file: string, options: CheckOptions): Promise<number> {
  const { profile, ...position } = positionOf(file, await readJson(file, 'position file'));
  const server = serverUrl(options.server);
  const { gln } = position;
  const { exact } = await requestJson(new URL(`/api/v1/places/${gln}`, server));
  const place = { gln, ...(typeof exact === 'string' ? { exact: hexToBytes(exact) } : {}) };
  try {
    verifyPosition(profileHash(nodeCrypto, profile), place, position);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (options.json) console.log(JSON.stringify({ ok: false, code: error.code }));
    else console.log(`OTHER    ${error.message} (${error.code})`);
    return OTHER;
  }
  const { lat_e7, lon_e7 } = position;
  if (options.json) console.log(JSON.stringify({ ok: true, gln, lat_e7, lon_e7 }));
  else {
    console.log(`SAME     this is the position that ${gln} was registered with`);
    console.log(`at       ${degrees(lat_e7)}, ${degrees(lon_e7)} (WGS 84)`);
  }
  return 0;
}

function degrees(value_e7: number): string {
  const digits = String(Math.abs(value_e7)).padStart(DECIMALS + 1, '0');
  return `${value_e7 < 0 ? '-' : ''}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}

function profileOf(text: string): Profile {
  if (isProfile(text)) return text;
  throw new CliError(`this program does not know the profile ${text}: guomi or international`);
}

function positionOf(path: string, value: unknown): ExactPosition & { readonly profile: Profile } {
  const { v, profile, gln, lat_e7, lon_e7, salt } = (value ?? {}) as Record<string, unknown>;
  const within = (degree: unknown, max: number): degree is number =>
    Number.isInteger(degree) && Math.abs(degree as number) <= max;
  const wellFormed =
    v === 1 &&
    isProfile(profile) &&
    typeof gln === 'string' &&
    isGln(gln) &&
    within(lat_e7, 900_000_000) &&
    within(lon_e7, 1_800_000_000) &&
    typeof salt === 'string' &&
    /^[0-9a-f]{32}$/.test(salt);
  if (wellFormed) return { profile, gln, lat_e7, lon_e7, salt: hexToBytes(salt) };
  throw new CliError(`${path} is not a position file; one is made with: suyuan position commit`);
}
