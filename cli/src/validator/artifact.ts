// What a version of a rule module is on this machine: one number over its source files, which the organisations agree on before an
// upgrade and every node compares (docs/formats.md §4).

import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { CliError, systemCodeOf } from '../errors.ts';

const BASE_VERSION = 1;
const require = createRequire(import.meta.url);

/** `rules/` of the contracts that this program runs. */
function rulesDirectory(): string {
  return join(dirname(require.resolve('@suyuan/contracts')), 'rules');
}

/** Version 1 stands in `rules/MODULE`, version N in `rules/MODULE/vN`. */
function sourceFiles(root: string, module: string, version: number): string[] {
  const folder = version === BASE_VERSION ? [module] : [module, `v${version}`];
  let entries: Dirent[];
  try {
    entries = readdirSync(join(root, ...folder), { recursive: true, withFileTypes: true });
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter(
      (entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/\.test\.ts$/.test(entry.name),
    )
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => version !== BASE_VERSION || !/^[^/]+\/v\d+\//.test(path))
    .sort();
}

export interface Artifact {
  /** 64 hex digits. */
  readonly hash: string;
  /** As they stand in the hash, below `rules/`. */
  readonly files: readonly string[];
}

/** SHA-256 over each file in the order of their paths: path, NUL, its length in decimal, NUL, its bytes. Undefined where there is none. */
export function artifactOf(
  module: string,
  version: number,
  root: string = rulesDirectory(),
): Artifact | undefined {
  if (!/^[a-z][a-z-]{1,31}$/.test(module)) {
    throw new CliError(`${module} is no name of a module: 2 to 32 of a–z and -`);
  }
  const files = sourceFiles(root, module, version);
  if (files.length === 0) return undefined;
  const hash = createHash('sha256');
  for (const path of files) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return { hash: hash.digest('hex'), files };
}

/** For a node: what it compares with the upgrades that the consortium approved. */
export function createArtifactOf(): (module: string, version: number) => string | undefined {
  return (module, version) => artifactOf(module, version)?.hash;
}
