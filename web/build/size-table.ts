import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

interface SizeTableOptions {
  /** The page whose scripts are held to the budget. */
  readonly page: string;
  /** Gzipped kilobytes (1,000 bytes) of all scripts that the page can load, worker included. */
  readonly limit_kB: number;
}

const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
const gzipped_bytes = (source: string | Uint8Array) => gzipSync(source, { level: 9 }).length;

/** Every chunk that `entry` can pull in, dynamic imports included. */
function closure(bundle: Rolldown.OutputBundle, entry: string): Set<string> {
  const seen = new Set<string>();
  const queue = [entry];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const chunk = bundle[name];
    if (seen.has(name) || chunk?.type !== 'chunk') continue;
    seen.add(name);
    queue.push(...chunk.imports, ...chunk.dynamicImports);
  }
  return seen;
}

/** Prints what each page costs on the wire, and fails the build when the scan page outgrows its budget. */
export function sizeTable(options: SizeTableOptions): Plugin {
  return {
    name: 'suyuan-size-table',
    apply: 'build',
    // After the HTML plugin, so that the pages' chunks have their final text.
    writeBundle(_output, bundle) {
      const files = Object.values(bundle);
      const workers = files.filter(
        (file) => file.type === 'asset' && /worker-[^/]*\.js$/.test(file.fileName),
      );
      const rows: string[] = [];
      let held_bytes = 0;
      for (const file of files) {
        if (file.type !== 'chunk' || !file.isEntry || file.facadeModuleId === null) continue;
        const page = file.facadeModuleId.split('/').at(-1) ?? '';
        if (!page.endsWith('.html')) continue;
        let bytes = 0;
        for (const name of closure(bundle, file.fileName)) {
          const chunk = bundle[name];
          if (chunk?.type !== 'chunk') continue;
          const size = gzipped_bytes(chunk.code);
          bytes += size;
          rows.push(`  ${page.padEnd(12)} ${name.padEnd(40)} ${kB(size).padStart(10)}`);
        }
        if (page === options.page) {
          for (const worker of workers) {
            if (worker.type !== 'asset') continue;
            const size = gzipped_bytes(worker.source);
            bytes += size;
            rows.push(
              `  ${page.padEnd(12)} ${worker.fileName.padEnd(40)} ${kB(size).padStart(10)}`,
            );
          }
          held_bytes = bytes;
        }
        rows.push(`  ${page.padEnd(12)} ${'all scripts'.padEnd(40)} ${kB(bytes).padStart(10)}`);
      }
      this.info(`scripts, gzipped\n${rows.join('\n')}`);
      if (held_bytes === 0)
        this.error(`${options.page} has no scripts: the size check saw nothing`);
      if (held_bytes > options.limit_kB * 1000) {
        this.error(
          `${options.page} loads ${kB(held_bytes)} of script; the budget is ${options.limit_kB} kB`,
        );
      }
    },
  };
}
