import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshSecret } from '../fresh-secret.ts';
import { foundSigner } from '../genesis/member.ts';
import { artifactOf } from './artifact.ts';
import { listenOption, readPeers } from './peers-file.ts';
import { holdSigner } from './signer-lock.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suyuan-validator-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('peers.json', () => {
  const read = async (value: unknown) => {
    const path = join(folder, 'peers.json');
    await writeFile(path, JSON.stringify(value));
    return readPeers(path);
  };
  test('holds ids and addresses, of IPv6 too', async () => {
    expect(
      await read([
        { id: 'bureau', address: 'ledger.example:7400' },
        { id: 'carrier', address: '[::1]:7401' },
      ]),
    ).toEqual([
      { id: 'bureau', host: 'ledger.example', port: 7400 },
      { id: 'carrier', host: '::1', port: 7401 },
    ]);
  });
  test.each([
    [{}, /holds no list/],
    [[{ address: 'a:1' }], /entry 1 has no id/],
    [[null], /entry 1 has no id/],
    [[{ id: 'bureau', address: 'nowhere' }], /address of bureau/],
    [[{ id: 'bureau', address: 'a:70000' }], /address of bureau/],
    [
      [
        { id: 'bureau', address: 'a:1' },
        { id: 'bureau', address: 'b:1' },
      ],
      /bureau stands in it twice/,
    ],
    [Array.from({ length: 65 }, (_, i) => ({ id: `m${i}`, address: 'a:1' })), /more than 64/],
  ])('that is none is refused: %j', async (value, words) => {
    await expect(read(value)).rejects.toThrow(words);
  });
  test('an address to listen on is host:port, or a port of this machine', () => {
    expect(listenOption('8080', '--http')).toEqual({ host: '127.0.0.1', port: 8080 });
    expect(listenOption('0.0.0.0:0', '--listen')).toEqual({ host: '0.0.0.0', port: 0 });
    for (const wrong of ['', 'x', '70000', 'a:b', 'a:99999']) {
      expect(() => listenOption(wrong, '--listen'), wrong).toThrow(/--listen/);
    }
  });
});

describe('a folder with a validator key', () => {
  test('is held by one at a time', async () => {
    const path = join(folder, 'signer');
    await foundSigner(path, freshSecret('ed25519'), 'bureau');
    const held = await holdSigner(path);
    expect(held.id).toBe('bureau');
    await expect(holdSigner(path)).rejects.toThrow(/votes with the key in .* already/);
    await held.release();
    await (await holdSigner(path)).release();
  });
  test('without a key says how to make one', async () => {
    await expect(holdSigner(folder)).rejects.toThrow(/suyuan genesis key/);
  });
});

describe('the artifact of a module', () => {
  test('is one number over its files, tests and other versions apart', async () => {
    const root = join(folder, 'rules');
    await mkdir(join(root, 'lots', 'v2'), { recursive: true });
    const put = (name: string, text: string) => writeFile(join(root, name), text);
    await put('lots/b.ts', 'bb');
    await put('lots/a.ts', '');
    await put('lots/a.test.ts', 'test');
    await put('lots/v2/a.ts', 'two');
    const of = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(artifactOf('lots', 1, root)).toEqual({
      hash: of('lots/a.ts\x000\x00lots/b.ts\x002\x00bb'),
      files: ['lots/a.ts', 'lots/b.ts'],
    });
    expect(artifactOf('lots', 2, root)?.hash).toBe(of('lots/v2/a.ts\x003\x00two'));
    expect(artifactOf('lots', 3, root)).toBeUndefined();
    expect(() => artifactOf('../lots', 1, root)).toThrow(/no name of a module/);
  });
  test('is there of every module that this program runs', () => {
    expect(artifactOf('governance', 1)?.files).toContain('governance/module.ts');
  });
});
