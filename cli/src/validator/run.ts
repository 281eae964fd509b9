// `suyuan validator run`: the node of one organisation from its opening to the end of its work.

import { join } from 'node:path';
import { getValidators, isAppError, quorum } from '@suyuan/contracts';
import { createThreadedCrypto } from '@suyuan/contracts/node';
import {
  createHttpServer,
  createNoReadings,
  type HttpServer,
  type LedgerNode,
  type ListenAddress,
  type PeerAddress,
  systemClock,
} from '@suyuan/server';
import { fingerprint, type OpenedGenesisFile, readGenesis } from '../genesis/make.ts';
import { consensusStatus } from '../house/consensus-status.ts';
import { openLogger } from '../logger.ts';
import { reachableHost } from '../start/addresses.ts';
import { openDataDirectory } from '../start/data-directory.ts';
import { assertPortFree } from '../start/ports.ts';
import { type NetworkNode, openNetworkNode } from './open.ts';
import { readPeers } from './peers-file.ts';
import { type HeldSigner, holdSigner } from './signer-lock.ts';
import { changes, type Standing, standingLine } from './standing.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { createToldLogger } from './told-logger.ts';

export interface ValidatorSettings {
  readonly directory: string;
  readonly genesis: string;
  readonly peers: string;
  readonly signer?: string;
  readonly listen: ListenAddress | null;
  readonly http: ListenAddress | null;
  readonly observers?: number;
  readonly reindex: boolean;
  /** In an empty directory: true with a snapshot, false never with one; where neither is said, if the ledger is long. */
  readonly snapshot?: boolean;
  readonly logLevel: string;
}

const LOOK_MS = 500;
/** Verification of gossiped transactions; more than a block of them. */
const QUEUE_MAX = 4_096;

/** Runs until the signal. Throws what made it stop otherwise. */
export async function runValidator(
  settings: ValidatorSettings,
  signal: AbortSignal,
): Promise<void> {
  const genesis = await readGenesis(settings.genesis);
  const peers = await readPeers(settings.peers);
  const { http, listen } = settings;
  if (listen !== null) await assertPortFree(listen.host, listen.port, '--listen');
  if (http !== null) await assertPortFree(http.host, http.port, '--http');
  const data = await openDataDirectory(settings.directory);
  const undo: (() => Promise<unknown>)[] = [() => data.release()];
  try {
    const signer = settings.signer === undefined ? null : await holdSigner(settings.signer);
    if (signer !== null) undo.push(() => signer.release());
    await runOpened(settings, { genesis, peers, signer, directory: data.path }, signal);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

interface Opened {
  readonly genesis: OpenedGenesisFile;
  readonly peers: readonly PeerAddress[];
  readonly signer: HeldSigner | null;
  readonly directory: string;
}

async function runOpened(
  settings: ValidatorSettings,
  { genesis, peers, signer, directory }: Opened,
  signal: AbortSignal,
): Promise<void> {
  const log = openLogger(directory, settings.logLevel);
  const terminal = createTerminal(process.stdout, systemClock.now_ms);
  // Who it is comes first, whatever happens while it opens.
  let early: string[] | undefined = [];
  const tell = (text: string): void => {
    if (early === undefined) terminal.event(text);
    else early.push(text);
  };
  const threads = createThreadedCrypto({ workers: 1, queueMax: QUEUE_MAX });
  const undo: (() => Promise<unknown>)[] = [() => log.close(), () => threads.close()];
  try {
    const node = await openNetworkNode({
      directory: join(directory, 'ledger'),
      ...{ genesis, peers, signer, crypto: threads, clock: systemClock },
      listen: settings.listen,
      reindex: settings.reindex,
      ...(settings.snapshot === false ? {} : { snapshot: { always: settings.snapshot === true } }),
      ...{ tell: terminal.event, signal },
      logger: createToldLogger(log.logger, tell),
      ...(settings.observers === undefined ? {} : { observers: settings.observers }),
    });
    undo.push(() => node.close());
    const door = await openDoor(settings, genesis, node, log.logger);
    if (door !== undefined) undo.push(() => door.app.close());
    terminal.say(...banner({ genesis, signer, directory, listen: node.transport.address() }, door));
    for (const text of early.splice(0)) terminal.event(text);
    early = undefined;
    await watch(node, terminal, signal);
    terminal.end();
    terminal.say('stopping …');
  } catch (error) {
    terminal.end();
    if (signal.aborted && isAppError(error, 'snapshot/stopped')) {
      terminal.say(error.message);
      return;
    }
    log.logger.fatal({ err: error }, 'stopped');
    throw error;
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

interface Door {
  readonly app: HttpServer;
  readonly url: string;
}

async function openDoor(
  { http }: ValidatorSettings,
  { hash, chainId }: OpenedGenesisFile,
  { node, consensus }: NetworkNode,
  logger: Parameters<typeof createHttpServer>[0]['logger'],
): Promise<Door | undefined> {
  if (http === null) return undefined;
  const app = await createHttpServer({
    ...{ node, hash, logger, clock: systemClock },
    readings: createNoReadings(),
    pin: { genesis: chainId },
    statusSources: { consensus: () => [consensusStatus(consensus)] },
  });
  await app.listen({ host: http.host, port: http.port });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : http.port;
  return { app, url: `http://${reachableHost(http.host)}:${port}` };
}

function banner(
  parts: Omit<Opened, 'peers'> & { readonly listen: ListenAddress | null },
  door: Door | undefined,
): string[] {
  const { genesis, signer, directory, listen } = parts;
  const { name, profile, validators, accounts } = genesis.genesis;
  const account = accounts.find(({ id }) => id === signer?.id);
  const who =
    signer === null
      ? 'follows, has no vote'
      : `${signer.id}${account ? `, ${account.name.zh}` : ''}`;
  const [first, second] = fingerprint(genesis.chainId);
  return [
    '',
    `  溯源 Suyuan    validator: ${who}`,
    '',
    `  ledger         ${name}, ${profile}`,
    `  chain          ${first}`,
    `                 ${second}`,
    `  founders       ${validators.map(({ id }) => id).join(', ')}; quorum ${quorum(validators.length)} of ${validators.length}`,
    `  validators     ${listen === null ? 'connects to them only' : `${listen.host}:${listen.port}`}`,
    `  API            ${door === undefined ? 'none' : `${door.url}/docs`}`,
    `  data, log      ${directory}`,
    '',
  ];
}

/** Tells how the node stands until the signal, or until it cannot go on. */
async function watch(
  { node, consensus }: NetworkNode,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  let before: Standing | undefined;
  const look = (): void => {
    const now = standingOf(node, consensusStatus(consensus));
    for (const line of changes(before, now)) terminal.event(line);
    before = now;
    terminal.standing(standingLine(now));
  };
  const timer = setInterval(look, LOOK_MS);
  try {
    look();
    await new Promise<void>((done) => {
      if (signal.aborted) done();
      else signal.addEventListener('abort', () => done(), { once: true });
    });
  } finally {
    clearInterval(timer);
  }
}

function standingOf(node: LedgerNode, status: Standing['status']): Standing {
  const state = { get: (key: string) => node.read(key) };
  const members = getValidators(state).members.map(({ id }) => id);
  return { status, failure: node.failure(), members };
}
