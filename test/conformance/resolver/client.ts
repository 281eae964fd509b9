// A server over a small seeded ledger, on a loopback port, and a client that follows no redirect by itself.

import { type OpenServer, openServer } from '../../../server/src/http/testing/open-server.ts';
import { DEVICE, GTIN, LOT, SERIALS, WAREHOUSE } from '../../../server/src/http/testing/seed.ts';

export const VOC = 'https://ref.gs1.org/voc/';
export const LINKSET_TYPE = 'application/linkset+json';

export interface Target {
  readonly href: string;
  readonly title?: string;
  readonly type?: string;
  readonly hreflang?: readonly string[];
  readonly [member: string]: unknown;
}

/** One context of a linkset with its relations apart from the rest. */
export interface Context {
  readonly anchor: string;
  readonly itemDescription?: string;
  readonly relations: ReadonlyMap<string, readonly Target[]>;
}

export interface World {
  readonly origin: string;
  readonly product: string;
  readonly lot: string;
  readonly unit: string;
  /** Every key that the seeded ledger holds, at every level. */
  readonly known: readonly string[];
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The linkset at a path, by `linkType=linkset`. */
  linkset(path: string): Promise<readonly Context[]>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;

export async function openResolver(options: Parameters<typeof openServer>[1] = {}): Promise<World> {
  // The node's own timers let a process end; this one stays until the server is closed.
  const alive = setInterval(() => undefined, TIMEOUT_MS);
  const server: OpenServer = await openServer({}, options).catch((error: unknown) => {
    clearInterval(alive);
    throw error;
  });
  const origin = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const product = `/01/${GTIN}`;
  const lot = `${product}/10/${encodeURIComponent(LOT)}`;
  const unit = `${lot}/21/${SERIALS[0]}`;
  const get = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, origin), {
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
    });
  return {
    origin,
    product,
    lot,
    unit,
    known: [product, lot, unit, `/414/${WAREHOUSE}`, `/8004/${DEVICE}`],
    fetch: get,
    async linkset(path) {
      const response = await get(`${path}?linkType=linkset`);
      expectThat(response.status === 200, `${path} gave ${response.status} for its linkset`);
      return contextsOf(await response.json());
    },
    async close() {
      await server.close();
      clearInterval(alive);
    },
  };
}

/** Throws unless the JSON has the shape of a linkset. */
export function contextsOf(json: unknown): readonly Context[] {
  const { linkset } = json as { linkset: Record<string, unknown>[] };
  return linkset.map(({ anchor, itemDescription, ...relations }) => ({
    anchor: String(anchor),
    ...(itemDescription === undefined ? {} : { itemDescription: String(itemDescription) }),
    relations: new Map(Object.entries(relations) as [string, Target[]][]),
  }));
}

/** All links of a linkset but the default ones, each with its link type. */
export function linksOf(contexts: readonly Context[]): readonly (Target & { relation: string })[] {
  return contexts.flatMap(({ relations }) =>
    [...relations].flatMap(([relation, targets]) =>
      relation === `${VOC}defaultLink` ? [] : targets.map((target) => ({ ...target, relation })),
    ),
  );
}

export function defaultsOf(contexts: readonly Context[]): readonly Target[] {
  return contexts.flatMap(({ relations }) => relations.get(`${VOC}defaultLink`) ?? []);
}

export function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
