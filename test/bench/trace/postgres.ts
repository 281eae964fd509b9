// PostgreSQL 15 with the same genealogy: a cluster of its own in a temporary directory, reached through a socket in it, set up
// as one would for this question: integer keys, covering indexes both ways, memory enough for all of it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { firstLots, gtinOf, lotTextOf } from './genealogy.ts';

const BIN = '/usr/lib/postgresql/15/bin';
const SETTINGS = {
  listen_addresses: '',
  fsync: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '8GB',
  shared_buffers: '2GB',
  effective_cache_size: '4GB',
  // Enough for every set here; the tables of a UNION are made as large as this allows, and clearing them takes time.
  work_mem: '32MB',
  maintenance_work_mem: '512MB',
  random_page_cost: '1.1',
  // Compiling a query that takes milliseconds costs more than it saves.
  jit: 'off',
  autovacuum: 'off',
  // The planner takes a recursion for ten times as large as it is and would read all lots into a hash: many times slower.
  plan_cache_mode: 'force_generic_plan',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_seqscan: 'off',
};
const USER = 'bench';
const COPY_BYTES = 1 << 20;

export type Scope = 'forward' | 'backward' | 'recall';

export interface ScopeSums {
  readonly lots: number;
  readonly made: number;
}

export interface Postgres {
  readonly version: string;
  load(lots: number): Promise<void>;
  /** Count and sum, worked out in the database: no row goes over the wire. */
  sums(scope: Scope, seeds: readonly number[]): Promise<ScopeSums>;
  /** Ascending. */
  numbers(scope: Scope, seeds: readonly number[]): Promise<number[]>;
  stop(): Promise<void>;
}

const DOWN = `down(id) AS (SELECT id FROM start UNION SELECT e.child FROM down JOIN edges e ON e.parent = down.id)`;
const UP = `up(id) AS (SELECT id FROM seeds UNION SELECT e.parent FROM up JOIN edges e ON e.child = up.id)`;
const SEEDS = `seeds(id) AS (SELECT unnest($1::int[]))`;

/** UNION drops what was met before. A recall takes siblings through shared inputs and ancestors along. */
const REACHED: Readonly<Record<Scope, string>> = {
  forward: `WITH RECURSIVE ${SEEDS}, start(id) AS (SELECT id FROM seeds), ${DOWN}, found(id) AS (SELECT id FROM down)`,
  backward: `WITH RECURSIVE ${SEEDS}, ${UP}, found(id) AS (SELECT id FROM up)`,
  recall: `WITH RECURSIVE ${SEEDS}, start(id) AS (SELECT id FROM seeds UNION SELECT s.child FROM seeds
      JOIN edges own ON own.child = seeds.id JOIN edges s ON s.parent = own.parent), ${DOWN}, ${UP},
      found(id) AS (SELECT id FROM down UNION SELECT id FROM up)`,
};

function sumsQuery(scope: Scope): string {
  return `${REACHED[scope]} SELECT count(*) AS lots, sum(l.made) AS made FROM found JOIN lots l USING (id)`;
}

/** PostgreSQL refuses to run as root. */
async function plainUser(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].flatMap((name) => lines.filter(([n]) => n === name))[0];
  if (found === undefined) throw new Error('There is no unprivileged user to run PostgreSQL as.');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

export async function startPostgres(directory: string): Promise<Postgres> {
  const who = await plainUser();
  const home = join(directory, 'postgres');
  const data = join(home, 'data');
  await mkdir(home, { recursive: true });
  if (who !== undefined) await chown(home, who.uid, who.gid);

  function start(program: string, args: readonly string[]) {
    return spawn(join(BIN, program), args, {
      cwd: home,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
      ...who,
    });
  }

  const init = start('initdb', ['-D', data, '-U', USER, '-A', 'trust', '-N', '-E', 'UTF8']);
  let complaint = '';
  init.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const [code] = await once(init, 'exit').catch((error: unknown) => {
    throw new Error(`PostgreSQL 15 is not at ${BIN}: install Debian's postgresql-15.`, {
      cause: error,
    });
  });
  if (code !== 0) throw new Error(`initdb failed: ${complaint}`);
  const settings = { ...SETTINGS, unix_socket_directories: home };
  const server = start('postgres', [
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  let log = '';
  const ready = new Promise<void>((resolve, reject) => {
    server.stderr?.on('data', (chunk: Buffer) => {
      log = `${log}${chunk.toString()}`.slice(-4000);
      if (log.includes('ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`PostgreSQL ended: ${log}`)));
  });
  await ready;
  const client = new pg.Client({ host: home, user: USER, database: 'postgres' });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');

  return {
    version: rows[0]?.server_version ?? '',
    load: (lots) => load(client, home, lots),
    async sums(scope, seeds) {
      const found = await client.query<{ lots: string; made: string }>({
        name: scope,
        text: sumsQuery(scope),
        values: [seeds],
      });
      return { lots: Number(found.rows[0]?.lots), made: Number(found.rows[0]?.made) };
    },
    async numbers(scope, seeds) {
      const text = `${REACHED[scope]} SELECT id FROM found ORDER BY id`;
      const found = await client.query<{ id: number }>({ text, values: [seeds] });
      return found.rows.map(({ id }) => id);
    },
    async stop() {
      await client.end();
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
    },
  };
}

async function load(client: pg.Client, home: string, count: number): Promise<void> {
  const lots = join(home, 'lots.txt');
  const edges = join(home, 'edges.txt');
  await writeRows(lots, edges, count);
  // Rows that are frozen at once need no vacuum before an index-only scan.
  await client.query(`BEGIN;
    CREATE TABLE lots (id int NOT NULL, gtin text NOT NULL, lot text NOT NULL, made bigint NOT NULL);
    CREATE TABLE edges (parent int NOT NULL, child int NOT NULL, amount bigint NOT NULL);
    COPY lots FROM '${lots}' WITH (FREEZE);
    COPY edges FROM '${edges}' WITH (FREEZE);
    COMMIT;`);
  await client.query('CREATE UNIQUE INDEX lots_id ON lots (id) INCLUDE (made)');
  await client.query('CREATE INDEX edges_down ON edges (parent) INCLUDE (child)');
  await client.query('CREATE INDEX edges_up ON edges (child) INCLUDE (parent)');
  await client.query('VACUUM ANALYZE lots');
  await client.query('VACUUM ANALYZE edges');
}

async function writeRows(lotsPath: string, edgesPath: string, count: number): Promise<void> {
  const lotsFile = await open(lotsPath, 'w');
  const edgesFile = await open(edgesPath, 'w');
  let lots = '';
  let edges = '';
  for (const { number, stage, made, inputs } of firstLots(count)) {
    lots += `${number}\t${gtinOf(stage)}\t${lotTextOf(stage, number)}\t${made}\n`;
    for (const input of inputs) edges += `${input.number}\t${number}\t${input.amount}\n`;
    if (lots.length > COPY_BYTES || edges.length > COPY_BYTES) {
      await lotsFile.write(lots);
      await edgesFile.write(edges);
      lots = '';
      edges = '';
    }
  }
  await lotsFile.write(lots);
  await edgesFile.write(edges);
  await lotsFile.close();
  await edgesFile.close();
}
