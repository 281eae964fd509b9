// The list of products as the server gives it. A field that is not as promised drops the product, never the page.

export interface Product {
  readonly gtin: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly category: string;
  readonly regime: string;
  /** Digital Link path on this site. */
  readonly sampleLink: string | null;
  readonly lots: number;
}

const PRODUCTS_MAX = 200;

function asProduct(value: unknown): Product | null {
  if (typeof value !== 'object' || value === null) return null;
  const { gtin, name, category, regime, sampleLink, lots } = value as Record<string, unknown>;
  if (typeof gtin !== 'string' || typeof name !== 'object' || name === null) return null;
  const { zh, en } = name as Record<string, unknown>;
  if (typeof zh !== 'string' || typeof en !== 'string') return null;
  return {
    gtin,
    name: { zh, en },
    category: typeof category === 'string' ? category : '',
    regime: typeof regime === 'string' ? regime : 'none',
    // Only a path of this site: the list must not lead elsewhere.
    sampleLink:
      typeof sampleLink === 'string' && /^\/01\/[^\\]+$/.test(sampleLink) ? sampleLink : null,
    lots: typeof lots === 'number' && lots >= 0 ? lots : 0,
  };
}

export function readProducts(body: unknown): Product[] {
  const list =
    typeof body === 'object' && body !== null && 'products' in body ? body.products : null;
  if (!Array.isArray(list)) return [];
  return list
    .slice(0, PRODUCTS_MAX)
    .map(asProduct)
    .filter((product) => product !== null);
}
