import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../encoding/bytes.ts';
import { VERIFY_STEPS } from '../provenance/verdict.ts';
import { exampleFiles, outcomeOf } from './example-files.ts';

const folder = fileURLToPath(new URL('../../../docs/examples/', import.meta.url));
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const { bundles } = JSON.parse(read('examples.json')) as {
  bundles: { file: string; pinned: string; now_ms: number; expected: Record<string, unknown> }[];
};

describe('docs/examples', () => {
  it('are what the script writes', () => {
    const files = exampleFiles();
    expect(readdirSync(folder).sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) expect(read(name), name).toBe(text);
  });

  it.each(bundles.map((b) => [b.file, b] as const))('%s does what the table says', (file, b) => {
    const bytes = hexToBytes(read(file).replace(/\s/g, ''));
    const { pinned, now_ms } = b;
    const outcome = outcomeOf({ name: file, about: '', bytes, pinned: hexToBytes(pinned), now_ms });
    expect(outcome).toEqual(b.expected);
    expect(outcome.ok).toBe(file.startsWith('good-'));
    if (!outcome.ok) expect(file).toBe(`broken-${outcome.step}.hex`);
  });

  it('break once at every step that can break', () => {
    const steps = bundles.flatMap((b) => ('step' in b.expected ? [b.expected.step] : []));
    expect(steps.toSorted()).toEqual(VERIFY_STEPS.filter((step) => step !== 'claims').toSorted());
  });
});
