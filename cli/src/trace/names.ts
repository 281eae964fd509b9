// Names and roles behind the ids of the ledger, asked for once each.

import { CliError } from '../errors.ts';
import { ProblemError, requestJson } from '../http.ts';
import type { Unit } from './amounts.ts';

const KEPT_MAX = 4096;

export interface ProductNote {
  readonly zh: string;
  readonly en: string;
  readonly unit: Unit;
}

export interface NameBook {
  product(gtin: string): Promise<ProductNote>;
  /** Empty for an account that the node does not know. */
  roles(account: string): Promise<readonly string[]>;
}

export function createNameBook(server: URL): NameBook {
  const products = new Map<string, ProductNote>();
  const roles = new Map<string, readonly string[]>();

  async function record(path: string): Promise<Record<string, unknown>> {
    try {
      return await requestJson(new URL(`/api/v1/${path}`, server));
    } catch (error) {
      if (error instanceof ProblemError && error.status === 404) return {};
      throw error;
    }
  }

  async function once<T>(kept: Map<string, T>, key: string, ask: () => Promise<T>): Promise<T> {
    const before = kept.get(key);
    if (before !== undefined) return before;
    const found = await ask();
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(key, found);
    return found;
  }

  return {
    product: (gtin) =>
      once(products, gtin, async () => {
        const { name, unit } = await record(`products/${gtin}`);
        const { zh, en } = (name ?? {}) as Record<string, unknown>;
        if (unit !== 'g' && unit !== 'count')
          throw new CliError(`${server.origin} does not know the product ${gtin}`);
        return { zh: String(zh), en: String(en), unit };
      }),
    roles: (account) =>
      once(roles, account, async () => {
        const { roles: held } = await record(`accounts/${encodeURIComponent(account)}`);
        return Array.isArray(held) ? held.map(String) : [];
      }),
  };
}
