// The build of the web room. It is made when it is missing or older than its sources, so that `npm start` works on a fresh
// checkout.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CliError } from '../errors.ts';

const require = createRequire(import.meta.url);

/** The web room's own folder, wherever the workspace put it. Nothing of it is built yet on a fresh checkout. */
function webRoom(): string {
  return dirname(require.resolve('@suyuan/web/package.json'));
}

async function newest_ms(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const times = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).mtimeMs),
  );
  return Math.max(0, ...times);
}

async function sources_ms(room: string): Promise<number> {
  const contracts = dirname(require.resolve('@suyuan/contracts'));
  return Math.max(await newest_ms(join(room, 'src')), await newest_ms(contracts));
}

/** Directory of the built pages; builds them first where needed, and says so. Throws CliError when there are none. */
export async function webFiles(say: (line: string) => void): Promise<string> {
  const room = webRoom();
  const dist = join(room, 'dist');
  const index = join(dist, 'index.html');
  const built_ms = existsSync(index) ? (await stat(index)).mtimeMs : undefined;
  if (built_ms !== undefined && built_ms >= (await sources_ms(room))) return dist;
  say('building the pages (once) …');
  // Beside the old build, then in its place: whoever serves the old one, or builds too, sees a whole build at any time.
  const fresh = join(room, '.cache', `dist-${randomUUID()}`);
  const old = `${fresh}-old`;
  try {
    const { build } = await import('vite');
    await build({ root: room, logLevel: 'silent', build: { outDir: fresh, emptyOutDir: true } });
    if (built_ms !== undefined) await rename(dist, old);
    await rename(fresh, dist);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // A start at the same time may have been faster.
    if (!existsSync(index))
      throw new CliError(`the pages cannot be built: ${reason}; try: npm run build`);
    if ((await stat(index)).mtimeMs === built_ms)
      say('the pages do not build: an older build is shown');
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
  return dist;
}
