// GET /products: what the first page shows.

import { type CborValue, type Product, toProduct } from '@suyuan/contracts';
import { Type } from 'typebox';
import type { App, RouteContext } from '../context.ts';
import type { LedgerNode } from '../ports.ts';
import { Problem } from '../problems.ts';

const PRODUCTS_SHOWN_MAX = 200;
const LOTS_COUNTED_MAX = 10_000;
const COUNTED = /^(products|lots)\//;

const Names = Type.Object({ zh: Type.String(), en: Type.String() });

const ProductSummary = Type.Object({
  gtin: Type.String(),
  name: Names,
  category: Type.String(),
  regime: Type.String(),
  sampleLink: Type.Union([Type.String(), Type.Null()], {
    description: 'Digital Link path of one unit to look at.',
  }),
  lots: Type.Integer(),
});

export function productRoutes(app: App, { node, statusSources }: RouteContext): void {
  // Counting walks over keys: done again when a product or a lot has changed.
  let counted: readonly CountedProduct[] | undefined;
  const products = () => {
    counted ??= countProducts(node);
    return counted;
  };
  const unsubscribe = node.subscribe(({ changedKeys }) => {
    if (changedKeys.some((key) => COUNTED.test(key))) counted = undefined;
  });
  app.addHook('onClose', async () => unsubscribe());

  app.get(
    '/products',
    {
      schema: {
        summary: 'Registered products, with a sample unit each',
        tags: ['records'],
        response: { 200: Type.Object({ products: Type.Array(ProductSummary) }), '4xx': Problem },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-cache');
      const shown = products().map((product) => ({
        ...product,
        sampleLink: statusSources.sampleLink?.(product.gtin) ?? null,
      }));
      // What can be looked at comes first; within that the order of the keys stays.
      return {
        products: [
          ...shown.filter(({ sampleLink }) => sampleLink !== null),
          ...shown.filter(({ sampleLink }) => sampleLink === null),
        ],
      };
    },
  );
}

type CountedProduct = Pick<Product, 'gtin' | 'name' | 'category' | 'regime'> & {
  readonly lots: number;
};

function countProducts(node: LedgerNode): readonly CountedProduct[] {
  return node
    .keys('products/', { limit: PRODUCTS_SHOWN_MAX })
    .map((key) => node.read(key))
    .filter((value): value is CborValue => value !== undefined)
    .map((value) => {
      const { gtin, name, category, regime } = toProduct(value);
      const lots = node.keys(`lots/${gtin}/`, { limit: LOTS_COUNTED_MAX }).length;
      return { gtin, name, category, regime, lots };
    });
}
