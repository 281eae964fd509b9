import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOCUMENT_SIZE_BYTES_MAX, lotKey } from '@suyuan/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenServer, openServerOver, problemIn } from '../http/testing/open-server.ts';
import { GTIN, LOT, openWorld, seedLot, seedPacks } from '../http/testing/seed.ts';
import { ledgerRecords } from './port.ts';
import { openDocumentStore } from './store.ts';

const PDF = Buffer.from('%PDF-1.7\n% a report\n');
const HTML = Buffer.from('<script>alert(1)</script>');
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

let directory: string;
let server: OpenServer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'suyuan-documents-'));
  const world = await openWorld();
  await seedLot(world);
  const documents = await openDocumentStore({
    directory,
    recordOf: ledgerRecords(world.node),
    clock: world.clock,
  });
  server = await openServerOver(world, await seedPacks(world), { documents });
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

const register = (file: Buffer, mime = 'application/pdf') =>
  server.world.act('grower', 'documents', 'register', {
    hash: new Uint8Array(hashOf(file)),
    kind: 'photo',
    mime,
    size_bytes: file.length,
    title: '照片',
    issuedAt: server.world.clock.now_ms() - 1,
    validFrom: server.world.clock.now_ms() - 1,
    subjects: [lotKey(GTIN, LOT)],
  });

const put = (payload: Buffer | string, type = 'application/octet-stream') =>
  server.app.inject({
    method: 'PUT',
    url: '/api/v1/documents',
    headers: { 'content-type': type },
    payload,
  });
const pathOf = (file: Buffer) => `/api/v1/documents/${hashOf(file).toString('hex')}`;
const get = (file: Buffer, headers: Record<string, string> = {}) =>
  server.app.inject({ url: pathOf(file), headers });

describe('files of documents', () => {
  it('wait for their record, are kept with it and given with headers that let nothing run', async () => {
    const early = await put(PDF, 'application/pdf');
    expect(early.statusCode).toBe(202);
    expect(early.json()).toMatchObject({ kept: false, size_bytes: PDF.length });
    expect(problemIn(await get(PDF))).toMatchObject({ status: 404, code: 'http/not-found' });
    await register(PDF);
    const given = await get(PDF);
    expect(given.statusCode).toBe(200);
    expect(given.rawPayload.equals(PDF)).toBe(true);
    expect(given.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': String(PDF.length),
      'content-disposition': expect.stringMatching(/^inline; filename="[0-9a-f]{16}\.pdf"$/),
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=31536000, immutable',
    });
    const known = await get(PDF, { 'if-none-match': String(given.headers.etag) });
    expect([known.statusCode, known.body]).toEqual([304, '']);
    const head = await server.app.inject({ method: 'HEAD', url: pathOf(PDF) });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect((await put(PDF)).statusCode).toBe(201);
  });

  it('are saved, never shown, when they are not what they are registered as', async () => {
    await register(HTML);
    expect(problemIn(await get(HTML))).toMatchObject({ status: 404, code: 'documents/no-file' });
    expect((await put(HTML, 'text/html')).statusCode).toBe(201);
    expect((await get(HTML)).headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': expect.stringMatching(/^attachment; /),
    });
  });

  it('are listed by what they are about', async () => {
    const subject = encodeURIComponent(lotKey(GTIN, LOT));
    const list = await server.app.inject(`/api/v1/documents?subject=${subject}`);
    const hashes = list.json().documents.map((d: { hash: string }) => d.hash);
    expect(hashes).toContain(hashOf(PDF).toString('hex'));
    const none = await server.app.inject('/api/v1/documents?subject=lots/1/2');
    expect(none.json()).toEqual({ documents: [] });
    const link = await server.app.inject({
      url: `/01/${GTIN}/10/${encodeURIComponent(LOT)}/21/S1?linkType=gs1:certificationInfo`,
    });
    expect(link.statusCode).toBe(307);
    const followed = await server.app.inject(String(link.headers.location));
    expect(followed.json()).toEqual(list.json());
  });

  it('are withheld with 451 while a regulator shields them, their record stays', async () => {
    const file = Buffer.from('%PDF-unlawful');
    await register(file);
    await put(file);
    const shield = (shielded: boolean) =>
      server.world.act('regulator', 'documents', 'shield', {
        hash: new Uint8Array(hashOf(file)),
        shielded,
      });
    await shield(true);
    expect(problemIn(await get(file))).toMatchObject({ status: 451, code: 'documents/shielded' });
    const etag = `"${hashOf(file).toString('hex')}"`;
    expect((await get(file, { 'if-none-match': etag })).statusCode).toBe(451);
    expect(problemIn(await put(file)).status).toBe(451);
    await shield(false);
    expect((await get(file)).statusCode).toBe(200);
  });

  it('are refused when empty, too large by their length or on the way, or of another size', async () => {
    expect(problemIn(await put(''))).toMatchObject({ status: 400, code: 'documents/empty' });
    const large = await server.app.inject({
      method: 'PUT',
      url: '/api/v1/documents',
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(DOCUMENT_SIZE_BYTES_MAX + 1),
      },
    });
    expect(problemIn(large)).toMatchObject({ status: 413, code: 'http/too-large' });
    for (const url of ['/api/v1/documents/abc', `/api/v1/documents/${'A'.repeat(64)}`]) {
      expect(problemIn(await server.app.inject(url)).status).toBe(400);
    }
    expect(problemIn(await server.app.inject('/api/v1/documents')).status).toBe(400);
  });

  it('break off before their end when damaged', async () => {
    const file = Buffer.alloc(300_000, 7);
    await register(file);
    await put(file);
    const hash = hashOf(file).toString('hex');
    const path = join(directory, 'kept', hash.slice(0, 2), hash);
    const bytes = await readFile(path);
    bytes[5] = 8;
    await writeFile(path, bytes);
    const origin = await server.app.listen({ host: '127.0.0.1', port: 0 });
    const outcome = await new Promise<{ given: number; whole: boolean }>((resolve, reject) => {
      const call = httpRequest(`${origin}${pathOf(file)}`, (response) => {
        let given = 0;
        response.on('data', (chunk: Buffer) => {
          given += chunk.length;
        });
        response.on('error', () => undefined);
        response.on('close', () => resolve({ given, whole: response.complete }));
      });
      call.on('error', reject);
      call.end();
    });
    expect(outcome.whole).toBe(false);
    expect(outcome.given).toBeLessThan(file.length);
  });
});
