import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const GZIP_LEVEL = 9;

/**
 * Bytes of all scripts that the built scan page can load, each gzipped alone: those it names, those that these name, and so
 * on, workers and later chunks included.
 */
export async function scriptGzipBytes(dist: string): Promise<number> {
  const files = await readdir(dist, { recursive: true });
  const scripts = new Map(
    files.filter((file) => file.endsWith('.js')).map((file) => [basename(file), join(dist, file)]),
  );
  const seen = new Set<string>();
  let total_bytes = 0;
  async function follow(text: string): Promise<void> {
    for (const [name, path] of scripts) {
      if (seen.has(name) || !text.includes(name)) continue;
      seen.add(name);
      const script = await readFile(path, 'utf8');
      total_bytes += gzipSync(script, { level: GZIP_LEVEL }).length;
      await follow(script);
    }
  }
  await follow(await readFile(join(dist, 'scan.html'), 'utf8'));
  if (![...seen].some((name) => name.startsWith('worker-'))) {
    throw new Error('the scan page names no worker: what it loads was not found');
  }
  return total_bytes;
}
