// A scope that is both computed by the node and collected here from proofs: only where the two agree is it shown as checked, or signed.

import { bytesToHex, isProfile, profileHash, RECALL_SEEDS_MAX, scopeRoot } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError } from '../errors.ts';
import { requestJson } from '../http.ts';
import { chainOf } from '../submit.ts';
import type { Sums } from '../trace/amounts.ts';
import { DOES_NOT_HOLD } from '../trace/prove.ts';
import { seedOf } from '../trace/source.ts';
import { collectScope, proverOf, type ScopedLot, type ScopeQuestion } from './collect.ts';

export interface HolderShare {
  readonly account: string;
  readonly lots: number;
  readonly due: Sums;
}

export interface CheckedScope {
  readonly question: ScopeQuestion;
  /** 32 bytes: computed here, and the same as the node's. */
  readonly root: Uint8Array;
  readonly lots: ReadonlyMap<string, ScopedLot>;
  /** As the node says. */
  readonly holders: readonly HolderShare[];
  readonly due: Sums;
  readonly height: number;
}

/** While trade goes on, a block may fall between the proofs and the node's own answer. */
const ATTEMPTS_MAX = 4;

/** Throws CliError. */
export function questionOf(options: {
  readonly seed: readonly string[];
  readonly siblings?: true;
  readonly ancestors?: true;
}): ScopeQuestion {
  const seeds = options.seed.map(seedOf);
  if (seeds.length > RECALL_SEEDS_MAX)
    throw new CliError(`a recall has at most ${RECALL_SEEDS_MAX} seed lots; open several`);
  if (new Set(options.seed).size !== seeds.length) throw new CliError('name each seed lot once');
  return {
    seeds,
    siblings: options.siblings ?? false,
    ancestors: options.ancestors ?? false,
  };
}

/**
 * Throws CliError: with exit code 2 when what the node proves and what it computes stay apart, which an honest node on a quiet
 * ledger never shows.
 */
export async function checkedScope(
  server: URL,
  pin: Uint8Array,
  question: ScopeQuestion,
): Promise<CheckedScope> {
  const { chainId, profile } = await chainOf(server);
  if (bytesToHex(chainId) !== bytesToHex(pin)) {
    throw new CliError(
      `${server.origin} runs another ledger than the pinned one: ${bytesToHex(chainId)}`,
      DOES_NOT_HOLD,
    );
  }
  if (!isProfile(profile)) throw new CliError(`this program does not know the profile ${profile}`);
  const hash = profileHash(nodeCrypto, profile);
  let said = 0;
  let found = 0;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const answer = await askedScope(server, question);
    const lots = await collectScope(proverOf(server, pin), question);
    const root = scopeRoot(hash, lots.keys());
    if (bytesToHex(root) === answer.root) {
      const { holders, due, height } = answer;
      return { question, root, lots, holders, due, height };
    }
    said = answer.count;
    found = lots.size;
  }
  throw new CliError(
    `THE SCOPE DOES NOT HOLD: the node computes ${said} lots, its own proofs show ${found}. If the holders keep making lots, freeze them first; otherwise ask another node`,
    DOES_NOT_HOLD,
  );
}

async function askedScope(server: URL, question: ScopeQuestion) {
  const answer = await requestJson(new URL('/api/v1/recalls/scope', server), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question),
  });
  const { root, count, height, holders, due } = answer;
  if (typeof root !== 'string' || typeof count !== 'number' || !Array.isArray(holders))
    throw new CliError(`${server.origin} did not answer with a scope; is it a Suyuan node?`);
  return {
    root,
    count,
    height: Number(height),
    holders: holders as HolderShare[],
    due: due as Sums,
  };
}
