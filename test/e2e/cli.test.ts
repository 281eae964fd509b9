// The command line as a person meets it: help, clear errors, and the simulator against a house.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SuyuanProcess, startSuyuan } from './support/child.ts';
import { suyuan, suyuanOk } from './support/cli.ts';
import { eventually } from './support/eventually.ts';
import { createTempDir } from './support/paths.ts';
import { createRegistry, GTIN, LOT, registerGrower } from './support/registry.ts';

const temp = createTempDir();
const file = (name: string): string => join(temp.path, name);
afterAll(() => temp.remove());

const HASH = 'ab'.repeat(32);
/** A port that no test listens on. */
const NOBODY = 'http://127.0.0.1:19999';

beforeAll(async () => {
  await suyuanOk(['key', 'new', '--suite', 'es256', '--id', 'SIM-1', '--out', file('sim.json')]);
  writeFileSync(file('plain.json'), '{}');
  writeFileSync(file('words.json'), '"words"');
  writeFileSync(file('broken.json'), '{');
  writeFileSync(
    file('senml.json'),
    '[{"bn":"SIM-1:","bt":1763760000,"n":"warmth","u":"Cel","v":1}]',
  );
  writeFileSync(
    file('right.json'),
    '[{"bn":"SIM-1:","bt":1763760000,"n":"temperature","u":"Cel","v":1}]',
  );
  writeFileSync(file('devices.json'), '[{"id":"SIM-1"}]');
});

describe('help', () => {
  test.each(
    [
      [],
      ['start'],
      ['key', 'new'],
      ['device', 'sign'],
      ['device', 'token'],
      ['tx', 'submit'],
      ['bundle', 'get'],
      ['verify'],
      ['sim'],
    ].map((words) => [words.join(' '), words] as const),
  )('suyuan %s --help', async (_name, words) => {
    const { code, stdout, stderr } = await suyuan([...words, '--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`^Usage: suyuan ?${words.join(' ')} `));
  });
});

type Mistake = readonly [words: RegExp, ...args: string[]];

describe('mistakes', () => {
  const key = ['--key', file('sim.json')];
  const tx = ['tx', 'submit', ...key, '--module', 'lots', '--action', 'harvest'];
  const payload = ['--payload', file('plain.json')];
  const mistakes: readonly Mistake[] = [
    [/unknown command 'strat' \(Did you mean start\?\)/, 'strat'],
    [/unknown option '--emtpy' \(Did you mean --empty\?\)/, 'start', '--emtpy'],
    [/--http must be a whole number up to 65535/, 'start', '--http', '70000'],
    [/two different ports/, 'start', '--http', '1234', '--mqtt', '1234'],
    [/--profile must be guomi or international/, 'start', '--profile', 'rome'],
    [/--log-level must be one of/, 'start', '--log-level', 'loud'],
    [/--clickhouse must be an http\(s\) address/, 'start', '--clickhouse', 'here'],
    [/no built pages in/, 'start', '--pages', temp.path],
    [/required option '--suite <suite>'/, 'key', 'new', '--out', file('x')],
    [/--suite must be sm2, es256 or ed25519/, 'key', 'new', '--suite', 'rsa', '--out', file('x')],
    [/sim\.json exists/, 'key', 'new', '--suite', 'sm2', '--out', file('sim.json')],
    [/no such folder/, 'key', 'new', '--suite', 'es256', '--out', file('no/x')],
    [/--id must be/, 'key', 'new', '--suite', 'sm2', '--id', 'a b', '--out', file('x')],
    [/is not a key file/, 'device', 'token', '--key', file('plain.json')],
    [/cannot read the key file .*no such file/, 'device', 'token', '--key', file('none')],
    [/--lifetime must be 1 to 600/, 'device', 'token', ...key, '--lifetime', '601'],
    [/SenML file .* is not JSON/, 'device', 'sign', ...key, '--senml', file('broken.json')],
    [/\(senml\/|\(pack\//, 'device', 'sign', ...key, '--senml', file('senml.json')],
    [
      /--prev must be 64 hex/,
      'device',
      'sign',
      ...key,
      '--senml',
      file('right.json'),
      '--prev',
      'ff',
    ],
    [
      /\(rules\/unknown-module\)/,
      'tx',
      'submit',
      ...key,
      '--module',
      'x',
      '--action',
      'y',
      ...payload,
    ],
    [/\(rules\/bad-payload\)/, ...tx, '--payload', file('words.json')],
    [/cannot reach .*nobody answers there/, ...tx, ...payload, '--server', NOBODY],
    [/is not an http\(s\) address/, ...tx, ...payload, '--server', 'localhost:8080'],
    [/--valid-blocks must be/, ...tx, ...payload, '--valid-blocks', '10001'],
    [/is not a GS1 Digital Link/, 'bundle', 'get', 'chenpi', '--out', file('x')],
    [/\(gs1\//, 'bundle', 'get', `${NOBODY}/news/today`, '--out', file('x')],
    [/cannot reach/, 'bundle', 'get', `${NOBODY}/01/${GTIN}`, '--out', file('x')],
    [/cannot read the genesis .*no such file/, 'verify', file('x'), '--genesis', file('none')],
    [/cannot read the bundle/, 'verify', file('none'), '--genesis', HASH],
    [/missing required argument 'file'/, 'verify', '--genesis', HASH],
    [/say which device/, 'sim'],
    [/argument 'volcano' is invalid/, 'sim', ...key, '--kind', 'volcano'],
    [/there is no logger file/, 'sim', ...key, '--replay', file('none.csv')],
    [/--speed must be/, 'sim', ...key, '--replay', file('plain.json'), '--speed', '-1'],
    [/--rows must be at least 1/, 'sim', ...key, '--rows', '0'],
    [/--mqtt must be an address/, 'sim', ...key, '--mqtt', 'localhost'],
    [/device 1: keyFile must name/, 'sim', '--devices', file('devices.json')],
  ];
  test.each(mistakes.map(([words, ...args]) => [args.slice(0, 2).join(' '), words, args] as const))(
    '%s: %s',
    async (_name, words, args) => {
      const { code, stdout, stderr } = await suyuan(args);
      expect(stderr).toMatch(words);
      expect(stderr).toMatch(/^suyuan: [^\n]+\n$/);
      expect(stderr).not.toMatch(/\bat .*\.ts:\d/);
      expect(stdout).toBe('');
      expect(code).toBe(1);
    },
  );

  test('a file that is no bundle is refused as broken, with exit code 2', async () => {
    const { code, stdout, stderr } = await suyuan([
      'verify',
      file('plain.json'),
      '--genesis',
      HASH,
    ]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toContain('BROKEN   at step 1');
  });
});

describe('the simulator and a house', () => {
  let house: SuyuanProcess;
  const data = file('house');
  beforeAll(async () => {
    house = await startSuyuan(['--data', data, '--empty']);
    await registerGrower(createRegistry(house.url, data, temp.path), 'SIM-9');
  }, 240_000);
  afterAll(async () => {
    await house?.kill();
  });

  test('rows of a simulated device come out in the bundle of the lot', async () => {
    const sim = ['sim', '--mqtt', `mqtt://127.0.0.1:${house.mqttPort}`, '--data', file('sim')];
    const run = ['--kind', 'orchard', '--interval', '1', '--rows', '2', '--rows-per-pack', '1'];
    const { stdout } = await suyuanOk([...sim, '--key', file('SIM-9.json'), ...run, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 2, packs: 2, drained: true });
    const link = `/01/${GTIN}/10/${LOT}`;
    const readings = await eventually(async () => {
      const get = ['bundle', 'get', link, '--server', house.url, '--out', file('b'), '--json'];
      const summary = JSON.parse((await suyuanOk(get)).stdout) as {
        packs: number;
        readings: number;
      };
      return summary.packs === 2 ? summary.readings : undefined;
    });
    expect(readings).toBeGreaterThanOrEqual(4);
    const shown = await suyuanOk([
      'bundle',
      'get',
      link,
      '--server',
      house.url,
      '--out',
      file('b'),
    ]);
    expect(shown.stdout).toContain('taken from this server');
    expect(shown.stdout).toContain(`--genesis ${house.genesis}`);
  });

  test('what the ledger refuses is said with its code', async () => {
    const registry = createRegistry(house.url, data, temp.path);
    await expect(
      registry.submit('association', 'accounts', 'register', { id: 'x' }),
    ).rejects.toThrow(/ended with 1: suyuan: [^\n]+ \(rules\/bad-payload\)/);
    const other = await suyuan([
      'bundle',
      'get',
      `${house.url}/01/${GTIN}/10/NONE`,
      '--out',
      file('n'),
    ]);
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toMatch(/^suyuan: [^\n]+\(bundle\/unknown-lot\)\n$/);
  });

  test('a bundle is not taken under another genesis', async () => {
    const link = `${house.url}/01/${GTIN}`;
    const wrong = await suyuan(['bundle', 'get', link, '--out', file('w'), '--genesis', HASH]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/^suyuan: [^\n]+\(ledger\/other-genesis\)\n$/);
  });
});
