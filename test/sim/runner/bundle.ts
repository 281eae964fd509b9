// The code under test and the simulation around it as one file, so that a thread starts at once; a mutant is made by changing the
// source on the way.

import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'suyuan-sim');
const ENTRY = join(ROOT, 'test/sim/runner/worker.ts');

/** A bug put in on purpose: `find` must stand exactly once in `file`. */
export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The source with the bug. Throws when the place is not there, or not the only one: then the mutant tests nothing. */
export function patched(source: string, { file, find, replace }: Patch): string {
  const parts = source.split(find);
  if (parts.length !== 2) {
    throw new Error(
      `mutant: the text to replace stands ${parts.length - 1} times in ${file}, not once:\n${find}`,
    );
  }
  return parts.join(replace);
}

function patching(patches: readonly Patch[]): Plugin {
  return {
    name: 'patch',
    setup(setup) {
      for (const file of new Set(patches.map((patch) => patch.file))) {
        const path = join(ROOT, file);
        const source = patches
          .filter((patch) => patch.file === file)
          .reduce(patched, readFileSync(path, 'utf8'));
        const filter = new RegExp(`${file.replaceAll(/[.\\/]/g, '\\$&')}$`);
        setup.onLoad({ filter }, () => ({ contents: source, loader: 'ts' }));
      }
    },
  };
}

/** Packages of others stay outside; the state database is in memory, so LMDB is not loaded at all. */
const outside: Plugin = {
  name: 'outside',
  setup(setup) {
    setup.onResolve({ filter: /^lmdb$/ }, () => ({ path: 'lmdb', namespace: 'none' }));
    setup.onLoad({ filter: /.*/, namespace: 'none' }, () => ({
      contents: 'export const open = () => { throw new Error("sim: no LMDB here"); };',
    }));
    setup.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@suyuan/') ? undefined : { path, external: true },
    );
  },
};

/** Returns the path of the bundle. */
export async function bundle(name: string, patches: readonly Patch[] = []): Promise<string> {
  await mkdir(CACHE, { recursive: true });
  const outfile = join(CACHE, `${name}.${process.pid}.mjs`);
  await build({
    entryPoints: [ENTRY],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: [patching(patches), outside],
  });
  return outfile;
}
