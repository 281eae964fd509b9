import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isLived, openSeasonFile } from './progress.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'suyuan-progress-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const FRESH = { end_ms: 2_000, years: 1, cursor_ms: 1_000, sampleLinks: {}, stories: {} };

test('a fresh season is on disk at once, and what was put is there at the next start', async () => {
  const first = await openSeasonFile(directory, FRESH);
  expect(JSON.parse(readFileSync(join(directory, 'demo-season.json'), 'utf8'))).toEqual(FRESH);
  await first.put({ ...FRESH, cursor_ms: 2_000, sampleLinks: { '1': '/01/1' } });
  const second = await openSeasonFile(directory, { ...FRESH, end_ms: 9_000 });
  expect(second.get()).toEqual({
    ...FRESH,
    cursor_ms: 2_000,
    sampleLinks: { '1': '/01/1' },
  });
  expect(isLived(second.get())).toBe(true);
  expect(isLived(FRESH)).toBe(false);
});

test.each([
  '',
  '{',
  'null',
  '[]',
  '{"end_ms":1}',
  ...[
    { cursor_ms: 2_001 },
    { cursor_ms: -1 },
    { cursor_ms: 1.5 },
    { sampleLinks: null },
    { sampleLinks: { '1': 'http://elsewhere/' } },
    { stories: undefined },
    { stories: { aged: 'http://elsewhere/' } },
    { years: 0 },
    { years: 11 },
    { years: 1.5 },
    { replay: 7 },
  ].map((change) => JSON.stringify({ ...FRESH, ...change })),
])('a damaged file (%s) is named and left alone', async (text) => {
  const path = join(directory, 'demo-season.json');
  writeFileSync(path, text);
  await expect(openSeasonFile(directory, FRESH)).rejects.toThrow(`${path} is damaged`);
  expect(readFileSync(path, 'utf8')).toBe(text);
});
