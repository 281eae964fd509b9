// Proofs by the piece: state entries of one snapshot, and single packs for the verifier's spot check.

import { bytesToHex, encodePackedBatch, getAnchorLog } from '@suyuan/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { oneHistory } from '../../bundle/history.ts';
import type { PackProver } from '../../bundle/packed-batches.ts';
import type { StoredPack } from '../../readings/port.ts';
import type { App, RouteContext } from '../context.ts';
import { AccountId, DeviceId, params, Quantity, StateKey, toUint, UintText } from '../params.ts';
import { malformed, notFound, Problem } from '../problems.ts';
import { etagOf, IMMUTABLE, sendTagged } from '../record.ts';

const KEYS_MAX = 64;
/** The longest slot of a statement. */
const SLOT_MS_MAX = 86_400_000;
const Hex = Type.String({ description: 'hex' });

const StateProofs = Type.Object({
  header: Hex,
  certificate: Hex,
  entries: Type.Array(
    Type.Object({
      key: Type.String(),
      value: Type.Union([Hex, Type.Null()]),
      proof: Type.Object({
        siblings: Type.Array(Hex),
        leaf: Type.Union([Type.Object({ path: Hex, valueHash: Hex }), Type.Null()]),
      }),
    }),
  ),
});

export function proofRoutes(app: App, context: RouteContext, prover: PackProver): void {
  const { node, readings, hash } = context;

  app.get(
    '/proofs/state',
    {
      schema: {
        summary: 'State entries with proofs of presence or absence against one certified header',
        description: `\`key\` may be given up to ${KEYS_MAX} times.`,
        tags: ['proofs'],
        querystring: params({
          key: Type.Union([StateKey, Type.Array(StateKey, { minItems: 1, maxItems: KEYS_MAX })]),
        }),
        response: { 200: StateProofs, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const { key } = request.query;
      const keys = [...new Set(Array.isArray(key) ? key : [key])].sort();
      const proven = node.proveKeys(keys);
      reply.header('cache-control', 'no-cache');
      return {
        header: bytesToHex(proven.header),
        certificate: bytesToHex(proven.certificate),
        entries: proven.entries.map((entry) => ({
          key: entry.key,
          value: entry.value === null ? null : bytesToHex(entry.value),
          proof: {
            siblings: entry.proof.siblings.map(bytesToHex),
            leaf:
              entry.proof.leaf === null
                ? null
                : {
                    path: bytesToHex(entry.proof.leaf.path),
                    valueHash: bytesToHex(entry.proof.leaf.valueHash),
                  },
          },
        })),
      };
    },
  );

  /** The packed-batch of one pack under the gateway's first `logSize` anchors. */
  async function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    pack: StoredPack | undefined,
    size: number,
  ): Promise<FastifyReply> {
    if (pack === undefined) throw notFound('No gateway of this server stored this pack.');
    const [batch] = await prover.prove(await oneHistory(readings, hash, [pack]), () => size);
    if (batch === undefined) throw notFound('The pack is not within the first logSize anchors.');
    const bytes = encodePackedBatch(batch);
    return sendTagged(request, reply, {
      etag: etagOf(bytes),
      type: 'application/cbor',
      cache: IMMUTABLE,
      make: () => Buffer.from(bytes),
    });
  }

  /** Throws `http/malformed` unless the gateway has anchored so many batches. */
  function assertLogSize(gateway: string, size: number): void {
    const log = getAnchorLog({ get: (key) => node.read(key) }, gateway);
    if (size > 0 && size <= (log?.size ?? 0)) return;
    throw malformed(
      'logSize',
      `logSize must be from 1 to ${log?.size ?? 0}, the anchors of this gateway.`,
    );
  }

  app.get(
    '/proofs/packs/:device/:boot/:seq',
    {
      schema: {
        summary: 'One pack with its proofs, as the packed-batch of docs/formats.md §7',
        tags: ['proofs'],
        produces: ['application/cbor'],
        params: params({ device: DeviceId, boot: UintText, seq: UintText }),
        querystring: params({ logSize: UintText, gateway: Type.Optional(AccountId) }),
        response: { '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const { device } = request.params;
      const { gateway } = request.query;
      const size = toUint(request.query.logSize, 'logSize');
      const pack = await readings.pack({
        device,
        boot: toUint(request.params.boot, 'boot'),
        seq: toUint(request.params.seq, 'seq'),
        ...(gateway === undefined ? {} : { gateway }),
      });
      if (pack !== undefined) assertLogSize(pack.gateway, size);
      return answer(request, reply, pack, size);
    },
  );

  app.get(
    '/proofs/readings/:device/:quantity',
    {
      schema: {
        summary: 'One pack with a reading of that slot, as the packed-batch of docs/formats.md §7',
        description:
          'For a spot check: `from` inclusive, `to` exclusive, at most a day apart; `gateway` is the one that stated ' +
          'the slot, `logSize` the size of its anchor log that the caller holds. 404 when there is no such reading.',
        tags: ['proofs'],
        produces: ['application/cbor'],
        params: params({ device: DeviceId, quantity: Quantity }),
        querystring: params({
          from: UintText,
          to: UintText,
          logSize: UintText,
          gateway: AccountId,
        }),
        response: { '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const { device, quantity } = request.params;
      const { gateway } = request.query;
      const from_ms = toUint(request.query.from, 'from');
      const to_ms = toUint(request.query.to, 'to');
      if (to_ms <= from_ms || to_ms - from_ms > SLOT_MS_MAX) {
        throw malformed('to', 'to must lie after from, at most a day.');
      }
      const size = toUint(request.query.logSize, 'logSize');
      assertLogSize(gateway, size);
      const ref = { gateway, device, quantity, from_ms, to_ms, beforeBatch: size };
      return answer(request, reply, await readings.packWithReading(ref), size);
    },
  );
}
