// GET /lots/{gtin}/{lot}/readings: what the devices measured where the lot lay, while it lay there.

import { getLot, lineageOf, type StateReader } from '@suyuan/contracts';
import { Type } from 'typebox';
import type { DeviceIndex } from '../../bundle/device-index.ts';
import { clip, watchedSpans } from '../../bundle/spans.ts';
import type { ReadingCursor, ReadingRow } from '../../readings/port.ts';
import type { App, RouteContext } from '../context.ts';
import { AiText20, Gtin, params, Quantity, toUintOr, UintText } from '../params.ts';
import { malformed, notFound, Problem } from '../problems.ts';

const PAGE_DEFAULT = 1_000;
const PAGE_MAX = 5_000;
/** Latest time that a Date can hold: beyond it a range has no month. */
const TIME_MS_MAX = 8_640_000_000_000_000 - 1;

const ReadingsJson = Type.Object({
  readings: Type.Array(
    Type.Object({
      device: Type.String(),
      quantity: Type.String(),
      time_ms: Type.Integer(),
      value: Type.Integer({ description: 'milli-°C, milli-%RH, grams or millivolts' }),
      boot: Type.Integer(),
      seq: Type.Integer(),
    }),
  ),
  next: Type.Union([Type.String(), Type.Null()], {
    description: 'Give it as `cursor` for the rest.',
  }),
});

export function readingRoutes(app: App, context: RouteContext, devices: DeviceIndex): void {
  const { node, readings, clock } = context;
  const state: StateReader = { get: (key) => node.read(key) };

  app.get(
    '/lots/:gtin/:lot/readings',
    {
      schema: {
        summary: 'Readings of the places where the lot and its ancestors lay',
        description:
          'Of the devices that stood there at the time, in time order. These are the store’s words; what a verifier ' +
          'trusts are the packs in /bundles and /proofs/packs.',
        tags: ['readings'],
        params: params({ gtin: Gtin, lot: AiText20 }),
        querystring: params({
          from: Type.Optional(UintText),
          to: Type.Optional(UintText),
          quantity: Type.Optional(Quantity),
          limit: Type.Optional(UintText),
          cursor: Type.Optional(Type.String({ maxLength: 200, pattern: '^[A-Za-z0-9_-]+$' })),
        }),
        response: { 200: ReadingsJson, '4xx': Problem, '5xx': Problem },
      },
    },
    async (request) => {
      const { gtin, lot } = request.params;
      const { quantity, cursor } = request.query;
      const record = getLot(state, gtin, lot);
      if (record === undefined) throw notFound('The ledger holds no such lot.');
      const from_ms = toUintOr(request.query.from, 'from', 0, TIME_MS_MAX);
      const to_ms = toUintOr(request.query.to, 'to', TIME_MS_MAX, TIME_MS_MAX);
      if (from_ms > to_ms) throw malformed('to', 'to must not lie before from.');
      const limit = Math.max(1, toUintOr(request.query.limit, 'limit', PAGE_DEFAULT, PAGE_MAX));
      const after = cursor === undefined ? undefined : decodeCursor(cursor);
      const { stays } = lineageOf(state, record, clock.now_ms());
      const spans = clip(watchedSpans(state, devices, stays), from_ms, to_ms);
      const rows = await readings.readings({
        spans,
        limit,
        ...(quantity === undefined ? {} : { quantity }),
        ...(after === undefined ? {} : { after }),
      });
      const last = rows.length === limit ? rows.at(-1) : undefined;
      return { readings: [...rows], next: last === undefined ? null : encodeCursor(last) };
    },
  );
}

function encodeCursor(row: ReadingRow): string {
  const { time_ms, device, quantity, boot, seq } = row;
  return Buffer.from(JSON.stringify([time_ms, device, quantity, boot, seq])).toString('base64url');
}

function decodeCursor(text: string): ReadingCursor {
  try {
    const items: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(items) && items.length === 5) {
      const [time_ms, device, quantity, boot, seq] = items as unknown[];
      if (isUint(time_ms) && isUint(boot) && isUint(seq) && isText(device) && isText(quantity)) {
        return { time_ms, device, quantity, boot, seq };
      }
    }
  } catch {
    // Not ours: the same answer as for any other cursor that we did not give.
  }
  throw malformed('cursor', 'cursor must be the `next` of an earlier answer.');
}

function isUint(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 64;
}
