import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DocumentLimits } from './limits.ts';
import type { DocumentRecord } from './port.ts';
import { type DocumentStore, openDocumentStore } from './store.ts';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const bytesOf = (text: string) => new TextEncoder().encode(text);
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function* chunked(bytes: Uint8Array, size_bytes = 3): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size_bytes) yield bytes.slice(at, at + size_bytes);
}

async function readAll(store: DocumentStore, hash: string): Promise<string | undefined> {
  const file = await store.open(hash);
  if (file === undefined) return undefined;
  const parts: Uint8Array[] = [];
  for await (const chunk of file.chunks()) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

async function open(limits: Partial<DocumentLimits> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-documents-'));
  undo.push(() => rm(directory, { recursive: true, force: true }));
  const records = new Map<string, DocumentRecord>();
  let now_ms = 0;
  const parts = {
    directory,
    recordOf: (hash: string) => records.get(hash),
    clock: { now_ms: () => now_ms },
    limits,
  };
  const record = (bytes: Uint8Array, more: Partial<DocumentRecord> = {}) =>
    records.set(hashOf(bytes), {
      mime: 'application/pdf',
      size_bytes: bytes.length,
      shielded: false,
      ...more,
    });
  const names = async () => {
    const found = await readdir(directory, { recursive: true, withFileTypes: true });
    return found.filter((entry) => entry.isFile()).map((entry) => entry.name);
  };
  return {
    store: await openDocumentStore(parts),
    reopen: () => openDocumentStore(parts),
    directory,
    record,
    names,
    advance(by_ms: number) {
      now_ms += by_ms;
    },
  };
}

describe('a store of documents', () => {
  it('keeps what the ledger records, once, and gives it back', async () => {
    const { store, record, names } = await open();
    const file = bytesOf('%PDF-1.7 report');
    record(file);
    for (let i = 0; i < 2; i += 1) {
      expect(await store.put(chunked(file), 'a')).toEqual({
        hash: hashOf(file),
        size_bytes: file.length,
        kept: true,
      });
    }
    expect(await readAll(store, hashOf(file))).toBe('%PDF-1.7 report');
    expect(await names()).toEqual([hashOf(file)]);
  });

  it('holds a file for its record for an hour, over a restart, and not longer', async () => {
    const { store, reopen, record, names, advance } = await open();
    const [early, late] = [bytesOf('early'), bytesOf('late')];
    expect((await store.put(chunked(early), 'a')).kept).toBe(false);
    expect((await store.put(chunked(late), 'a')).kept).toBe(false);
    expect(await readAll(store, hashOf(early))).toBeUndefined();
    const again = await reopen();
    record(early);
    expect(await readAll(again, hashOf(early))).toBe('early');
    advance(3_599_999);
    await again.settle();
    expect(await names()).toHaveLength(2);
    advance(1);
    await again.settle();
    expect(await names()).toEqual([hashOf(early)]);
    record(late);
    expect(await readAll(again, hashOf(late))).toBeUndefined();
  });

  it('bounds what waits: files, bytes, and the files of one client', async () => {
    const { store, record } = await open({
      pendingFiles: 3,
      pendingFilesPerClient: 2,
      pendingBytes: 12,
    });
    const put = (text: string, client: string) => store.put(chunked(bytesOf(text)), client);
    const full = { code: 'documents/too-many-pending' };
    await put('a1', 'a');
    await put('a2', 'a');
    await expect(put('a3', 'a')).rejects.toMatchObject(full);
    await expect(put('b-too-long', 'b')).rejects.toMatchObject(full);
    await put('b1', 'b');
    await expect(put('c1', 'c')).rejects.toMatchObject(full);
    // The same file again takes no more room, and what is recorded never waits.
    expect((await put('b1', 'b')).kept).toBe(false);
    record(bytesOf('c1'));
    expect((await put('c1', 'c')).kept).toBe(true);
  });

  it('refuses what is empty, too large, of another length than recorded, or breaks off', async () => {
    const { store, record, names } = await open({ size_bytes: 8 });
    await expect(store.put(chunked(bytesOf('')), 'a')).rejects.toMatchObject({
      code: 'documents/empty',
    });
    await expect(store.put(chunked(bytesOf('123456789')), 'a')).rejects.toMatchObject({
      code: 'http/too-large',
    });
    record(bytesOf('1234'), { size_bytes: 5 });
    await expect(store.put(chunked(bytesOf('1234')), 'a')).rejects.toMatchObject({
      code: 'documents/wrong-size',
    });
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytesOf('12');
      throw new Error('gone');
    }
    await expect(store.put(broken(), 'a')).rejects.toThrow('gone');
    expect(await names()).toEqual([]);
  });

  it('gives no shielded file and takes none, and gives it again when that is lifted', async () => {
    const { store, record } = await open();
    const file = bytesOf('unlawful');
    record(file);
    await store.put(chunked(file), 'a');
    record(file, { shielded: true });
    const shielded = { code: 'documents/shielded' };
    await expect(store.open(hashOf(file))).rejects.toMatchObject(shielded);
    await expect(store.put(chunked(file), 'a')).rejects.toMatchObject(shielded);
    record(file);
    expect(await readAll(store, hashOf(file))).toBe('unlawful');
  });

  it('never gives a damaged file whole, and takes a good copy in its place', async () => {
    const { store, record, directory } = await open();
    const file = new Uint8Array(200_000).map((_, i) => i % 251);
    const hash = hashOf(file);
    record(file);
    await store.put(chunked(file, 65_536), 'a');
    const path = join(directory, 'kept', hash.slice(0, 2), hash);
    const bytes = await readFile(path);
    bytes[100_000]! ^= 1;
    await writeFile(path, bytes);
    const opened = await store.open(hash);
    let given = 0;
    const read = async () => {
      for await (const chunk of opened!.chunks()) given += chunk.length;
    };
    await expect(read()).rejects.toMatchObject({ code: 'documents/damaged' });
    expect(given).toBeLessThan(file.length);
    await writeFile(path, bytes.subarray(0, 1_000));
    await expect(store.open(hash)).rejects.toMatchObject({ code: 'documents/damaged' });
    await store.put(chunked(file, 65_536), 'a');
    expect((await readAll(store, hash))?.length).toBeGreaterThan(0);
  });

  it.each(['', '..', '../../etc/passwd', 'A'.repeat(64), `${'0'.repeat(63)}/`])(
    'opens nothing under the name %j',
    async (name) => {
      const { store } = await open();
      expect(await store.open(name)).toBeUndefined();
    },
  );
});
