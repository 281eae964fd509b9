import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { quantile } from './chain/load.ts';
import { AckReader, publishPacket } from './ingest/mqtt-wire.ts';
import { inTurns, median, rateOf } from './measure.ts';
import { scriptGzipBytes } from './scan/script-size.ts';

const HERE = dirname(fileURLToPath(import.meta.url));

function run(...args: string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', join(HERE, 'main.ts'), ...args], {
    encoding: 'utf8',
    cwd: resolve(HERE, '../..'),
  });
}

describe('benchmark runner', () => {
  it('names every benchmark in its help', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    for (const name of ['verify', 'ingest', 'store', 'scan', 'trace', 'chain', 'all'])
      expect(stdout).toContain(name);
  });

  it.each([
    ['no-such-benchmark'],
    ['--frob'],
    ['verify', 'store'],
    ['verify', '--suite', 'rsa'],
    ['trace', '--lots', '1e9'],
  ])('refuses %s with its usage', (...args: string[]) => {
    const { status, stderr, stdout } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain('Usage:');
    expect(stdout).toBe('');
  });
});

describe('measuring', () => {
  it('takes the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(() => median([])).toThrow(RangeError);
  });

  it('takes the value that a part of them does not exceed', () => {
    const values = Array.from({ length: 20 }, (_, i) => i + 1);
    expect([quantile(values, 0.5), quantile(values, 0.95), quantile([7], 0.95)]).toEqual([
      10, 19, 7,
    ]);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });

  it('runs at least once and hands out turns in order', () => {
    const turns: number[] = [];
    expect(rateOf((turn) => turns.push(turn), 0.01)).toBeGreaterThan(0);
    expect(turns).toEqual(turns.map((_, i) => i));
    expect(turns.length).toBeGreaterThan(0);
  });

  it('lets the compared take turns', async () => {
    const order: string[] = [];
    const figure = (name: string, value: number) => () => {
      order.push(name);
      return value;
    };
    expect(await inTurns({ a: figure('a', 1), b: figure('b', 2) }, 2)).toEqual({ a: 1, b: 2 });
    expect(order).toEqual(['a', 'b', 'a', 'b']);
  });
});

describe('MQTT of the load', () => {
  it('counts acknowledgements over any cut, and throws on a refusal', () => {
    const reader = new AckReader();
    const acks = Buffer.from('20020000400200014002ffff', 'hex');
    expect(reader.read(acks.subarray(0, 6))).toBe(1);
    expect(reader.read(acks.subarray(6))).toBe(2);
    expect(() => reader.read(Buffer.from('20020005', 'hex'))).toThrow('did not acknowledge');
    expect(() => new AckReader().read(Buffer.from('d0000000', 'hex'))).toThrow();
  });

  it('writes PUBLISH as MQTT 3.1.1 §3.3 has it, packet ids from 1 to 65,535', () => {
    const bytes = publishPacket('a/b', 9, new Uint8Array(130));
    expect(bytes.subarray(0, 10).toString('hex')).toBe('3289010003612f62000a');
    expect(bytes.length).toBe(3 + 5 + 2 + 130);
    const idOf = (number: number) => publishPacket('t', number, new Uint8Array(1)).readUInt16BE(5);
    expect([idOf(0), idOf(65_534), idOf(65_535)]).toEqual([1, 65_535, 1]);
  });
});

describe('script size', () => {
  it('follows what the page names, and counts nothing else', async () => {
    const dist = mkdtempSync(join(tmpdir(), 'suyuan-dist-'));
    try {
      const files = {
        'scan.html': '<script src="/assets/scan-1.js">',
        'scan-1.js': 'import("./late-2.js"); new Worker("/assets/worker-3.js")',
        'late-2.js': 'import "./scan-1.js"',
        'worker-3.js': 'postMessage(1)',
        'status-4.js': 'never()',
      };
      for (const [name, text] of Object.entries(files)) writeFileSync(join(dist, name), text);
      const loaded = ['scan-1.js', 'late-2.js', 'worker-3.js'] as const;
      const sizes = loaded.map((name) => gzipSync(files[name], { level: 9 }).length);
      expect(await scriptGzipBytes(dist)).toBe(sizes.reduce((a, b) => a + b));
      writeFileSync(join(dist, 'scan-1.js'), '');
      await expect(scriptGzipBytes(dist)).rejects.toThrow('no worker');
    } finally {
      rmSync(dist, { recursive: true });
    }
  });
});
