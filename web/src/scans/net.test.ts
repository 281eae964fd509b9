import { afterEach, expect, test, vi } from 'vitest';
import type { ScannedLink } from '../scan/link.ts';
import { showCode } from './net.ts';

afterEach(() => vi.unstubAllGlobals());

test('a phone that shows the code of one unit again is the same visitor, of another unit another', async () => {
  const visits: string[] = [];
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    visits.push(JSON.parse(String(init.body)).visit);
    return new Response('{}');
  });
  const link = (path: string) => ({ path }) as ScannedLink;
  for (const path of ['/01/1/21/a', '/01/1/21/a', '/01/1/21/b']) await showCode(link(path), 'X');
  expect(visits[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(visits[1]).toBe(visits[0]);
  expect(visits[2]).not.toBe(visits[0]);
});
