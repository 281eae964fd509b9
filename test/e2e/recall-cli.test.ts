// A recall from the first question to its end, a trace, a consent, a dispute and a position: typed as people type them, at a house
// in a process of its own, and past a node that lies.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { checkDigit, payloadFromJson } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CliError } from '../../cli/src/errors.ts';
import { type KeyFile, readKeyFile, writeKeyFile } from '../../cli/src/key-file.ts';
import { createProgram } from '../../cli/src/main.ts';
import { submitAction } from '../../cli/src/submit.ts';
import { type SuyuanProcess, startSuyuan } from './support/child.ts';
import { suyuan } from './support/cli.ts';
import { createTempDir } from './support/paths.ts';
import { GTIN, LOT, PLOT } from './support/registry.ts';

const digits = (body: string): string => `${body}${checkDigit(body)}`;
const SHOP = digits('952000000902');
const STORE = digits('952000000903');
const OTHER_PLOT = digits('952000000904');
const SEED = `${GTIN}/${LOT}`;
const names = (zh: string, en: string) => ({ zh, en });

const temp = createTempDir();
const file = (name: string): string => join(temp.path, name);
let house: SuyuanProcess;
const keys = new Map<string, KeyFile>();
let liar: { url: string; server: Server; lies: 'none' | 'count' | 'hidden-lot' };

beforeAll(async () => {
  house = await startSuyuan(['--empty', '--data', file('data')]);
  await register('grower', ['grower', 'processor']);
  await register('shop', ['shop']);
  await register('buyer', ['processor']);
  await submit('association', 'products.register', {
    gtin: GTIN,
    name: names('新会柑', 'Mandarins'),
    category: 'farm-product',
    regime: 'none',
    unit: 'g',
  });
  await place('grower', PLOT, 'plot', { area_mmu: 15_000 });
  await place('shop', SHOP, 'shop');
  await place('buyer', STORE, 'warehouse');
  const name = { gtin: GTIN, lot: LOT };
  await submit('grower', 'lots.harvest', { ...name, amount: 1_000_000, place: PLOT });
  const outputs = [
    { lot: 'A', amount: 400_000 },
    { lot: 'B', amount: 350_000 },
  ];
  await submit('grower', 'lots.split', { ...name, outputs });
  const items = outputs.map((part) => ({ gtin: GTIN, ...part }));
  const to = { to: 'shop', place: SHOP };
  await submit('grower', 'custody.ship', { shipment: 'S1', ...to, items: items.slice(0, 1) });
  const arrived = { from: 'grower', shipment: 'S1', items: items.slice(0, 1) };
  await submit('shop', 'custody.receive', arrived);
  await submit('grower', 'custody.ship', { shipment: 'S2', ...to, items: items.slice(1) });
  liar = await openLiar(house.url);
}, 120_000);

/** Signed here with a key of this test, or with one that the house made for its founders. */
async function submit(signer: string, what: string, json: object): Promise<void> {
  const [module = '', action = ''] = what.split('.');
  const { secret } = keys.get(signer) ?? (await readKeyFile(file(`data/keys/${signer}.json`)));
  const payload = payloadFromJson(module, action, json);
  await submitAction(new URL(house.url), { secret, signer, module, action, payload });
}

async function register(id: string, roles: readonly string[]): Promise<void> {
  const secret = { suite: 'ed25519', secret: new Uint8Array(32).fill(id.length + 1) } as const;
  await writeKeyFile(file(`${id}.json`), secret, id);
  keys.set(id, { secret, id });
  const key = Buffer.from(nodeCrypto.publicKeyOf(secret).bytes).toString('hex');
  const account = { id, roles, name: names('某人', 'Someone'), key: { suite: 'ed25519', key } };
  await submit('association', 'accounts.register', account);
}

async function place(holder: string, gln: string, kind: string, more: object = {}): Promise<void> {
  const township = names('会城', 'Huicheng');
  const record = { gln, kind, name: names('地', 'Place'), township, holder, ...more };
  await submit(holder, 'places.register', record);
}

interface Typed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line in this process: starting a program for each would take most of the time. */
async function typed(args: readonly string[]): Promise<Typed> {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((text: unknown) => {
    lines.push(String(text));
  });
  try {
    await createProgram().parseAsync(['node', 'suyuan', ...args]);
    const code = Number(process.exitCode ?? 0);
    return { code, stdout: lines.join('\n'), stderr: '' };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = error instanceof CliError ? error.exitCode : 1;
    const named = 'code' in error ? ` (${String(error.code)})` : '';
    return { code, stdout: lines.join('\n'), stderr: `${error.message}${named}` };
  } finally {
    process.exitCode = 0;
    log.mockRestore();
  }
}

async function typedOk(args: readonly string[]): Promise<Typed> {
  const result = await typed(args);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  return result;
}

afterAll(async () => {
  liar?.server.close();
  await house?.kill();
  temp.remove();
});

/** The house behind a node that leaves a lot out: of the count alone, or of the proof too. */
async function openLiar(behind: string): Promise<typeof liar> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = 'GET', url = '/', headers } = request;
    const answer = await fetch(new URL(url, behind), {
      method,
      headers: { 'content-type': headers['content-type'] ?? 'application/json' },
      ...(method === 'POST' ? { body: Buffer.concat(chunks) } : {}),
    });
    let body: Uint8Array = new Uint8Array(await answer.arrayBuffer());
    if (liar.lies !== 'none' && url.startsWith('/api/v1/recalls/scope')) {
      const said = JSON.parse(Buffer.from(body).toString('utf8')) as { count: number };
      body = Buffer.from(JSON.stringify({ ...said, count: said.count - 1, root: '00'.repeat(32) }));
    }
    if (liar.lies === 'hidden-lot' && url.includes('/proof?')) body = withoutLastFrame(body);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, server, lies: 'none' };
}

function withoutLastFrame(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let last = 0;
  for (let at = 0; at < bytes.length; at += 4 + view.getUint32(at)) last = at;
  return bytes.subarray(0, last);
}

const at = () => ['--server', house.url];
const pinned = () => ['--genesis', house.genesis];
const keyOf = (id: string) => ['--key', file(`${id}.json`)];
const regulator = () => ['--key', file('data/keys/regulator.json'), '--as', 'regulator'];
const json = async (...args: string[]) => JSON.parse((await typedOk([...args, '--json'])).stdout);
const opening = (id: string, ...more: string[]) => [
  ...['recall', 'open', '--id', id, '--level', '2', '--reason', 'residue', '--seed', SEED],
  ...regulator(),
  ...pinned(),
  ...more,
];

describe('a trace', () => {
  test('is a table, and proven to be whole under the pinned genesis', async () => {
    const { stdout } = await typedOk(['trace', SEED, '--proof', ...pinned(), ...at()]);
    expect(stdout).toMatch(/● {2}E2E-1[^\n]*1,000 kg[^\n]*250 kg grower/);
    expect(stdout).toMatch(/↓ {2}A [^\n]*400 kg[^\n]*400 kg shop/);
    expect(stdout).toContain('PROVEN   3 lots');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('that leaves a lot out, or is of another ledger, ends with 2 and proves nothing', async () => {
    liar.lies = 'hidden-lot';
    const hidden = ['trace', SEED, '--proof', ...pinned(), '--server', liar.url];
    const other = ['trace', SEED, '--proof', '--genesis', 'ab'.repeat(32), ...at()];
    for (const args of [hidden, other]) {
      const { code, stdout, stderr } = await suyuan(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/NOT PROVEN: .*\((trace\/incomplete|ledger\/other-genesis)\)/);
      expect(stdout).not.toContain('PROVEN');
    }
  });

  test('begins with a place or an account too, and then says that it is not proven', async () => {
    const { stdout } = await typedOk(['trace', 'account:shop', '--direction', 'both', ...at()]);
    expect(stdout).toMatch(/● {2}A /);
    expect(stdout).toContain('not proven');
    const lines = (await typedOk(['trace', `place:${PLOT}`, ...at(), '--json'])).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toEqual({ end: { lots: 3, truncated: false } });
  });
});

describe('a recall', () => {
  test('is asked about first: where the goods are', async () => {
    const scope = await json('recall', 'scope', '--seed', SEED, ...pinned(), ...at());
    expect(scope).toMatchObject({
      count: 3,
      due: { g: 1_000_000, count: 0 },
      total: { stock: { g: 650_000 }, road: { g: 350_000 }, shop: { g: 0 } },
    });
    const sister = await json('recall', 'scope', '--seed', `${GTIN}/A`, '--siblings', ...at());
    expect(sister.lots.map(({ lot }: { lot: string }) => lot).sort()).toEqual(['A', 'B']);
    const above = await json('recall', 'scope', '--seed', `${GTIN}/A`, '--ancestors', ...at());
    expect(above.lots.map(({ lot }: { lot: string }) => lot).sort()).toEqual(['A', LOT]);
  });

  test.each(['count', 'hidden-lot'] as const)(
    'is not signed on the word of a node that lies (%s)',
    async (lies) => {
      liar.lies = lies;
      const { code, stderr } = await typed([...opening('R-L'), '--server', liar.url]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/THE SCOPE DOES NOT HOLD|NOT PROVEN/);
      expect((await json('recall', 'list', ...at())).recalls).toEqual([]);
    },
  );

  test('as a drill leaves trade alone and is timed', async () => {
    await typedOk([...opening('D-1', '--mock'), ...at()]);
    expect((await typedOk(['recall', 'show', 'D-1', ...at()])).stdout).toContain('trade goes on');
    await typedOk(['recall', 'report', 'D-1', '--recovered', '400000g', ...keyOf('shop'), ...at()]);
    const drill = (await typedOk(['recall', 'report-drill', 'D-1', ...at()])).stdout;
    expect(drill).toMatch(/all have read it {2}not yet/);
    expect(drill).toMatch(/shop +\+\d+ min +\+\d+ min/);
    expect((await typedOk(['recall', 'list', ...at()])).stdout).toMatch(
      /D-1 +演练 drill 2 .* 40 %/,
    );
  });

  test('holds, is read, accounted for and closed with its shortfall', async () => {
    const { stdout } = await typedOk([...opening('R-1'), ...at()]);
    expect(stdout).toContain('3 lots proven here');
    const again = await typed([...opening('R-1'), ...at()]);
    expect(again).toMatchObject({ code: 1 });
    expect(again.stderr).toContain('recalls/exists');
    await expect(
      submit('grower', 'lots.split', {
        gtin: GTIN,
        lot: LOT,
        outputs: [{ lot: 'C', amount: 1 }],
      }),
    ).rejects.toThrow(/recalls\/in-scope/);

    await typedOk(['recall', 'ack', 'R-1', ...keyOf('grower'), ...at()]);
    const half = ['--recovered', '300000g', '--sold', '100000'];
    await typedOk(['recall', 'report', 'R-1', ...half, ...keyOf('shop'), ...at()]);
    const shown = (await typedOk(['recall', 'show', 'R-1', ...at()])).stdout;
    const order = ['HOLD', 'concerned', 'reconciled 40 %', 'grower', 'shop'].map((word) =>
      shown.indexOf(word),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect(shown).toMatch(/shop +400 kg +\+\d+ min +\+\d+ min +100 %/);

    const close = ['recall', 'close', 'R-1', ...regulator(), ...at()];
    const early = await typed(close);
    expect(early.code).toBe(1);
    expect(early.stderr).toContain('600 kg of 1,000 kg are not accounted for');
    const closed = await typedOk([...close, '--shortfall-reason', 'eaten']);
    expect(closed.stdout).toContain('short of 600 kg');
    expect((await typedOk(['recall', 'show', 'R-1', ...at()])).stdout).toContain('hold lifted');
  }, 60_000);
});

test('a grower’s consent lets exactly one purchase through, and without it he may refute', async () => {
  const out = ['--out', file('consent.cbor')];
  const terms = ['--buyer', 'buyer', '--gtin', GTIN, '--plot', PLOT, '--amount', '5000'];
  const sign = ['consent', 'sign', ...keyOf('grower'), ...terms, ...out, ...at()];
  const { consent } = await json(...sign);
  expect((await typed(sign)).stderr).toMatch(/exists; name another file/);
  expect((await typedOk(['consent', 'show', file('consent.cbor')])).stdout).toContain(consent);
  const buy = (lot: string, more: Record<string, unknown>) =>
    submit('buyer', 'lots.purchase', {
      ...{ gtin: GTIN, lot, amount: 5000, place: STORE, grower: 'grower', plot: PLOT },
      ...more,
    });
  await buy('P1', { consent });
  await expect(buy('P2', { consent })).rejects.toThrow(/consent/);
  await buy('P3', {});

  const why = ['--reason', 'never sold it', ...keyOf('grower'), ...at()];
  const consented = await typed(['case', 'refute', '--id', 'C1', '--lot', `${GTIN}/P1`, ...why]);
  expect(consented).toMatchObject({ code: 1 });
  expect(consented.stderr).toContain('cases/consented');
  await typedOk(['case', 'refute', '--id', 'C1', '--lot', `${GTIN}/P3`, ...why]);
  const decision = ['--outcome', 'upheld', '--decision', 'no slip', ...regulator(), ...at()];
  const decided = await typedOk(['case', 'decide', '--id', 'C1', ...decision]);
  expect(decided.stdout).toContain('the origin is false');
}, 60_000);

test('a position is shown to one reader and to no other', async () => {
  const where = ['--gln', OTHER_PLOT, '--lat', '22.4582310', '--lon', '113.0123456'];
  const commit = ['position', 'commit', ...where, '--out', file('plot.json'), ...at()];
  const { exact } = await json(...commit);
  await place('grower', OTHER_PLOT, 'plot', { area_mmu: 1000, exact });
  const { stdout } = await typedOk(['position', 'check', file('plot.json'), ...at()]);
  expect(stdout).toContain('22.4582310, 113.0123456');
  const near = ['position', 'commit', '--gln', OTHER_PLOT, '--lat', '22.4', '--lon', '113'];
  await typedOk([...near, '--out', file('near.json'), ...at()]);
  expect(await typed(['position', 'check', file('near.json'), ...at()])).toMatchObject({
    code: 2,
  });
}, 30_000);

test('mistakes are one line', async () => {
  for (const [words, ...args] of [
    [/names no lot: write GTIN\/LOT/, 'recall', 'scope', '--seed', 'X', ...at()],
    [/check digit/, 'trace', '09520000000000/L', ...at()],
    [/no place id/, 'trace', 'place:12', ...at()],
    [/a proof is of a lot/, 'trace', `place:${PLOT}`, '--proof', ...pinned(), ...at()],
    [/no such recall/, 'recall', 'show', 'R-9', ...at()],
    [/--level is 1/, ...opening('R-2', '--level', '0'), ...at()],
    [
      /whole grams or pieces/,
      'recall',
      'report',
      'R-1',
      '--sold',
      '1.5',
      ...keyOf('shop'),
      ...at(),
    ],
    [
      /--lat is degrees/,
      'position',
      'commit',
      '--gln',
      PLOT,
      '--lat',
      '91',
      '--lon',
      '1',
      '--out',
      file('x'),
      ...at(),
    ],
  ] as [RegExp, ...string[]][]) {
    const { code, stderr } = await typed(args);
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  }
}, 60_000);
