import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@suyuan/contracts';
import { DurableError } from '@suyuan/durable';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { CliError, report } from './errors.ts';
import { hexOption, portOption, readFileOr, readJson, uintOption, writeFileOr } from './io.ts';

const directory = mkdtempSync(join(tmpdir(), 'suyuan-io-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('options', () => {
  test('hex of the right length, in either case', () => {
    expect(hexOption('00fF', 'x', 2)).toEqual(new Uint8Array([0, 255]));
    for (const text of ['', '0', '00f', '00ff00', '00fg', '0x00', ' 00ff'])
      expect(() => hexOption(text, '--prev', 2)).toThrow('--prev must be 4 hex digits');
  });
  test('whole numbers and ports', () => {
    expect(uintOption('0', 'x')).toBe(0);
    expect(uintOption(String(Number.MAX_SAFE_INTEGER), 'x')).toBe(Number.MAX_SAFE_INTEGER);
    expect(portOption('65535', 'x')).toBe(65_535);
    for (const text of ['', '-1', '1.5', '1e3', '0x10', ' 1', '9007199254740992', '1'.repeat(400)])
      expect(() => uintOption(text, '--seq')).toThrow('--seq must be a whole number');
    expect(() => portOption('65536', '--http')).toThrow(
      '--http must be a whole number up to 65535',
    );
  });
});

describe('files', () => {
  test('what cannot be read or written is named with its reason', async () => {
    const none = join(directory, 'none');
    await expect(readFileOr(none, 'bundle')).rejects.toThrow(
      `cannot read the bundle ${none}: there is no such file`,
    );
    await expect(readFileOr(directory, 'bundle')).rejects.toThrow('it is a folder');
    await expect(writeFileOr(join(none, 'x'), '')).rejects.toThrow('there is no such folder');
    const large = join(directory, 'large');
    writeFileSync(large, '12345');
    await expect(readFileOr(large, 'bundle', 4)).rejects.toThrow(
      'is too large: 5 bytes of at most 4',
    );
    expect(await readFileOr(large, 'bundle', 5)).toHaveLength(5);
  });
  test('JSON that is none, or no UTF-8', async () => {
    const path = join(directory, 'json');
    for (const bytes of [Buffer.from('{'), Buffer.from([0x22, 0xff, 0x22])]) {
      writeFileSync(path, bytes);
      await expect(readJson(path, 'payload')).rejects.toThrow(`the payload ${path} is not JSON`);
    }
  });
});

describe('report', () => {
  const printed = (error: unknown): { code: number; text: string } => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      return { code: report(error), text: String(write.mock.calls[0]?.[0]) };
    } finally {
      write.mockRestore();
    }
  };
  test('is one line and exit code 1 for every expected mistake', () => {
    const busy = Object.assign(new Error('listen EADDRINUSE'), { code: 'ENOSPC', path: '/data' });
    const cases: readonly (readonly [unknown, string])[] = [
      [new CliError('say who\nsigns'), 'suyuan: say who signs\n'],
      [new AppError('lots/exists', 'There is one.'), 'suyuan: There is one. (lots/exists)\n'],
      [new DurableError('durable/locked', 'Taken.'), 'suyuan: Taken. (durable/locked)\n'],
      [busy, 'suyuan: /data: the disk is full\n'],
    ];
    for (const [error, text] of cases) expect(printed(error)).toEqual({ code: 1, text });
  });
  test('shows all of a defect', () => {
    const { code, text } = printed(new TypeError('undefined is not a function'));
    expect(code).toBe(70);
    expect(text).toContain('io.test.ts');
  });
});
