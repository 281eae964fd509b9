// docs/errors.md is the catalogue of codes: nothing may be thrown that it does not explain, nor explained that nothing throws.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const HOUSE = fileURLToPath(new URL('..', import.meta.url));
const ROOMS = ['contracts', 'durable', 'paper', 'gateway', 'server', 'firmware-sim', 'cli', 'web'];
const THROWN =
  /(?:AppError|DurableError|lineError|gatewayError|mqttError)(?:<[^>]*>)?\(\s*'([a-z0-9-]+\/[a-z0-9-]+)'/g;
const UNION = /type \w*ErrorCode =((?:\s|\/\*(?:[^*]|\*(?!\/))*\*\/|\||'[^']*')*);/g;
const CODE = /'([a-z0-9-]+\/[a-z0-9-]+)'/g;
const ROW = /^\| `([a-z0-9-]+\/[a-z0-9-]+)` \| (.+) \|$/gm;

function sources(): { path: string; text: string }[] {
  return ROOMS.flatMap((room) => {
    const folder = join(HOUSE, room, 'src');
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|vue)$/.test(name) && !/\.test\.ts$|(^|[\\/])testing[\\/]/.test(name))
      .map((name) => ({
        path: join(room, 'src', name),
        text: readFileSync(join(folder, name), 'utf8'),
      }));
  });
}

const all = (pattern: RegExp, text: string) => [...text.matchAll(pattern)].map((m) => m[1] ?? '');
const files = sources();
const catalogue = all(ROW, readFileSync(join(HOUSE, 'docs/errors.md'), 'utf8'));

describe('the catalogue of errors', () => {
  const thrown = new Set(
    files.flatMap(({ text }) => [
      ...all(THROWN, text),
      ...all(UNION, text).flatMap((union) => all(CODE, union)),
    ]),
  );

  it('is read from a house with many errors', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(thrown.size).toBeGreaterThan(150);
    expect(catalogue.length).toBeGreaterThan(150);
  });

  it('explains every code that is thrown', () => {
    expect([...thrown].filter((code) => !catalogue.includes(code)).sort()).toEqual([]);
  });

  it('explains no code twice and none that nothing throws', () => {
    expect(catalogue.filter((code, i) => catalogue.indexOf(code) !== i)).toEqual([]);
    const idle = catalogue.filter((code) => {
      const [subject = '', what = ''] = code.split('/');
      // Spelled out, or put together from its two halves in one file.
      return !files.some(
        ({ text }) =>
          text.includes(`'${code}'`) ||
          (text.includes(`\`${subject}/\${`) && text.includes(`'${what}'`)),
      );
    });
    expect(idle).toEqual([]);
  });
});
