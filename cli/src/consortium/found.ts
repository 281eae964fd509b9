// Founds a consortium on this machine the way its members would, or goes on with the one that is there.

import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { isAccountId, type Profile, validatorSuite } from '@suyuan/contracts';
import { writeFileAtomically } from '@suyuan/durable';
import { CliError } from '../errors.ts';
import { makeGenesis, readGenesis } from '../genesis/make.ts';
import { foundMember } from '../genesis/member.ts';
import { GATEWAY_ACCOUNT } from '../house/house.ts';
import { openKeyRing } from '../house/keys.ts';
import { DESK_ACCOUNT } from '../house/reveal-desk.ts';
import { readJson, writeFileOr } from '../io.ts';
import { CONSORTIUM_FOUNDERS, type Member, places } from './plan.ts';

export interface ConsortiumSettings {
  readonly directory: string;
  /** Of a new one. */
  readonly validators: number | undefined;
  readonly profile: Profile | undefined;
  /** The first of two ports for each validator; free ones unless given. */
  readonly firstPort: number | undefined;
}

/** The members with their ports. Throws CliError when what is there is another consortium than the one asked for. */
export async function openConsortium(settings: ConsortiumSettings): Promise<readonly Member[]> {
  const at = places(settings.directory);
  if (!existsSync(at.plan)) return found(settings);
  const members = toMembers(await readJson(at.plan, 'plan'), at.plan);
  const { genesis } = await readGenesis(at.genesis);
  const { validators, profile } = settings;
  if (validators !== undefined && validators !== members.length) {
    throw new CliError(
      `the consortium in ${settings.directory} has ${members.length} validators; start it without --validators, or another one with --data DIR`,
    );
  }
  if (profile !== undefined && profile !== genesis.profile) {
    throw new CliError(
      `the consortium in ${settings.directory} is of profile ${genesis.profile}; start it without --profile, or another one with --data DIR`,
    );
  }
  return members;
}

async function found(settings: ConsortiumSettings): Promise<readonly Member[]> {
  const { directory, validators = 4, profile = 'guomi', firstPort } = settings;
  const at = places(directory);
  const founders = CONSORTIUM_FOUNDERS.slice(0, validators);
  const ports =
    firstPort === undefined
      ? await freePorts(founders.length * 2)
      : founders.flatMap((_, i) => [firstPort + 2 * i, firstPort + 2 * i + 1]);
  const members = founders.map(({ id }, i) => ({
    id,
    port: ports[2 * i]!,
    http: ports[2 * i + 1]!,
  }));
  const cards = [];
  for (const [i, founder] of founders.entries()) {
    const out = at.signer(founder.id);
    // Without a plan nothing was ever started: what a founding that was cut short left is of no ledger.
    await rm(dirname(out), { recursive: true, force: true });
    await mkdir(dirname(out), { mode: 0o700 });
    const address = `127.0.0.1:${members[i]!.port}`;
    cards.push(await foundMember({ ...founder, address, profile, out }));
  }
  const name = '溯源联盟演示 Suyuan consortium (demo)';
  const { bytes } = makeGenesis({ name, time_ms: Date.now(), profile }, cards);
  await writeFileOr(at.genesis, bytes);
  const peers = cards.map(({ account, address }) => ({ id: account.id, address }));
  await writeFileOr(at.peers, `${JSON.stringify(peers, null, 2)}\n`);
  const keys = await openKeyRing(await made(join(at.house, 'keys')));
  for (const account of [GATEWAY_ACCOUNT, DESK_ACCOUNT]) {
    await keys.get(account, validatorSuite(profile));
  }
  await writeFileAtomically(at.plan, Buffer.from(`${JSON.stringify(members, null, 2)}\n`));
  return members;
}

async function made(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}

function toMembers(value: unknown, path: string): Member[] {
  const isPort = (port: unknown): port is number =>
    Number.isSafeInteger(port) && Number(port) > 0 && Number(port) <= 65_535;
  const isMember = (member: unknown): member is Member => {
    const { id, port, http } = (member ?? {}) as Record<string, unknown>;
    return isAccountId(id) && isPort(port) && isPort(http);
  };
  if (Array.isArray(value) && value.length > 0 && value.length <= 64 && value.every(isMember)) {
    return value;
  }
  throw new CliError(`${path} is damaged; found another consortium with --data DIR`);
}

/** Held all at once, so that no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  try {
    for (let i = 0; i < count; i += 1) {
      const server = createServer();
      servers.push(server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host: '127.0.0.1', port: 0 }, resolve);
      });
    }
    return servers.map((server) => (server.address() as { port: number }).port);
  } finally {
    await Promise.all(
      servers.map((server) => new Promise<void>((done) => server.close(() => done()))),
    );
  }
}
