// `suyuan start` as a user meets it: the demo, a crash in the middle of it, the next start, and everything that can be wrong with
// ports and files.

import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SuyuanProcess, spawnSuyuan, startSuyuan } from './support/child.ts';
import { type CliResult, suyuan, suyuanOk } from './support/cli.ts';
import { eventually } from './support/eventually.ts';
import { createTempDir } from './support/paths.ts';

const temp = createTempDir();
afterAll(() => temp.remove());

/** As everybody starts it: four validators. */
function started(args: readonly string[]): Promise<SuyuanProcess> {
  return startSuyuan(['--consensus', 'simplex', ...args]);
}

/** `start` on free ports, expected to refuse. */
function refused(data: string, ...args: readonly string[]): Promise<CliResult> {
  const free = ['--http', '--mqtt'].flatMap((port) => (args.includes(port) ? [] : [port, '0']));
  return suyuan(['start', '--data', data, ...free, ...args]);
}

/** One line on standard error, non-zero exit, nothing that a person cannot read. */
function expectOneLine(result: CliResult, words: RegExp): void {
  expect(result.stderr).toMatch(words);
  expect(result.stderr).toMatch(/^suyuan: [^\n]+\n$/);
  expect(result.code).toBe(1);
}

async function json<T>(house: SuyuanProcess, path: string): Promise<T> {
  const response = await fetch(`${house.url}${path}`);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

/** From its first block on: after a pause that is one block away. */
function healthy(house: SuyuanProcess): Promise<true> {
  return eventually(async () =>
    (await fetch(`${house.url}/health`)).status === 200 ? true : undefined,
  );
}

interface Status {
  readonly chain: { readonly height: number; readonly transactions: number };
  readonly gateway: {
    readonly packs: Record<'received' | 'stored' | 'quarantined' | 'duplicate', number>;
  };
}
const statusOf = (house: SuyuanProcess) => json<Status>(house, '/api/v1/status');

interface Products {
  readonly products: readonly { readonly gtin: string; readonly sampleLink: string | null }[];
}
const productsOf = (house: SuyuanProcess) => json<Products>(house, '/api/v1/products');

/** The pack that the demo shows last, below its code. */
async function sampleOf(house: SuyuanProcess): Promise<string> {
  await house.seen(/stop with Ctrl-C/);
  return house.output.match(/http:\/\/\S+\/01\/\d{14}\/10\/\S+\/21\/\S+/g)?.at(-1) ?? '';
}

/** What may happen once in a demo's life, by the ledger's own record. */
const DEMO_TRANSACTIONS_ONCE =
  /"(accounts|products|policies|places|quotas|devices|lots|labels|custody|documents|cases|recalls|batch)"/;

describe('the demo', () => {
  const data = join(temp.path, 'demo');
  let house: SuyuanProcess;
  let link: string;
  let before: Status;

  afterAll(async () => {
    await house?.kill();
  });

  test('goes on after kill -9 in the middle of its season, to the end', async () => {
    house = await started(['--data', data, '--season-years', '1']);
    const { genesis } = house;
    expect(house.output).toContain('a new ledger in');
    await house.seen(/demo season\s+\d+ % lived through/);
    expect(await house.kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });

    house = await started(['--data', data]);
    expect(house.output).toMatch(/a ledger of \d+ blocks in/);
    expect(house.genesis).toBe(genesis);
    link = await sampleOf(house);
    expect(house.output).toContain('100 % lived through');
    expect(house.stderr).toBe('');
  }, 400_000);

  test('shows its products with packs to scan, and is healthy', async () => {
    const { products } = await productsOf(house);
    expect(products).toHaveLength(8);
    expect(products.filter(({ sampleLink }) => sampleLink !== null)).toHaveLength(4);
    for (const path of ['/health', '/', '/status', '/docs', new URL(link).pathname]) {
      const response = await fetch(`${house.url}${path}`, { headers: { accept: 'text/html' } });
      expect(response.status, path).toBe(200);
      await response.arrayBuffer();
    }
    const { packs } = (await statusOf(house)).gateway;
    expect(packs.quarantined).toBe(0);
    expect(packs.stored).toBeGreaterThan(0);
  });

  test('a pack of each product verifies, and every spot check is delivered', async () => {
    const { products } = await productsOf(house);
    for (const { sampleLink } of products) {
      if (sampleLink === null) continue;
      const out = join(temp.path, 'demo.bundle');
      const url = `${house.url}${new URL(sampleLink, house.url).pathname}`;
      const { stdout } = await suyuanOk(['bundle', 'get', url, '--out', out, '--json']);
      expect(JSON.parse(stdout), url).toMatchObject({ genesis: house.genesis, missing: 0 });
    }
    const { stdout } = await suyuanOk(['bundle', 'get', link, '--out', join(temp.path, 'chenpi')]);
    expect(stdout).toMatch(/picked\s+1[0-6] packs/);
    const shown = await suyuanOk(['verify', join(temp.path, 'chenpi'), '--genesis', house.genesis]);
    expect(shown.stdout).toContain('HOLDS');
    expect(shown.stdout).toMatch(/label claims 12 months/);
  });

  test('a second process on the same data is refused', async () => {
    expectOneLine(await refused(data), /works on .*demo/);
  });

  test('SIGTERM ends it cleanly; the next start resumes it and registers nothing twice', async () => {
    before = await statusOf(house);
    const { genesis } = house;
    expect(await house.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(house.stderr).toBe('');
    expect(existsSync(join(data, 'lock'))).toBe(false);

    house = await started(['--data', data]);
    expect(house.genesis).toBe(genesis);
    const resumed = await sampleOf(house);
    expect(new URL(resumed).pathname).toBe(new URL(link).pathname);
    const after = await statusOf(house);
    expect(after.chain.height).toBeGreaterThanOrEqual(before.chain.height);
    expect(await productsOf(house)).toHaveProperty('products.length', 8);
    for (let height = before.chain.height + 1; height <= after.chain.height; height += 1) {
      const block = await (await fetch(`${house.url}/api/v1/blocks/${height}`)).text();
      expect(block).not.toMatch(DEMO_TRANSACTIONS_ONCE);
    }
    await healthy(house);
    expect((await house.kill('SIGINT')).code).toBe(0);
  }, 120_000);

  test('a demo that was never lived to its end is not started as an empty house', async () => {
    const cut = join(temp.path, 'cut');
    house = await started(['--data', cut]);
    expect(await house.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expectOneLine(await refused(cut, '--empty'), /not lived to its end; start it without --empty/);
  }, 120_000);

  test('a damaged demo-season.json is named', async () => {
    writeFileSync(join(data, 'demo-season.json'), '{"end_ms":1}');
    expectOneLine(await refused(data), /demo-season\.json is damaged/);
  });
});

test.each([
  [['--season-years', '0'], /--season-years must be a whole number from 1 to 10/],
  [['--season-years', '2.5'], /--season-years must be a whole number from 1 to 10/],
  [['--replay', '/nowhere/logger.csv'], /there is no logger file \/nowhere\/logger\.csv/],
  [['--empty', '--season-years', '1'], /--empty has no season/],
])('start %j is refused before anything is founded', async (args, words) => {
  const data = join(temp.path, 'refused');
  expectOneLine(await refused(data, ...args), words);
  expect(existsSync(data)).toBe(false);
});

describe('an empty house', () => {
  const data = join(temp.path, 'empty');
  let genesis: string;

  beforeAll(async () => {
    const house = await started(['--data', data, '--empty']);
    ({ genesis } = house);
    expect((await productsOf(house)).products).toEqual([]);
    await healthy(house);
    expect(await house.kill()).toEqual({ code: 0, signal: null });
  }, 120_000);

  /** A copy of its files, damaged. */
  function damaged(damage: (path: (name: string) => string) => void): string {
    const copy = join(temp.path, 'damaged');
    rmSync(copy, { recursive: true, force: true });
    cpSync(data, copy, { recursive: true });
    damage((name) => join(copy, name));
    return copy;
  }

  test('keeps what is secret to its owner', () => {
    const mode = (name: string) => statSync(join(data, name)).mode & 0o777;
    expect(mode('.')).toBe(0o700);
    expect(mode('keys')).toBe(0o700);
    for (const name of ['association', 'validator-bureau', 'gateway-1'])
      expect(mode(`keys/${name}.json`)).toBe(0o600);
    expect(mode('suyuan.log')).toBe(0o600);
    const log = readFileSync(join(data, 'suyuan.log'), 'utf8');
    const { secret } = JSON.parse(readFileSync(join(data, 'keys/gateway-1.json'), 'utf8'));
    expect(log).not.toContain(secret);
  });

  test('stays empty and the same at the next start, and --profile of another kind is refused', async () => {
    const house = await started(['--data', data]);
    expect(house.genesis).toBe(genesis);
    expect((await productsOf(house)).products).toEqual([]);
    expect((await house.kill()).code).toBe(0);
    expectOneLine(await refused(data, '--profile', 'international'), /is of profile guomi/);
  });

  test('what four validators began is not gone on with by one hand that signs for all', async () => {
    expectOneLine(
      await refused(data, '--consensus', 'solo'),
      /was begun with --consensus simplex; start it so/,
    );
  });

  test('busy ports are named with the option to change', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const fresh = join(temp.path, 'busy');
    for (const option of ['--http', '--mqtt']) {
      const result = await refused(fresh, option, String(port));
      expectOneLine(result, new RegExp(`port ${port} is in use; choose another with ${option}`));
    }
    expect(existsSync(join(fresh, 'genesis.cbor'))).toBe(false);
    await new Promise((resolve) => server.close(resolve));
  });

  test('a directory that cannot be used is named', async () => {
    const file = join(temp.path, 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below'), '/proc/suyuan'])
      expectOneLine(await refused(path), /^suyuan: cannot use .*choose another with --data/);
  });

  const cases: readonly (readonly [
    what: string,
    damage: (path: (name: string) => string) => void,
    words: RegExp,
  ])[] = [
    ['a block log', (at) => overwrite(at('ledger/blocks.log'), 200), /blocks\.log is damaged/],
    ['a lost block log', (at) => rmSync(at('ledger/blocks.log')), /block log ends at 0/],
    ['a journal', (at) => overwrite(at('gateway/journal/0000000000.log'), 0), /0000000000\.log/],
    ['LMDB', (at) => overwrite(at('ledger/state/data.mdb'), 0, 8192), /--reindex/],
    ['a genesis', (at) => overwrite(at('genesis.cbor'), 100), /genesis\.cbor is damaged/],
    [
      'a key file',
      (at) => overwrite(at('keys/gateway-1.json'), 0),
      /gateway-1\.json is missing or/,
    ],
    [
      'the key of someone else',
      (at) => copyFileSync(at('keys/bureau.json'), at('keys/validator-bureau.json')),
      /not the key that the ledger knows/,
    ],
  ];
  test.each(cases)('damage of %s is said in one line', async (_what, damage, words) => {
    expectOneLine(await refused(damaged(damage)), words);
  });

  test('--reindex repairs LMDB from the block log', async () => {
    const copy = damaged((at) => overwrite(at('ledger/state/data.mdb'), 0, 8192));
    const house = await started(['--data', copy, '--reindex']);
    expect(house.genesis).toBe(genesis);
    await healthy(house);
    expect((await house.kill()).code).toBe(0);
  });

  test('a signal while it starts ends it in good order', async () => {
    const child = spawnSuyuan(['start', '--data', data, '--http', '0', '--mqtt', '0']);
    await child.seen(/a ledger of/);
    expect(await child.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(child.stderr).toBe('');
  });
});

/** Writes over `count` bytes at `position`. */
function overwrite(path: string, position: number, count = 8): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(count, 0x5a), 0, count, position);
  closeSync(file);
}
