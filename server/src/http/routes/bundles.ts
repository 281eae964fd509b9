// GET /bundles: everything that a phone needs to check one link offline.

import { isAppError } from '@suyuan/contracts';
import { Type } from 'typebox';
import type { BundleService } from '../../bundle/service.ts';
import { productLinkOf } from '../../resolver/parse.ts';
import type { App, RouteContext } from '../context.ts';
import { params } from '../params.ts';
import { Problem } from '../problems.ts';
import { etagOf, sendTagged } from '../record.ts';
import { bundleRate } from '../security.ts';
import type { UnitGuard } from '../unit-guard.ts';

const LINK_CHARS_MAX = 512;

export function bundleRoutes(
  app: App,
  { options }: RouteContext,
  bundles: BundleService,
  guard: UnitGuard,
): void {
  // The service hands out the same bytes while they hold: hashing them for each reader would be most of an answer.
  const tags = new WeakMap<Uint8Array, string>();
  const tagOf = (bytes: Uint8Array): string => {
    const tag = tags.get(bytes) ?? etagOf(bytes);
    tags.set(bytes, tag);
    return tag;
  };

  app.get(
    '/bundles',
    {
      config: { rateLimit: bundleRate(options) },
      schema: {
        summary: 'The proof bundle of a product, a lot or a unit (docs/formats.md §7)',
        description:
          '`link` is a GS1 Digital Link: `/01/{gtin}[/10/{lot}[/21/{serial}]]`, with or without a host.',
        tags: ['proofs'],
        produces: ['application/cbor'],
        querystring: params({ link: Type.String({ minLength: 1, maxLength: LINK_CHARS_MAX }) }),
        response: { '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const link = productLinkOf(request.query.link);
      if (link.serial !== undefined) guard.assertMayAsk(request, reply);
      const bytes = await bundles.get(link).catch((error: unknown) => {
        if (isAppError(error) && error.code === 'bundle/unknown-unit') guard.missed(request);
        throw error;
      });
      return sendTagged(request, reply, {
        etag: tagOf(bytes),
        type: 'application/cbor',
        make: () => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      });
    },
  );
}
