// Writes docs/examples anew: `npx tsx contracts/src/testing/write-examples.ts`.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exampleFiles } from './example-files.ts';

const folder = fileURLToPath(new URL('../../../docs/examples/', import.meta.url));
mkdirSync(folder, { recursive: true });
const files = exampleFiles();
for (const name of readdirSync(folder)) {
  if (name.endsWith('.hex') && !files.has(name)) rmSync(join(folder, name));
}
for (const [name, text] of files) writeFileSync(join(folder, name), text);
console.info(`${files.size} files in ${folder}`);
