// Proofs by the piece: state entries of one snapshot, and single packs for the verifier's spot check.

import { bytesToHex, encodePackedBatch, getAnchorLog } from '@suyuan/contracts';
import { Type } from 'typebox';
import type { PackProver } from '../../bundle/packed-batches.ts';
import type { App, RouteContext } from '../context.ts';
import { AccountId, DeviceId, params, StateKey, toUint, UintText } from '../params.ts';
import { malformed, notFound, Problem } from '../problems.ts';
import { etagOf, IMMUTABLE, sendTagged } from '../record.ts';

const KEYS_MAX = 64;
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
  const { node, readings } = context;

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
      if (pack === undefined) throw notFound('No gateway of this server stored this pack.');
      const log = getAnchorLog({ get: (key) => node.read(key) }, pack.gateway);
      if (size === 0 || size > (log?.size ?? 0)) {
        throw malformed(
          'logSize',
          `logSize must be from 1 to ${log?.size ?? 0}, the anchors of this gateway.`,
        );
      }
      const [batch] = await prover.prove([pack], () => size);
      if (batch === undefined) throw notFound('The pack is not within the first logSize anchors.');
      const bytes = encodePackedBatch(batch);
      return sendTagged(request, reply, {
        etag: etagOf(bytes),
        type: 'application/cbor',
        cache: IMMUTABLE,
        make: () => Buffer.from(bytes),
      });
    },
  );
}
