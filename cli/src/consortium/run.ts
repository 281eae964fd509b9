// `suyuan consortium`: the validators of a ledger as processes of this machine, and a house beside them that follows.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { ConsensusStatusJson } from '@suyuan/server';
import { CliError, reasonOf } from '../errors.ts';
import { fingerprint, readGenesis } from '../genesis/make.ts';
import { SIGNER_FILES } from '../genesis/signer-directory.ts';
import { GATEWAY_ACCOUNT } from '../house/house.ts';
import { openKeyRing } from '../house/keys.ts';
import { DESK_ACCOUNT } from '../house/reveal-desk.ts';
import { ProblemError, requestJson } from '../http.ts';
import { readKeyFile } from '../key-file.ts';
import { assertPortFree } from '../start/ports.ts';
import { submitAction } from '../submit.ts';
import { wrap } from '../validator/terminal.ts';
import { type Child, startChild } from './children.ts';
import type { Member } from './plan.ts';
import { places } from './plan.ts';
import { createDrawing, type Row } from './table.ts';

export interface HouseSettings {
  readonly http: number;
  readonly mqtt: number;
  readonly pages?: string;
}

const LOOK_MS = 1_000;
const PATIENCE_MS = 2_000;
const WIDTH = 78;

/** Runs until the signal; all that was started is ended then. */
export async function runConsortium(
  directory: string,
  members: readonly Member[],
  house: HouseSettings | undefined,
  signal: AbortSignal,
): Promise<void> {
  const at = places(directory);
  for (const { port, http } of members) {
    await assertPortFree('127.0.0.1', port, '--data DIR and --port');
    await assertPortFree('127.0.0.1', http, '--data DIR and --port');
  }
  const genesis = await readGenesis(at.genesis);
  const [first, second] = fingerprint(genesis.chainId);
  console.log(
    [
      '',
      `  溯源 Suyuan    ${members.length} validators, ${genesis.genesis.profile}, in ${directory}`,
      `  chain          ${first}`,
      `                 ${second}`,
      ...members.map(({ id, http }) => `  ${id.padEnd(15)}http://localhost:${http}/docs`),
      ...(house === undefined ? [] : [`  house          http://localhost:${house.http}/`]),
      '  stop with Ctrl-C; the next start goes on from here',
      '',
    ].join('\n'),
  );
  const children: Child[] = [];
  const drawing = createDrawing(process.stdout);
  let wake = (): void => {};
  const start = (name: string, args: readonly string[]): void => {
    children.push(startChild(name, args, at.terminal(name), () => wake()));
  };
  const nap = (): Promise<void> =>
    new Promise((done) => {
      const timer = setTimeout(done, LOOK_MS);
      wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  let failure: Error | undefined;
  try {
    for (const { id, port, http } of members) {
      start(id, [
        ...['validator', 'run', '--directory', at.node(id), '--signer', at.signer(id)],
        ...['--genesis', at.genesis, '--peers', at.peers],
        ...['--listen', `127.0.0.1:${port}`, '--http', `127.0.0.1:${http}`],
      ]);
    }
    if (house !== undefined) {
      start('house', [
        ...['house', '--data', at.house, '--genesis', at.genesis, '--peers', at.peers],
        ...['--http', String(house.http), '--mqtt', String(house.mqtt)],
        ...(house.pages === undefined ? [] : ['--pages', resolve(house.pages)]),
      ]);
      enterAccounts(at, members, signal).catch((error: unknown) => {
        failure = new CliError(`the gateway is not admitted: ${reasonOf(error)}`);
        wake();
      });
    }
    while (!signal.aborted) {
      const rows = await Promise.all(children.map((child) => rowOf(child, members, house)));
      drawing.draw(rows, children.flatMap(noteOf));
      await nap();
      if (failure !== undefined) throw failure;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    console.log('stopping …');
    await Promise.all(children.map((child) => child.stop()));
  }
}

function noteOf(child: Child): string[] {
  const ended = child.ended();
  if (ended === undefined) return [];
  return [
    ...wrap(`${child.name} has ended: ${ended}. Start it again with:`, WIDTH),
    `  ${child.command}`,
  ].map((line) => `  ${line}`);
}

async function rowOf(
  child: Child,
  members: readonly Member[],
  house: HouseSettings | undefined,
): Promise<Row> {
  const port = members.find(({ id }) => id === child.name)?.http ?? house?.http ?? 0;
  const row = { name: child.name, pid: child.pid };
  const unknown = { height: undefined, epoch: undefined, peers: undefined };
  try {
    const answer = await requestJson(new URL(`http://127.0.0.1:${port}/api/v1/status`), {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const [status] = answer.consensus as ConsensusStatusJson[];
    const { height } = answer.chain as { height: number };
    if (status === undefined) return { ...row, ...unknown, height, state: 'runs' };
    const { epoch, peers } = status;
    return { ...row, height, epoch, peers: peers.length, state: stateOf(status) };
  } catch {
    return { ...row, ...unknown, state: child.ended() === undefined ? 'starts' : 'ended' };
  }
}

function stateOf({ id, failed, voting, reason, peers, quorum }: ConsensusStatusJson): string {
  if (failed) return 'stopped';
  if (reason !== null) return `no vote: ${reason.code}`;
  if (id === null) return 'follows';
  if (peers.length + 1 < quorum) return 'waits for a quorum';
  return voting ? 'votes' : 'no vote';
}

/** The bureau enters the accounts of the house's gateway and of its desk, once a validator answers. */
async function enterAccounts(
  at: ReturnType<typeof places>,
  members: readonly Member[],
  signal: AbortSignal,
): Promise<void> {
  const bureau = members.find(({ id }) => id === 'bureau')!;
  const server = new URL(`http://127.0.0.1:${bureau.http}`);
  const { secret } = await readKeyFile(join(at.signer('bureau'), SIGNER_FILES.account));
  const keyDirectory = join(at.house, 'keys');
  const ring = await openKeyRing(keyDirectory);
  for (const [id, role, zh, en] of [
    [GATEWAY_ACCOUNT, 'gateway', '数据网关（演示）', 'Data gateway (demo)'],
    [DESK_ACCOUNT, 'shop', '刮码登记台（演示）', 'Desk for scratch codes (demo)'],
  ] as const) {
    if (!existsSync(join(keyDirectory, `${id}.json`))) continue;
    const key = nodeCrypto.publicKeyOf(await ring.get(id, secret.suite));
    const payload = {
      ...{ id, roles: [role], name: { zh, en } },
      key: { suite: key.suite, key: key.bytes },
    };
    const action = { secret, signer: 'bureau', module: 'accounts', action: 'register', payload };
    while (!signal.aborted) {
      try {
        await submitAction(server, action);
        break;
      } catch (error) {
        if (error instanceof ProblemError && error.code === 'accounts/exists') break;
        const later = !(error instanceof ProblemError) || error.status >= 500;
        if (!later) throw error;
        await wait(LOOK_MS, undefined, { signal }).catch(() => {});
      }
    }
  }
}
