import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openSource } from '../sheets/byte-source.ts';
import { readZipDirectory, readZipEntry } from '../sheets/zip-directory.ts';
import { Collect } from '../testing/collect.ts';
import { writeZip, type ZipPart } from './write-zip.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const PDF = Buffer.from('%PDF-1.7 证据');
async function* report() {
  for (let i = 0; i < 2000; i++) yield Buffer.from(`row ${i} of the report\n`);
}
const REPORT = Buffer.from(
  Array.from({ length: 2000 }, (_, i) => `row ${i} of the report\n`).join(''),
);

const parts = (): ZipPart[] => [
  { name: 'evidence.pdf', data: PDF, stored: true },
  { name: 'documents/检验报告.txt', data: report() },
  { name: 'empty', data: new Uint8Array(0) },
];
const OPTIONS = { created_ms: Date.UTC(2025, 5, 1), manifest: 'manifest.json' };

async function pack(): Promise<Buffer> {
  const out = new Collect();
  await writeZip(out, parts(), OPTIONS);
  return out.bytes;
}

describe('a packed file', () => {
  it('holds its parts and a manifest of their SHA-256, and is the same each time', async () => {
    const bytes = await pack();
    expect(await pack()).toEqual(bytes);
    const source = await openSource(bytes);
    const read = new Map<string, Buffer>();
    for (const [name, entry] of await readZipDirectory(source)) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of readZipEntry(source, entry)) chunks.push(chunk);
      read.set(name, Buffer.concat(chunks));
    }
    expect([...read.keys()]).toEqual([
      'evidence.pdf',
      'documents/检验报告.txt',
      'empty',
      'manifest.json',
    ]);
    expect(read.get('documents/检验报告.txt')).toEqual(REPORT);
    expect(JSON.parse(read.get('manifest.json')!.toString())).toEqual({
      v: 1,
      created: '2025-06-01T00:00:00.000Z',
      files: [
        { name: 'evidence.pdf', size_bytes: PDF.length, sha256: sha256(PDF) },
        { name: 'documents/检验报告.txt', size_bytes: REPORT.length, sha256: sha256(REPORT) },
        { name: 'empty', size_bytes: 0, sha256: sha256(Buffer.alloc(0)) },
      ],
    });
  });

  it('is read by another program', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'suyuan-zip-'));
    try {
      const path = join(folder, 'a.zip');
      writeFileSync(path, await pack());
      const script =
        'import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint("\\n".join(z.namelist()))';
      const names = execFileSync('python3', ['-c', script, path], {
        encoding: 'utf8',
        env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
      });
      expect(names.trim().split('\n')).toEqual([
        'evidence.pdf',
        'documents/检验报告.txt',
        'empty',
        'manifest.json',
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each(['/etc/passwd', '../a', 'a/../b', 'a\\b', '', 'C:a', 'a\nb', 'x'.repeat(201), 'empty'])(
    'takes no part named %j',
    async (name) => {
      const attempt = writeZip(new Collect(), [...parts(), { name, data: PDF }], OPTIONS);
      await expect(attempt).rejects.toMatchObject({ code: 'zip/bad-name' });
    },
  );

  it('tells the error of a part and of its stream', async () => {
    async function* broken() {
      yield PDF;
      throw new Error('document is gone');
    }
    for (const stored of [true, false]) {
      const attempt = writeZip(new Collect(), [{ name: 'a', data: broken(), stored }], OPTIONS);
      await expect(attempt).rejects.toThrow('document is gone');
    }
    const full = new Writable({ write: (_c, _e, done) => done(new Error('disk full')) });
    await expect(writeZip(full, parts(), OPTIONS)).rejects.toThrow('disk full');
  });
});
