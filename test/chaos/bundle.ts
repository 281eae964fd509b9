// The validator program as one file, so that a killed one is back in a moment.

import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'suyuan-chaos');

/** Path of the program. Packages of others stay outside of it. */
export async function bundleValidator(): Promise<string> {
  const directory = join(CACHE, String(process.pid));
  const outfile = join(directory, 'validator.mjs');
  await mkdir(directory, { recursive: true });
  // A program of its own, which the node looks for beside itself.
  await copyFile(join(ROOT, 'server/src/storage/probe.mjs'), join(directory, 'probe.mjs'));
  await build({
    entryPoints: [fileURLToPath(new URL('validator.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    plugins: [outside],
  });
  return outfile;
}

/** Packages of others stay outside. What a validator does not use is left out, the HTTP half and its packages above all. */
const outside: Plugin = {
  name: 'outside',
  setup(setup) {
    setup.onResolve({ filter: /./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind === 'entry-point' || pluginData === 'resolved') return undefined;
      if (!/^[./]|^@suyuan\//.test(path)) return { path, external: true, sideEffects: false };
      const found = await setup.resolve(path, {
        kind,
        importer,
        resolveDir,
        pluginData: 'resolved',
      });
      return { ...found, sideEffects: false };
    });
  },
};
