// PUT /labels/{gtin}/{lot}/{batch}/serials: the serials behind a label batch, so that units can be looked up and proven.

import { AppError, getLabelBatch, LABEL_BATCH_UNITS_MAX } from '@suyuan/contracts';
import { Type } from 'typebox';
import type { App, RouteContext } from '../context.ts';
import { AiText20, Gtin, params } from '../params.ts';
import { notFound, Problem } from '../problems.ts';
import { serialRate } from '../security.ts';

/** A million serials of 20 characters with quotes and commas. */
const BODY_BYTES_MAX = LABEL_BATCH_UNITS_MAX * 23 + 1024;

export function labelRoutes(app: App, { node, options }: RouteContext): void {
  app.put(
    '/labels/:gtin/:lot/:batch/serials',
    {
      bodyLimit: BODY_BYTES_MAX,
      config: { rateLimit: serialRate(options) },
      schema: {
        summary: 'Hand in the serials of a label batch',
        description:
          'In the issuer’s order. Accepted only when their log tree has the root that the batch committed to on the ' +
          'ledger, so it takes no signature: nobody else can know a list that fits.',
        tags: ['records'],
        params: params({ gtin: Gtin, lot: AiText20, batch: AiText20 }),
        body: params({
          serials: Type.Array(AiText20, { minItems: 1, maxItems: LABEL_BATCH_UNITS_MAX }),
        }),
        response: { 204: Type.Null(), '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const { gtin, lot, batch } = request.params;
      const { serials } = request.body;
      // Checked before any hashing: a list of another length cannot fit.
      const record = getLabelBatch({ get: (key) => node.read(key) }, gtin, lot, batch);
      if (record === undefined) throw notFound('The ledger holds no such label batch.');
      if (serials.length !== record.count) {
        const detail = `The batch has ${record.count} units, the list ${serials.length}.`;
        throw new AppError('labels/wrong-serials', detail, { field: 'serials' });
      }
      await node.putSerials({ gtin, lot, batch, serials });
      return reply.code(204).send(null);
    },
  );
}
