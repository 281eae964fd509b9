// PUT /documents takes a file in, GET /documents/{hash} gives it out, GET /documents?subject= lists what the ledger records.

import { Readable } from 'node:stream';
import { AppError, DOCUMENT_SIZE_BYTES_MAX, documentKey, getDocumentList } from '@suyuan/contracts';
import { Type } from 'typebox';
import type { App, RouteContext } from '../http/context.ts';
import { toJson } from '../http/json.ts';
import { HashHex, params, StateKey } from '../http/params.ts';
import { notFound, Problem } from '../http/problems.ts';
import { isKnown } from '../http/record.ts';
import { clientOf } from '../http/unit-guard.ts';
import { documentHeaders } from './media.ts';
import { ledgerRecords } from './port.ts';
import type { DocumentStore } from './store.ts';

const WINDOW_MS = 60_000;

const Stored = Type.Object({
  hash: HashHex,
  size_bytes: Type.Integer(),
  kept: Type.Boolean({ description: 'False: removed in an hour unless the ledger records it.' }),
});

/** What the ledger records about a subject; works without a store of files. */
export function documentListRoute(app: App, { node }: RouteContext): void {
  app.get(
    '/documents',
    {
      schema: {
        summary: 'Registered documents about a lot, place, device, product or account',
        description: '`subject` is a state key (docs/formats.md §5), such as `lots/{gtin}/{lot}`.',
        tags: ['documents'],
        querystring: params({ subject: StateKey }),
        response: {
          200: Type.Object({
            documents: Type.Array(
              Type.Unknown({ description: 'The record of docs/formats.md §5, bytes as hex.' }),
            ),
          }),
          '4xx': Problem,
        },
      },
    },
    async (request) => {
      const read = (key: string) => node.read(key);
      const hashes = getDocumentList({ get: read }, request.query.subject);
      return { documents: hashes.map((hash) => toJson(read(documentKey(hash)) ?? null)) };
    },
  );
}

export function documentFileRoutes(
  app: App,
  { node, options }: RouteContext,
  store: DocumentStore,
): void {
  const recordOf = ledgerRecords(node);
  // Bodies are files of any type: they go to the disk as they come.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  settleWithBlocks(app, node, store);

  app.put(
    '/documents',
    {
      config: { rateLimit: { max: options.documentRate, timeWindow: WINDOW_MS } },
      async onRequest(request) {
        if (Number(request.headers['content-length'] ?? 0) > DOCUMENT_SIZE_BYTES_MAX) {
          throw new AppError(
            'http/too-large',
            `A document has at most ${DOCUMENT_SIZE_BYTES_MAX} bytes.`,
          );
        }
      },
      schema: {
        summary: 'Hand in the file of a document',
        description:
          'The body is the file. It is known by its SHA-256 and takes no signature: 201 when the ledger records that hash; ' +
          '202 when it does not yet, and the file is removed after an hour unless it does by then.',
        tags: ['documents'],
        consumes: ['application/octet-stream'],
        response: { 201: Stored, 202: Stored, '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const { body } = request;
      if (!(body instanceof Readable)) {
        throw new AppError('documents/empty', 'The body must be the bytes of the file.');
      }
      const stored = await store.put(body, clientOf(request.ip));
      reply.header('location', `/api/v1/documents/${stored.hash}`);
      return reply.code(stored.kept ? 201 : 202).send(stored);
    },
  );

  app.get(
    '/documents/:hash',
    {
      schema: {
        summary: 'The file of a registered document',
        description:
          'Its SHA-256 is checked as it is sent: a damaged file breaks off before its end. 451 when a regulator has shielded it.',
        tags: ['documents'],
        params: params({ hash: HashHex }),
        response: {
          200: Type.Unknown({ description: 'The file.' }),
          304: Type.Null(),
          '4xx': Problem,
          '5xx': Problem,
        },
      },
    },
    async (request, reply) => {
      const { hash } = request.params;
      const record = recordOf(hash);
      if (record === undefined) throw notFound('The ledger records no document of this hash.');
      const file = await store.open(hash);
      if (file === undefined) {
        throw new AppError(
          'documents/no-file',
          'The ledger records this document; its file was not handed in here. Whoever has it may PUT it.',
        );
      }
      for (const [name, value] of Object.entries(documentHeaders(hash, record.mime, file.head))) {
        reply.header(name, value);
      }
      if (isKnown(request, `"${hash}"`)) {
        await file.close();
        return reply.code(304).send(null);
      }
      reply.header('content-length', file.size_bytes);
      const stream = Readable.from(file.chunks(), { objectMode: false });
      stream.on('error', (error) => request.log.error({ err: error, hash }, 'document broken off'));
      return reply.send(stream);
    },
  );
}

/** Files become kept as their records appear, and what waited too long goes with the next block. */
function settleWithBlocks(app: App, node: RouteContext['node'], store: DocumentStore): void {
  let settling: Promise<void> | undefined;
  const settle = () => {
    settling ??= store
      .settle()
      .catch((error: unknown) =>
        app.log.error({ err: error }, 'waiting documents were not settled'),
      )
      .finally(() => {
        settling = undefined;
      });
  };
  const stop = node.subscribe(settle);
  app.addHook('onClose', async () => {
    stop();
    await settling;
  });
}
