// `suyuan validator`: what can be refused is refused before the node is loaded.

import type { ConsensusStatusJson } from '@suyuan/server';
import { CliError } from '../errors.ts';
import { requestJson, serverUrl } from '../http.ts';
import { uintOption } from '../io.ts';
import { LOG_LEVELS } from '../start/options.ts';
import { untilSignal } from '../start/until-signal.ts';
import { listenOption } from '../validator/peers-file.ts';

export interface RunOptions {
  readonly directory: string;
  readonly genesis: string;
  readonly peers: string;
  readonly signer?: string;
  readonly listen?: string;
  readonly http?: string;
  readonly observers: string;
  readonly reindex?: true;
  readonly snapshot?: boolean;
  readonly logLevel: string;
}

export interface StatusOptions {
  readonly server: string;
  readonly json?: true;
}

const OBSERVERS_MAX = 1_000;

export async function run(options: RunOptions): Promise<void> {
  const { directory, genesis, peers, signer, logLevel } = options;
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new CliError(`--log-level must be one of ${LOG_LEVELS.join(', ')}`);
  }
  const settings = {
    ...{ directory, genesis, peers, logLevel },
    ...(signer === undefined ? {} : { signer }),
    listen:
      options.listen === undefined ? null : listenOption(options.listen, '--listen', '0.0.0.0'),
    http: options.http === undefined ? null : listenOption(options.http, '--http'),
    observers: uintOption(options.observers, '--observers', OBSERVERS_MAX),
    reindex: options.reindex === true,
    ...(options.snapshot === undefined ? {} : { snapshot: options.snapshot }),
  };
  await untilSignal(async ({ signal }) => {
    const { runValidator } = await import('../validator/run.ts');
    await runValidator(settings, signal);
  });
}

export async function status(options: StatusOptions): Promise<void> {
  const server = serverUrl(options.server);
  const { chain, consensus, health } = await requestJson(new URL('/api/v1/status', server));
  if (!Array.isArray(consensus)) {
    throw new CliError(
      `${server.origin} says nothing of validators; is it a node of this version?`,
    );
  }
  if (options.json) {
    console.log(JSON.stringify({ chain, consensus, health }));
    return;
  }
  const { height, genesis } = chain as { height: number; genesis: string };
  const lines = [`chain      ${genesis}`, `height     ${height}`];
  if (consensus.length === 0) lines.push('validators one hand signs for all (--consensus solo)');
  for (const each of consensus as ConsensusStatusJson[]) lines.push('', ...describe(each));
  console.log(lines.join('\n'));
}

function describe(status: ConsensusStatusJson): string[] {
  const { id, epoch, slot, leader, voting, reason, validators, quorum, peers, clock } = status;
  const deed = status.failed
    ? 'has stopped'
    : voting
      ? 'votes'
      : id === null
        ? 'follows'
        : 'does not vote';
  return [
    `node       ${id ?? 'no validator'}: ${deed}`,
    `epoch      ${epoch}, slot ${slot}, led by ${leader}`,
    `quorum     ${quorum} of ${validators}`,
    `peers      ${peers.length === 0 ? 'none' : peers.join(', ')}`,
    ...(reason === null ? [] : [`why        ${reason.message} (${reason.code})`]),
    ...(clock === null ? [] : [`clock      ${clock}`]),
  ];
}
