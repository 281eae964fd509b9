import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { check, diff, make, makeKeys } from './genesis.ts';

let directory = '';
let printed: string[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'suyuan-genesis-'));
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = 0;
  await rm(directory, { recursive: true, force: true });
});

const FOUNDERS = ['association', 'bureau', 'carrier', 'regulator'];
const cardOf = (id: string) => join(directory, id, `${id}.card.json`);
const facts = { name: 'trial', time: '2026-12-01T00:00:00Z', profile: 'international' as const };

async function keys(id: string, over: Partial<Parameters<typeof makeKeys>[0]> = {}) {
  await makeKeys({
    ...{ id, role: id, nameZh: '组织', nameEn: id, address: '10.0.0.1:7400' },
    ...{ profile: 'international', out: join(directory, id), ...over },
  });
}

async function made(ids: readonly string[], over: Partial<typeof facts> = {}, name = 'g.cbor') {
  const out = join(directory, name);
  await make(ids.map(cardOf), { ...facts, ...over, out });
  return out;
}

describe('four founders', () => {
  beforeEach(async () => {
    for (const id of FOUNDERS) await keys(id);
  });

  test('cards in any order give the same bytes, and what may fail is told', async () => {
    const one = await readFile(await made(FOUNDERS));
    expect(printed.at(-1)).toContain('3 of 4: it goes on while at most 1 is down');
    const two = await readFile(await made([...FOUNDERS].reverse(), {}, 'h.cbor'));
    expect(Buffer.compare(one, two)).toBe(0);
    const peers = JSON.parse(await readFile(join(directory, 'peers.json'), 'utf8'));
    expect(peers).toEqual(FOUNDERS.map((id) => ({ id, address: '10.0.0.1:7400' })));
  });

  test('secrets are readable by their owner only, and never overwritten', async () => {
    for (const file of ['validator.key.json', 'account.key.json']) {
      expect((await stat(join(directory, 'bureau', file))).mode & 0o077).toBe(0);
    }
    await expect(keys('bureau')).rejects.toThrow(/never overwritten/);
  });

  test('a founder whose card was changed on the way is warned', async () => {
    const genesis = await made(FOUNDERS);
    await check(genesis, { card: cardOf('bureau') });
    expect(printed.at(-1)).toContain('bureau stands in it unchanged');
    const card = JSON.parse(await readFile(cardOf('bureau'), 'utf8'));
    const other = JSON.parse(await readFile(cardOf('carrier'), 'utf8'));
    await writeFile(cardOf('bureau'), JSON.stringify({ ...card, validator: other.validator }));
    await expect(check(genesis, { card: cardOf('bureau') })).rejects.toThrow(
      /something else of bureau than the card \(validator bureau\)/,
    );
  });

  test('one who was left out is told so', async () => {
    const genesis = await made(FOUNDERS.slice(1));
    await expect(check(genesis, { card: cardOf('association') })).rejects.toThrow(
      /association does not stand in it/,
    );
  });

  test('a genesis that differs is told in what, with exit code 1', async () => {
    const one = await made(FOUNDERS);
    const two = await made(FOUNDERS.slice(1), { time: '2026-12-01T00:00:01Z' }, 'h.cbor');
    await diff(one, one, {});
    expect(process.exitCode ?? 0).toBe(0);
    await diff(one, two, {});
    expect(process.exitCode).toBe(1);
    expect(printed.at(-1)).toMatch(/time: .*\n.*validator association: only in the first/);
  });

  test('what makes no genesis is refused by name', async () => {
    await expect(made(['bureau', 'bureau', 'carrier'])).rejects.toThrow(/two cards are of bureau/);
    await expect(made(FOUNDERS, { time: 'tomorrow' })).rejects.toThrow(/write it as/);
    await keys('carrier', { profile: 'guomi', out: join(directory, 'sm2') });
    const paths = ['association', 'bureau'].map(cardOf);
    const mixed = [...paths, join(directory, 'sm2', 'carrier.card.json')];
    await expect(make(mixed, { ...facts, out: join(directory, 'x') })).rejects.toThrow(
      /carrier votes with sm2/,
    );
  });
});

test('wrong ids, roles, addresses and cards are refused before anything is written', async () => {
  await expect(keys('Büro')).rejects.toThrow(/--id/);
  await expect(keys('bureau', { role: 'king' })).rejects.toThrow(/--role king/);
  for (const address of ['nowhere', 'host:0', 'host:65536', 'host:99999', ':7400']) {
    await expect(keys('bureau', { address })).rejects.toThrow(/host:port/);
  }
  await expect(stat(join(directory, 'bureau'))).rejects.toThrow(/ENOENT/);
  for (const content of ['[]', '{}', '{"format":"suyuan-card-1"}', 'null', '7']) {
    await writeFile(join(directory, 'x.json'), content);
    const options = { ...facts, out: join(directory, 'g.cbor') };
    await expect(make([join(directory, 'x.json')], options)).rejects.toThrow(/is not a card/);
  }
});
