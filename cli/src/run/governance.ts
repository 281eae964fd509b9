// What the organisations with a validator decide together, signed with the key of an account.

import { join } from 'node:path';
import { type CborObject, publicKeyToValue } from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { readCard } from '../genesis/card.ts';
import { readGenesis } from '../genesis/make.ts';
import { SIGNER_FILES } from '../genesis/signer-directory.ts';
import { makeSeat, readSeat, seatToText } from '../governance/seat.ts';
import { requestJson, serverUrl } from '../http.ts';
import { hexOption, uintOption, writeFileOr } from '../io.ts';
import { readKeyFile } from '../key-file.ts';
import { chainOf, submitAction } from '../submit.ts';
import { artifactOf } from '../validator/artifact.ts';

export interface SignOptions {
  readonly key: string;
  readonly as?: string;
  readonly server: string;
  readonly json?: true;
}

export type ProposeOptions = SignOptions & { readonly id: string };

export interface SeatOptions {
  readonly signer: string;
  readonly genesis: string;
  readonly out: string;
}

/** Enters the organisation of a card into the accounts, before it can be proposed. */
export async function admit(options: SignOptions & { readonly card: string }): Promise<void> {
  const { account } = await readCard(options.card);
  const { id, roles, name, uscc, key } = account;
  const payload = {
    ...{ id, roles, name, key: publicKeyToValue(key) },
    ...(uscc === undefined ? {} : { uscc }),
  } as CborObject;
  const { block } = await sign(options, 'accounts', 'register', payload);
  told(options, [`admitted ${id} in block ${block}`]);
}

export async function seat({ signer, genesis, out }: SeatOptions): Promise<void> {
  const { id, secret } = await readKeyFile(join(signer, SIGNER_FILES.key));
  if (id === undefined) throw new CliError(`the key in ${signer} does not say whose it is ("id")`);
  const { chainId } = await readGenesis(genesis);
  await writeFileOr(out, seatToText(makeSeat(secret, chainId, id)));
  console.log(`seat     of ${id} in ${out}: hand it to a member, who proposes it`);
}

export async function proposeJoin(options: ProposeOptions & { readonly seat: string }) {
  const { id, key, proof } = await readSeat(options.seat);
  await propose(options, { kind: 'join', validator: { id, key }, proof }, `${id} joins`);
}

export async function proposeRemove(options: ProposeOptions & { readonly member: string }) {
  const { member } = options;
  await propose(options, { kind: 'remove', id: member }, `${member} goes`);
}

export async function proposeUpgrade(
  options: ProposeOptions & {
    readonly module: string;
    readonly toVersion: string;
    readonly artifact: string;
    readonly height: string;
  },
): Promise<void> {
  const { module } = options;
  const version = uintOption(options.toVersion, '--to-version');
  const height = uintOption(options.height, '--height');
  const artifact = hexOption(options.artifact, '--artifact', 32);
  await propose(
    options,
    { kind: 'upgrade', module, version, artifact, height },
    `${module} runs in version ${version} from block ${height} on`,
  );
}

export async function proposeCancel(options: ProposeOptions & { readonly upgrade: string }) {
  const { upgrade } = options;
  await propose(options, { kind: 'cancel', upgrade }, `the upgrade ${upgrade} is cancelled`);
}

export async function approve(options: ProposeOptions): Promise<void> {
  const { id } = options;
  const { signer, block } = await sign(options, 'governance', 'approve', { id });
  const after = await outcome(options.server, id);
  told(options, [`approved ${id} by ${signer} in block ${block}`, ...after]);
}

export async function withdraw(options: ProposeOptions): Promise<void> {
  const { id } = options;
  const { signer, block } = await sign(options, 'governance', 'withdraw', { id });
  told(options, [`withdrawn ${id} by ${signer} in block ${block}`]);
}

/** The validator takes the key in another folder, which its process is started with from then on. */
export async function rotate(options: SignOptions & { readonly signer: string }): Promise<void> {
  const { chainId } = await chainOf(serverUrl(options.server));
  const { id, secret } = await readKeyFile(join(options.signer, SIGNER_FILES.key));
  if (id === undefined) {
    throw new CliError(`the key in ${options.signer} does not say whose it is ("id")`);
  }
  const { key, proof } = makeSeat(secret, chainId, id);
  const { block } = await sign(options, 'governance', 'rotate', { key, proof });
  told(options, [
    `rotated  the key of ${id} in block ${block}`,
    `         start its validator with --signer ${options.signer}; destroy the old key`,
  ]);
}

export async function leave(options: SignOptions): Promise<void> {
  const { signer, block } = await sign(options, 'governance', 'leave', {});
  told(options, [`left     ${signer} has no vote any more after block ${block}`]);
}

export async function artifact(
  module: string,
  options: { readonly ofVersion: string; readonly json?: true },
): Promise<void> {
  const version = uintOption(options.ofVersion, '--of-version');
  const found = artifactOf(module, version);
  if (found === undefined) {
    throw new CliError(`this program has no version ${version} of a module ${module}`);
  }
  if (options.json) {
    console.log(JSON.stringify({ module, version, artifact: found.hash, files: found.files }));
    return;
  }
  console.log(`artifact ${found.hash}`);
  console.log(`         of ${module}, version ${version}, ${found.files.length} files`);
}

async function propose(options: ProposeOptions, change: CborObject, what: string): Promise<void> {
  const { id } = options;
  const { signer, block } = await sign(options, 'governance', 'propose', { id, change });
  const after = await outcome(options.server, id);
  told(options, [`proposed ${id} by ${signer} in block ${block}: ${what}`, ...after]);
}

/** Whether it was the word that made the quorum. */
async function outcome(server: string, id: string): Promise<string[]> {
  const url = new URL(`/api/v1/governance/proposals/${id}`, serverUrl(server));
  // What was signed stands, whether or not the node says more about it.
  const { proposal } = await requestJson(url).catch(() => ({ proposal: undefined }));
  if (proposal === undefined) return [];
  const { status, change } = proposal as { status?: string; change?: { kind?: string } };
  if (status === 'open') return ['         open: others approve it with suyuan governance approve'];
  const epoch = change?.kind === 'join' || change?.kind === 'remove';
  return [`         ${status}${epoch ? ': a new epoch begins with the next block' : ''}`];
}

function told(options: SignOptions, lines: readonly string[]): void {
  if (!options.json) console.log(lines.join('\n'));
}

async function sign(options: SignOptions, module: string, action: string, payload: CborObject) {
  const server = serverUrl(options.server);
  const { secret, id } = await readKeyFile(options.key);
  const signer = options.as ?? id;
  if (signer === undefined) throw new CliError('say who signs: --as ID');
  const receipt = await submitAction(server, { secret, signer, module, action, payload });
  if (options.json) console.log(JSON.stringify(receipt));
  return { signer, block: String(receipt.height) };
}
