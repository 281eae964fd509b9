// The build of the web room. It is made when it is missing or older than its sources, so that `npm start` works on a fresh
// checkout.

import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The web room's own folder, wherever the workspace put it. */
function webRoom(): string {
  return dirname(dirname(require.resolve('@suyuan/web/dist')));
}

async function newest_ms(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const times = await Promise.all(
    entries
      .filter((e) => e.isFile())
      .map(async (e) => (await stat(join(e.parentPath, e.name))).mtimeMs),
  );
  return Math.max(0, ...times);
}

/** Directory of the built pages; builds them first where needed, telling `onBuild`. */
export async function webFiles(onBuild: () => void): Promise<string> {
  const room = webRoom();
  const dist = join(room, 'dist');
  const built_ms = existsSync(join(dist, 'index.html'))
    ? (await stat(join(dist, 'index.html'))).mtimeMs
    : 0;
  const contracts = join(dirname(require.resolve('@suyuan/contracts')));
  const sources_ms = Math.max(await newest_ms(join(room, 'src')), await newest_ms(contracts));
  if (built_ms < sources_ms) {
    onBuild();
    const { build } = await import('vite');
    await build({ root: room, logLevel: 'error' });
  }
  return dist;
}
