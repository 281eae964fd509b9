// A demo lived through by `suyuan start` in a process of its own, asked as anybody may ask it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Claim, hexToBytes, type Reveals, type ScanHistory } from '@suyuan/contracts';
import { expect } from 'vitest';
import { type SuyuanProcess, startSuyuan } from './child.ts';
import { suyuan } from './cli.ts';
import { fetchVerdict } from './fetch-verdict.ts';

export interface DemoSeason {
  readonly house: SuyuanProcess;
  /** Path of what the demo's last lines name. */
  story(name: string): string;
  /** What a buyer's phone makes of a unit. */
  claims(name: string): Promise<readonly Claim[]>;
  json<T>(path: string): Promise<T>;
  /** Signs with a key of the house and submits; gives the exit code and the words. */
  submit(
    signer: string,
    module: string,
    action: string,
    payloadFile: string,
  ): Promise<{ readonly code: number | null; readonly words: string }>;
}

export interface Transaction {
  readonly module: string;
  readonly action: string;
  readonly signer: string;
  readonly height: number;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly receipt: { readonly ok: boolean; readonly code: string };
}

export interface RecallRecord {
  readonly status: string;
  readonly mock: boolean;
  readonly level: number;
  readonly openedAt: number;
  readonly closedAt?: number;
  readonly holders: number;
  readonly acknowledged: number;
  readonly reconciled_permille: number;
  readonly scope: { readonly count: number };
  readonly due: { readonly g: number };
  readonly reported: { readonly g: number };
  readonly startDue: number;
  readonly finishDue: number;
  readonly uncalendared?: true;
}

export interface Scans extends ScanHistory {
  readonly reveals: Reveals | null;
}

export async function liveDemo(data: string, args: readonly string[]): Promise<DemoSeason> {
  const house = await startSuyuan(['--data', data, '--consensus', 'simplex', ...args]);
  await house.seen(/stop with Ctrl-C/);
  const { stories } = JSON.parse(readFileSync(join(data, 'demo-season.json'), 'utf8')) as {
    stories: Readonly<Record<string, string>>;
  };
  const story = (name: string): string => {
    const path = stories[name];
    if (path === undefined) throw new Error(`the demo has told nothing of ${name}`);
    return path;
  };
  let seed = 1;
  const chance = (): number => {
    // Any picks will do; the same ones at each run.
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed;
  };
  return {
    house,
    story,
    async claims(name) {
      const pin = hexToBytes(house.genesis);
      const { verdict } = await fetchVerdict(house.url, story(name), pin, chance);
      return verdict.claims;
    },
    async json<T>(path: string) {
      const response = await fetch(`${house.url}${path}`);
      expect(response.status, path).toBe(200);
      return (await response.json()) as T;
    },
    async submit(signer, module, action, payloadFile) {
      const key = join(data, 'keys', `${signer}.json`);
      const { code, stdout, stderr } = await suyuan([
        ...['tx', 'submit', '--key', key, '--module', module, '--action', action],
        ...['--payload', payloadFile, '--server', house.url],
      ]);
      return { code, words: `${stdout}${stderr}` };
    },
  };
}

/** The claims of one kind. */
export function of<K extends Claim['kind']>(
  claims: readonly Claim[],
  kind: K,
): Extract<Claim, { kind: K }>[] {
  return claims.filter((claim): claim is Extract<Claim, { kind: K }> => claim.kind === kind);
}
