// The ledger's records as they stand now: accounts, devices, places, products, lots, label batches.

import {
  accountKey,
  dependentKey,
  deviceKey,
  getLot,
  labelKey,
  lotKey,
  placeKey,
  productKey,
} from '@suyuan/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App, RouteContext } from '../context.ts';
import { encodedToJson, type Json, toJson } from '../json.ts';
import { AccountId, AiText20, DeviceId, Gln, Gtin, params, toUintOr, UintText } from '../params.ts';
import type { LedgerNode } from '../ports.ts';
import { notFound, Problem } from '../problems.ts';
import { etagOf, sendTagged } from '../record.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const PAGE_MAX = 200;
/** Lots made from one lot that its record lists; the rest is in the ledger's state under `dependents/`. */
const DEPENDENTS_SHOWN_MAX = 256;
const LABELS_SHOWN_MAX = 256;

const LedgerRecord = Type.Unknown({
  description: 'The record of docs/formats.md §5, bytes as hex.',
});
const responses = { 200: LedgerRecord, '4xx': Problem };

export function recordRoutes(app: App, { node }: RouteContext): void {
  const send = (
    request: FastifyRequest,
    reply: FastifyReply,
    key: string,
    extra?: () => Readonly<Record<string, Json>>,
  ) => {
    const bytes = node.value(key);
    if (bytes === undefined) throw notFound('The ledger holds no such record.');
    const more = extra?.() ?? {};
    return sendTagged(request, reply, {
      etag: etagOf(bytes, JSON.stringify(more)),
      type: JSON_TYPE,
      make: () => ({ ...recordJson(bytes), ...more }),
    });
  };

  app.get(
    '/accounts/:id',
    { schema: schemaOf('An account', { id: AccountId }) },
    async (request, reply) => send(request, reply, accountKey(request.params.id)),
  );

  app.get(
    '/devices',
    {
      schema: {
        summary: 'Registered devices, by id',
        tags: ['records'],
        querystring: params({ after: Type.Optional(DeviceId), limit: Type.Optional(UintText) }),
        response: {
          200: Type.Object({
            devices: Type.Array(LedgerRecord),
            next: Type.Union([Type.String(), Type.Null()]),
          }),
          '4xx': Problem,
        },
      },
    },
    async (request) => {
      const { after } = request.query;
      const limit = Math.max(1, toUintOr(request.query.limit, 'limit', PAGE_MAX, PAGE_MAX));
      const keys = node.keys('devices/', {
        limit,
        ...(after === undefined ? {} : { after: `devices/${after}` }),
      });
      const devices = keys.map((key) => toJson(node.read(key) ?? null));
      const last = keys.length === limit ? keys.at(-1) : undefined;
      return { devices, next: last?.slice('devices/'.length) ?? null };
    },
  );

  app.get(
    '/devices/:id',
    { schema: schemaOf('A device, its key and where it stood when', { id: DeviceId }) },
    async (request, reply) => send(request, reply, deviceKey(request.params.id)),
  );

  app.get(
    '/places/:gln',
    { schema: schemaOf('A plot, yard, warehouse, plant, vehicle or shop', { gln: Gln }) },
    async (request, reply) => send(request, reply, placeKey(request.params.gln)),
  );

  app.get(
    '/products/:gtin',
    { schema: schemaOf('A product', { gtin: Gtin }) },
    async (request, reply) => send(request, reply, productKey(request.params.gtin)),
  );

  app.get(
    '/lots/:gtin/:lot',
    {
      schema: schemaOf('A lot, with its label batches and the lots made from it', {
        gtin: Gtin,
        lot: AiText20,
      }),
    },
    async (request, reply) => {
      const { gtin, lot } = request.params;
      return send(request, reply, lotKey(gtin, lot), () => ({
        labels: labelBatches(node, gtin, lot),
        derived: derivedLots(node, gtin, lot),
      }));
    },
  );

  app.get(
    '/labels/:gtin/:lot/:batch',
    {
      schema: schemaOf('A batch of unit labels', { gtin: Gtin, lot: AiText20, batch: AiText20 }),
    },
    async (request, reply) => {
      const { gtin, lot, batch } = request.params;
      return send(request, reply, labelKey(gtin, lot, batch));
    },
  );
}

function schemaOf<T extends Parameters<typeof params>[0]>(summary: string, properties: T) {
  return { summary, tags: ['records'], params: params(properties), response: responses };
}

function recordJson(bytes: Uint8Array): { readonly [key: string]: Json } {
  const json = encodedToJson(bytes);
  if (json === null || typeof json !== 'object' || isJsonList(json)) return { value: json };
  return json;
}

function isJsonList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

/** The names of the lot's label batches. */
export function labelBatches(node: LedgerNode, gtin: string, lot: string): string[] {
  const prefix = labelKey(gtin, lot, '');
  return node
    .keys(prefix, { limit: LABELS_SHOWN_MAX })
    .map((key) => decodeURIComponent(key.slice(prefix.length)));
}

function derivedLots(node: LedgerNode, gtin: string, lot: string): Json[] {
  const count = getLot({ get: (key) => node.read(key) }, gtin, lot)?.dependents ?? 0;
  const shown: Json[] = [];
  for (let n = 0; n < Math.min(count, DEPENDENTS_SHOWN_MAX); n += 1) {
    const value = node.read(dependentKey(gtin, lot, n));
    if (value !== undefined) shown.push(toJson(value));
  }
  return shown;
}
