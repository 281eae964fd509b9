// Validator processes: started, killed, listened to. What they say goes to the judge.

import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { Profile } from '@suyuan/contracts';
import { createJudge, type Judge } from './judge.ts';
import type { ValidatorSetup } from './setup.ts';

export interface ValidatorStatus {
  readonly height: number;
  readonly epoch: number;
  readonly slot: number;
  readonly finalSlot: number;
  readonly voting: boolean;
  /** Why it does not vote. */
  readonly reason: string | null;
  readonly waiting: number;
  readonly peers: readonly string[];
  readonly failure: string | null;
}

export interface FleetOptions {
  /** Path of the bundled validator. */
  readonly program: string;
  readonly directory: string;
  readonly size: number;
  readonly profile: Profile;
  readonly tx_per_s: number;
  /** Where a validator listens; loopback with a free port unless given. */
  readonly addressOf?: (index: number) => { readonly host: string; readonly port: number };
  /** Another directory for its data. */
  readonly directoryOf?: (id: string) => string;
  /** Starts a validator again whose state database could not be written, as a service manager does; counted in `restarts`. */
  readonly keeps?: boolean;
  /** What stands before the command: `ip netns exec …`. */
  readonly prefixOf?: (id: string) => readonly string[];
}

/** Something did not happen that must. */
export class ChaosFailure extends Error {}

export interface Member {
  readonly id: string;
  readonly isUp: boolean;
  readonly status: ValidatorStatus | undefined;
  start(): void;
  /** SIGKILL; resolves when all that it had printed is read. */
  kill(): Promise<void>;
  /** As an operator stops it. */
  stop(): Promise<void>;
  order(line: string): void;
  /** Resolves with the next line from now that begins so. */
  says(prefix: string): Promise<string>;
}

export interface Fleet {
  readonly members: readonly Member[];
  readonly judge: Judge;
  member(id: string): Member;
  /** Waits until it holds; throws a ChaosFailure that says what did not come. */
  until(what: string, holds: () => boolean, within_ms?: number): Promise<void>;
  heightOf(id: string): number;
  /** Validators that ended by themselves and were started again. */
  readonly restarts: number;
  close(): Promise<void>;
}

const WITHIN_MS = 90_000;
const LOOK_MS = 20;
/** Of LMDB alone: the blocks are in the log, and a fresh process goes on from there. */
const WRITE_FAILED = /state database .* cannot be written/;
/** Too many for a log that a person reads. */
const UNLOGGED = ['block', 'logged', 'ack'];

export async function createFleet(options: FleetOptions): Promise<Fleet> {
  const { directory, size } = options;
  await mkdir(directory, { recursive: true });
  const judge = createJudge();
  const began_ms = Date.now();
  const ids = Array.from({ length: size }, (_, i) => `org-${i + 1}`);
  const ports = await freePorts(size);
  const addresses = ids.map((id, i) => ({
    id,
    ...(options.addressOf?.(i) ?? { host: '127.0.0.1', port: ports[i]! }),
  }));
  const members = ids.map((id, index) => createMember(id, index));
  let restarts = 0;

  function createMember(id: string, index: number): Member {
    const data = options.directoryOf?.(id) ?? join(directory, id);
    const log = createWriteStream(join(directory, `${id}.log`), { flags: 'a' });
    const watchers = new Set<(line: string) => void>();
    let child: ChildProcess | undefined;
    let ended: Promise<void> = Promise.resolve();
    let status: ValidatorStatus | undefined;
    let isNew = true;

    const note = (line: string): void => void log.write(`${Date.now() - began_ms} ${line}\n`);

    function hear(line: string): void {
      const [word = '', ...rest] = line.split(' ');
      if (word === 'block') judge.block(id, Number(rest[0]), rest[1] ?? '');
      else if (word === 'logged') {
        const txIds = (rest[2] ?? '').split(',').filter((txId) => txId !== '');
        judge.logged(id, Number(rest[0]), rest[1] ?? '', txIds);
      } else if (word === 'ack') judge.receipt(id, rest[0] ?? '', Number(rest[1]));
      else if (word === 'status') status = JSON.parse(rest.join(' ')) as ValidatorStatus;
      if (!UNLOGGED.includes(word)) note(line);
      for (const watch of [...watchers]) watch(line);
    }

    return {
      id,
      get isUp() {
        return child !== undefined;
      },
      get status() {
        return status;
      },
      start() {
        const setup: ValidatorSetup = {
          id,
          directory: data,
          profile: options.profile,
          validators: size,
          listen: addresses[index]!,
          peers: addresses.filter((address) => address.id !== id),
          tx_per_s: options.tx_per_s,
          isNew,
          from: judge.heightOf(id),
          simplex: {},
        };
        isNew = false;
        status = undefined;
        const command = [
          ...(options.prefixOf?.(id) ?? []),
          process.execPath,
          options.program,
          JSON.stringify(setup),
        ];
        const started = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
        child = started;
        note('started');
        createInterface({ input: started.stdout }).on('line', hear);
        createInterface({ input: started.stderr }).on('line', note);
        started.stdin.on('error', () => {});
        ended = new Promise((resolve) => {
          // `close`, not `exit`: by then everything that it printed has been read.
          started.once('close', (code, signal) => {
            note(`ended ${code ?? signal}`);
            if (child === started) child = undefined;
            resolve();
          });
        });
      },
      async kill() {
        child?.kill('SIGKILL');
        await ended;
      },
      async stop() {
        child?.stdin?.write('stop\n');
        await ended;
      },
      order(line) {
        child?.stdin?.write(`${line}\n`);
      },
      says: (prefix) =>
        new Promise((resolve) => {
          const watch = (line: string): void => {
            if (!line.startsWith(prefix)) return;
            watchers.delete(watch);
            resolve(line);
          };
          watchers.add(watch);
        }),
    };
  }

  async function until(
    what: string,
    holds: () => boolean,
    within_ms: number = WITHIN_MS,
  ): Promise<void> {
    const end = Date.now() + within_ms;
    while (!holds()) {
      if (judge.forks.length > 0) throw new ChaosFailure(`fork: ${judge.forks[0]}`);
      if (Date.now() > end) {
        const states = members.map(({ id, isUp, status }) =>
          isUp ? `${id} ${judge.heightOf(id)} ${JSON.stringify(status)}` : `${id} down`,
        );
        throw new ChaosFailure(`${what}: not within ${within_ms} ms\n  ${states.join('\n  ')}`);
      }
      if (options.keeps) await keepUp();
      await wait(LOOK_MS);
    }
  }

  async function keepUp(): Promise<void> {
    for (const member of members) {
      if (!member.isUp || !WRITE_FAILED.test(member.status?.failure ?? '')) continue;
      restarts += 1;
      await member.kill();
      member.start();
    }
  }

  return {
    members,
    judge,
    member: (id) => members.find((member) => member.id === id)!,
    until,
    heightOf: (id) => judge.heightOf(id),
    get restarts() {
      return restarts;
    },
    async close() {
      await Promise.all(members.map((member) => member.kill()));
    },
  };
}

/** Ports of loopback that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
