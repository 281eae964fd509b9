// A recall as a node tells of it.

import { CliError } from '../errors.ts';
import { requestJson } from '../http.ts';
import type { Sums } from '../trace/amounts.ts';

export interface ToldNotice {
  readonly kind: string;
  readonly state: string;
  readonly attempts?: number;
}

export interface ToldHolder {
  readonly account: string;
  readonly lots: number;
  readonly due: Sums;
  readonly acknowledgedAt?: number;
  readonly reportedAt?: number;
  readonly recovered: Sums;
  readonly destroyed: Sums;
  readonly sold: Sums;
  readonly notices: readonly ToldNotice[];
}

export interface ToldRecall {
  readonly id: string;
  readonly level: number;
  readonly mock: boolean;
  readonly reason: string;
  readonly opener: string;
  readonly openedAt: number;
  readonly status: 'open' | 'closed';
  readonly closedAt?: number;
  readonly due: Sums;
  readonly reported: Sums;
  readonly holders: number;
  readonly acknowledged: number;
  readonly scope: { readonly count: number };
  readonly seeds: readonly { readonly gtin: string; readonly lot: string }[];
  readonly startDue?: number;
  readonly finishDue?: number;
  readonly uncalendared?: true;
  readonly shortfall?: Sums & { readonly reason: string };
  readonly countdown: { readonly start_ms: number | null; readonly finish_ms: number | null };
}

export type WholeRecall = ToldRecall & { readonly holderRecords: readonly ToldHolder[] };

/** Throws CliError when there is none of that id. */
export async function recallOf(server: URL, id: string): Promise<WholeRecall> {
  const record = await requestJson(recallUrl(server, id));
  if (record.id !== id || !Array.isArray(record.holderRecords))
    throw new CliError(`${server.origin} did not answer with a recall; is it a Suyuan node?`);
  return record as unknown as WholeRecall;
}

export function recallUrl(server: URL, id: string): URL {
  return new URL(`/api/v1/recalls/${encodeURIComponent(id)}`, server);
}
