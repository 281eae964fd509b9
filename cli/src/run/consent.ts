// A grower's consent (docs/formats.md §5): signed where his key is, handed to the buyer as a file.

import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import {
  bytesToHex,
  CONSENT_SIZE_BYTES_MAX,
  decodeConsent,
  encodeConsent,
  isGln,
  isGtin14,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError, systemCodeOf } from '../errors.ts';
import { serverUrl } from '../http.ts';
import { cannotWrite, readFileOr, uintOption } from '../io.ts';
import { readKeyFile } from '../key-file.ts';
import { readPin } from '../pin.ts';
import { chinaTime } from '../recall/deadline.ts';
import { chainOf } from '../submit.ts';

export interface ConsentOptions {
  readonly key: string;
  readonly as?: string;
  readonly buyer: string;
  readonly gtin: string;
  readonly plot: string;
  readonly season?: string;
  readonly amount: string;
  readonly days: string;
  readonly genesis?: string;
  readonly server: string;
  readonly out: string;
  readonly json?: true;
}

export interface ShowConsentOptions {
  readonly json?: true;
}

const DAY_MS = 86_400_000;
const DAYS_MAX = 366;
const BUYER = /^[a-z0-9][a-z0-9.-]{1,62}$/;
const SEASON = /^\d{4}(-[1-9])?$/;

export async function signConsent(options: ConsentOptions): Promise<void> {
  const { buyer, gtin, plot, season = '', out } = options;
  if (!BUYER.test(buyer)) throw new CliError('--buyer is an account id, such as sanjiang-coop');
  if (!isGtin14(gtin))
    throw new CliError('--gtin must be a GTIN of 14 digits with its check digit');
  if (!isGln(plot)) throw new CliError('--plot must be a GLN of 13 digits with its check digit');
  if (season !== '' && !SEASON.test(season))
    throw new CliError(
      '--season is a year, perhaps with the number of the picking, such as 2026 or 2026-1',
    );
  const amount = uintOption(options.amount, '--amount');
  const days = uintOption(options.days, '--days', DAYS_MAX);
  if (amount === 0 || days === 0) throw new CliError('--amount and --days must be at least 1');
  const { secret, id } = await readKeyFile(options.key);
  const grower = options.as ?? id;
  if (grower === undefined) throw new CliError('say who the grower is: --as ID');
  const chainId =
    options.genesis === undefined
      ? (await chainOf(serverUrl(options.server))).chainId
      : await readPin(options.genesis);
  const validUntil = Date.now() + days * DAY_MS;
  const terms = { chainId, buyer, gtin, plot, season, amount, validUntil };
  const nonce = new Uint8Array(randomBytes(16));
  const bytes = encodeConsent(nodeCrypto, { ...terms, nonce, secret, grower });
  try {
    await writeFile(out, bytes, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST')
      throw new CliError(`${out} exists; name another file with --out`);
    throw cannotWrite(out, error);
  }
  if (options.json) printJson(bytes, out);
  else {
    printTerms(bytes);
    console.log(`file     ${out}: give it to ${buyer}, who can use it once`);
  }
}

export async function showConsent(file: string, { json }: ShowConsentOptions): Promise<void> {
  const bytes = await readFileOr(file, 'consent', CONSENT_SIZE_BYTES_MAX);
  if (json) printJson(bytes, file);
  else {
    printTerms(bytes);
    console.log(`hex      ${bytesToHex(bytes)}`);
    console.log('         whether the signature is his is checked by the ledger');
  }
}

function printJson(bytes: Uint8Array, file: string): void {
  const { message: _, chainId, nonce, ...terms } = decodeConsent(bytes);
  const ids = { chainId: bytesToHex(chainId), nonce: bytesToHex(nonce) };
  console.log(JSON.stringify({ file, ...terms, ...ids, consent: bytesToHex(bytes) }));
}

function printTerms(bytes: Uint8Array): void {
  const { grower, buyer, gtin, plot, season, amount, validUntil } = decodeConsent(bytes);
  console.log(`同意 consent of ${grower}`);
  console.log(`buyer    ${buyer}`);
  console.log(`product  ${gtin}, exactly ${amount} (grams or pieces)`);
  console.log(`plot     ${plot}${season === '' ? '' : `, season ${season}`}`);
  console.log(`until    ${chinaTime(validUntil)}`);
}
