// GET /exports/{nyt4712|fsma204|epcis|evidence}: what the ledger knows of the trace of a lot, in the forms that others ask for.

import { PassThrough, Readable } from 'node:stream';
import { decodeBundle, decodeHeader, isAppError, type Subject } from '@suyuan/contracts';
import { writeTable, writeZip } from '@suyuan/paper';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { CachedBundle } from '../bundle/cache.ts';
import type { DocumentStore } from '../documents/store.ts';
import type { Epcis } from '../epcis/service.ts';
import type { App, RouteContext } from '../http/context.ts';
import { AiText20, Gtin, oneOf, params } from '../http/params.ts';
import { Problem } from '../http/problems.ts';
import { bundleRate } from '../http/security.ts';
import type { UnitGuard } from '../http/unit-guard.ts';
import { epcisDocument } from './epcis-document.ts';
import { evidenceBundle } from './evidence-bundle.ts';
import { documentsIn, evidenceParts } from './evidence-parts.ts';
import { createLotDesk, type HeldLots } from './lot-desk.ts';
import { createLotEvents } from './lot-events.ts';
import { recordsOf, TABLES } from './tables.ts';

export interface ExportSources {
  readonly epcis: Pick<Epcis, 'store' | 'writer' | 'feed'>;
  readonly documents?: DocumentStore;
  /** A bundle of the newest state. */
  readonly assemble: (link: Subject) => Promise<CachedBundle>;
  readonly guard: UnitGuard;
}

type Direction = 'up' | 'down' | 'both';

interface AskedLot {
  readonly gtin: string;
  readonly lot: string;
}

interface AskedTable extends AskedLot {
  readonly direction?: Direction;
  readonly format?: 'xlsx' | 'csv';
}

interface AskedEvidence extends AskedLot {
  readonly serial?: string;
  readonly format?: 'zip' | 'bundle';
}

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const CSV = 'text/csv; charset=utf-8';
const Lot = { gtin: Gtin, lot: AiText20 };
const DirectionText = Type.Optional(oneOf('up', 'down', 'both'));

export function exportRoutes(app: App, context: RouteContext, sources: ExportSources): void {
  const { node, clock, options } = context;
  const desk = createLotDesk({ hold: () => node.hold(), elapsed_ms: context.elapsed_ms });
  const events = createLotEvents(sources.epcis);
  const config = { rateLimit: bundleRate(options) };
  const schemaOf = <Q>(summary: string, description: string, querystring: Q) => ({
    summary,
    description,
    tags: ['exports'],
    querystring,
    response: { 200: Type.Unknown(), '4xx': Problem, '5xx': Problem },
  });

  /** Sends what comes, and gives the moment back however it ends. */
  function send(
    reply: FastifyReply,
    stream: Readable,
    name: string,
    lots?: HeldLots,
  ): FastifyReply {
    stream.once('close', () => lots?.release());
    stream.once('error', (error) => reply.log.warn({ err: error, name }, 'export broken off'));
    return reply
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(stream);
  }

  for (const [kind, summary] of [
    ['nyt4712', 'Traceability records in the manner of NY/T 4712: inbound batch to outbound batch'],
    ['fsma204', 'Critical tracking events of FSMA 204 as an electronic sortable spreadsheet'],
  ] as const) {
    app.get(
      `/exports/${kind}`,
      {
        config,
        schema: schemaOf(
          summary,
          'Of the lots of a trace: up (the default) what the lot was made from, down what was made of it.',
          params({ ...Lot, direction: DirectionText, format: Type.Optional(oneOf('xlsx', 'csv')) }),
        ),
      },
      async (request, reply) => {
        const query: AskedTable = request.query;
        const { direction = 'up', format = 'xlsx', ...lot } = query;
        const { columns, sheet, rows } = TABLES[kind];
        const lots = desk.open(lot, direction);
        const out = new PassThrough();
        const written = { format, sheet, created_ms: lots.time_ms };
        writeTable(out, columns, rows(recordsOf(lots, events)), written).catch((error: Error) =>
          out.destroy(error),
        );
        reply.type(format === 'xlsx' ? XLSX : CSV);
        return send(reply, out, fileName(kind, lot, lots.height, format), lots);
      },
    );
  }

  app.get(
    '/exports/epcis',
    {
      config,
      schema: schemaOf(
        'The events of the lots of a trace as one EPCISDocument (JSON-LD)',
        'Those of the ledger’s own transactions. Foreign events that were captured are asked for under /epcis.',
        params({ ...Lot, direction: DirectionText }),
      ),
    },
    async (request, reply) => {
      const { direction = 'up', ...lot } = request.query;
      const lots = desk.open(lot, direction);
      const text = epcisDocument(lots, events, clock.now_ms());
      reply.type('application/ld+json');
      const stream = Readable.from(text, { objectMode: false, highWaterMark: 64 * 1024 });
      return send(reply, stream, fileName('epcis', lot, lots.height, 'jsonld'), lots);
    },
  );

  app.get(
    '/exports/evidence',
    {
      config,
      schema: schemaOf(
        'The parts of an evidence file',
        'zip (the default): bundle, files of documents, manifest of SHA-256s. bundle: the bundle alone, which proves the ' +
          'shipments of its lots too. The readable PDF is not made here, for it would be this server’s own word: ' +
          '`suyuan export evidence` verifies the bundle and then makes it.',
        params({
          ...Lot,
          serial: Type.Optional(AiText20),
          format: Type.Optional(oneOf('zip', 'bundle')),
        }),
      ),
    },
    async (request, reply) => {
      const query: AskedEvidence = request.query;
      const { format = 'zip', ...link } = query;
      const bytes = await askedBundle(request, reply, link);
      const { state, head } = decodeBundle(bytes);
      const name = fileName('evidence', link, undefined, format === 'zip' ? 'zip' : 'cbor');
      if (format === 'bundle') {
        reply.type('application/cbor');
        return send(reply, Readable.from([Buffer.from(bytes)]), name);
      }
      const out = new PassThrough();
      const parts = evidenceParts(bytes, documentsIn(state), sources.documents, node.chainId);
      writeZip(out, parts, {
        created_ms: decodeHeader(head.header).time_ms,
        manifest: 'manifest.json',
      }).catch((error: Error) => out.destroy(error));
      reply.type('application/zip');
      return send(reply, out, name);
    },
  );

  async function askedBundle(request: FastifyRequest, reply: FastifyReply, link: Subject) {
    const { guard, assemble } = sources;
    if (link.serial !== undefined) guard.assertMayAsk(request, reply);
    return evidenceBundle({ node, events, assemble }, link).catch((error: unknown) => {
      if (isAppError(error) && error.code === 'bundle/unknown-unit') guard.missed(request);
      throw error;
    });
  }
}

const safe = (text: string): string => text.replace(/[^0-9A-Za-z_-]+/g, '-');

/** A lot may hold letters that file systems do not take. */
function fileName(
  kind: string,
  { gtin, lot, serial }: { gtin: string; lot?: string; serial?: string },
  height: number | undefined,
  extension: string,
): string {
  const block = height === undefined ? '' : `block${height}`;
  const parts = ['suyuan', kind, gtin, safe(lot ?? ''), safe(serial ?? ''), block];
  return `${parts.filter((part) => part !== '').join('_')}.${extension}`;
}
