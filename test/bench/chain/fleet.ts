// Four validator processes on this machine, ordered about.

import { type ChildProcess, fork } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Profile } from '@suyuan/contracts';
import type { PeerAddress, SimplexOptions } from '@suyuan/server';
import type { Answer, Order, ValidatorSetup } from './messages.ts';
import { VALIDATORS } from './trade.ts';

type AnswerTo<Done> = Extract<Answer, { readonly done: Done }>;

export interface Validator {
  readonly id: string;
  start(): Promise<void>;
  /** Rejects when it could not be done, or the process ended. */
  ask<Name extends Order['order']>(
    order: Extract<Order, { readonly order: Name }>,
  ): Promise<AnswerTo<Name>>;
  /** As an operator stops it. */
  stop(): Promise<void>;
  kill(): void;
}

export interface Fleet {
  readonly validators: readonly Validator[];
  /** All that run, at once. */
  all<Name extends Order['order']>(
    order: (index: number) => Extract<Order, { readonly order: Name }>,
    of?: readonly Validator[],
  ): Promise<readonly AnswerTo<Name>[]>;
  /** Resolves with the height when all of them stand there and are connected. */
  settled(of?: readonly Validator[]): Promise<number>;
  /** As operators stop them, all at once. */
  stop(): Promise<void>;
  /** At once, whatever they do. */
  kill(): void;
}

const LOOK_MS = 50;
const SETTLED_WITHIN_MS = 60_000;

export async function startFleet(options: {
  readonly directory: string;
  readonly profile: Profile;
  readonly simplex?: Partial<SimplexOptions>;
}): Promise<Fleet> {
  const { directory, profile, simplex = {} } = options;
  const ports = await freePorts(VALIDATORS.length);
  const addresses = VALIDATORS.map((id, i) => ({ id, host: '127.0.0.1', port: ports[i]! }));
  const validators = addresses.map((listen) =>
    createValidator({
      ...{ id: listen.id, profile, listen, simplex },
      directory: join(directory, listen.id),
      peers: addresses.filter(({ id }) => id !== listen.id),
      isNew: true,
    }),
  );
  const fleet: Fleet = {
    validators,
    all: (order, of = validators) =>
      Promise.all(of.map((validator, index) => validator.ask(order(index)))),
    async settled(of = validators) {
      const end = performance.now() + SETTLED_WITHIN_MS;
      for (;;) {
        const states = await fleet.all<'where'>(() => ({ order: 'where' }), of);
        const height = states[0]!.height;
        const isSettled = states.every(
          (state) => state.height === height && state.peers >= of.length - 1,
        );
        if (isSettled) return height;
        if (performance.now() > end) {
          throw new Error(`the validators do not settle: ${JSON.stringify(states)}`);
        }
        await wait(LOOK_MS);
      }
    },
    async stop() {
      await Promise.all(validators.map((validator) => validator.stop()));
    },
    kill() {
      for (const validator of validators) validator.kill();
    },
  };
  try {
    await Promise.all(validators.map((validator) => validator.start()));
    await fleet.settled();
  } catch (error) {
    fleet.kill();
    throw error;
  }
  return fleet;
}

function createValidator(first: ValidatorSetup & { readonly peers: readonly PeerAddress[] }) {
  const script = fileURLToPath(new URL('./validator.ts', import.meta.url));
  let setup: ValidatorSetup = first;
  let child: ChildProcess | undefined;
  let ended: Promise<never> = new Promise(() => {});

  function answer(): Promise<Answer> {
    return new Promise((resolve) => {
      child?.once('message', (message) => resolve(message as Answer));
    });
  }

  async function ask<Name extends Order['order']>(
    order: Extract<Order, { readonly order: Name }>,
  ): Promise<AnswerTo<Name>> {
    const answered = answer();
    child?.send(order);
    const said = await Promise.race([answered, ended]);
    if (said.done === 'failed') throw new Error(`${first.id}: ${said.message}`);
    return said as AnswerTo<Name>;
  }

  return {
    id: first.id,
    ask,
    async start() {
      const started = fork(script, [JSON.stringify(setup)], {
        // A profile of the parent is one of each child too.
        execArgv: [...process.execArgv.filter((arg) => arg.startsWith('--cpu-prof')), ...TSX],
        serialization: 'advanced',
      });
      child = started;
      setup = { ...setup, isNew: false };
      ended = new Promise((_, reject) => {
        started.once('exit', () => reject(new Error(`the validator ${first.id} ended early`)));
      });
      // It ends in the end; who waits for an answer hears of it.
      ended.catch(() => {});
      await Promise.race([answer(), ended]);
    },
    async stop() {
      const gone = new Promise((resolve) => child?.once('exit', resolve));
      await ask({ order: 'close' });
      await gone;
    },
    kill: () => void child?.kill('SIGKILL'),
  };
}

const TSX = ['--import', 'tsx'];

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
