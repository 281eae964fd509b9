// PUT /labels/{gtin}/{lot}/{batch}/serials: the serials behind a label batch, so that units can be looked up and proven.

import { AppError, getLabelBatch, hexToBytes, LABEL_BATCH_UNITS_MAX } from '@suyuan/contracts';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { App, RouteContext } from '../context.ts';
import { AiText20, Gtin, HashHex, params } from '../params.ts';
import { notFound, Problem } from '../problems.ts';
import { serialRate } from '../security.ts';

/** A million serials of 20 characters and as many commitments in hex, with quotes and commas. */
const BODY_BYTES_MAX = LABEL_BATCH_UNITS_MAX * (23 + 67) + 1024;

/** A serial with quotes and comma, indented by whoever likes it readable. */
const SERIAL_BYTES_MAX = 64;
/** The same of a commitment. */
const COMMITMENT_BYTES_MAX = 108;
const SerialsParams = params({ gtin: Gtin, lot: AiText20, batch: AiText20 });

export function labelRoutes(app: App, { node, options }: RouteContext): void {
  const batchOf = ({ gtin, lot, batch }: Static<typeof SerialsParams>) => {
    const record = getLabelBatch({ get: (key) => node.read(key) }, gtin, lot, batch);
    if (record === undefined) throw notFound('The ledger holds no such label batch.');
    return record;
  };

  app.put(
    '/labels/:gtin/:lot/:batch/serials',
    {
      bodyLimit: BODY_BYTES_MAX,
      config: { rateLimit: serialRate(options) },
      // After the rate, before the body is read: most of what cannot fit is known by its length.
      async preParsing(request) {
        if (!Value.Check(SerialsParams, request.params)) return;
        const { count, hidden } = batchOf(request.params);
        const unit_bytes = SERIAL_BYTES_MAX + (hidden ? COMMITMENT_BYTES_MAX : 0);
        if (Number(request.headers['content-length'] ?? 0) > count * unit_bytes + 1024) {
          const detail = `The batch has ${count} units; the list is too long for it.`;
          throw new AppError('labels/wrong-serials', detail, { field: 'serials' });
        }
      },
      schema: {
        summary: 'Hand in the serials of a label batch',
        description:
          'In the issuer’s order. Accepted only when their log tree has the root that the batch committed to on the ' +
          'ledger, so it takes no signature: nobody else can know a list that fits. A batch with hidden codes needs the ' +
          'commitment to the code of each serial too; the codes themselves stay with the issuer.',
        tags: ['records'],
        params: SerialsParams,
        body: params({
          serials: Type.Array(AiText20, { minItems: 1, maxItems: LABEL_BATCH_UNITS_MAX }),
          commitments: Type.Optional(
            Type.Array(HashHex, { minItems: 1, maxItems: LABEL_BATCH_UNITS_MAX }),
          ),
        }),
        response: { 204: Type.Null(), '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const { gtin, lot, batch } = request.params;
      const { serials, commitments } = request.body;
      // Checked before any hashing: a list of another length cannot fit.
      const record = batchOf(request.params);
      if (serials.length !== record.count) {
        const detail = `The batch has ${record.count} units, the list ${serials.length}.`;
        throw new AppError('labels/wrong-serials', detail, { field: 'serials' });
      }
      if (commitments !== undefined && commitments.length !== serials.length) {
        const detail = `There are ${serials.length} serials and ${commitments.length} commitments.`;
        throw new AppError('labels/wrong-serials', detail, { field: 'commitments' });
      }
      const hidden = commitments === undefined ? {} : { commitments: commitments.map(hexToBytes) };
      await node.putSerials({ gtin, lot, batch, serials, ...hidden });
      return reply.code(204).send(null);
    },
  );
}
