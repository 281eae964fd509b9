// What an import asks of a node.

import { setTimeout as wait } from 'node:timers/promises';
import { asArray, asBytes, bytesToHex, decodeCbor, hexToBytes, txKeyKey } from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { ProblemError, requestJson } from '../http.ts';
import { hexOption } from '../io.ts';
import type { RowCall } from './row-call.ts';

export interface DryResult {
  readonly ok: boolean;
  readonly code: string;
  readonly message: string;
  readonly field?: string;
}

export interface Accepted {
  readonly txId: string;
  readonly height: number;
}

export interface LedgerDoor {
  readonly url: URL;
  chain(): Promise<{ readonly chainId: Uint8Array; readonly height: number }>;
  dryRun(signer: string, calls: readonly RowCall[]): Promise<DryResult[]>;
  /** Unit of the product; undefined when the ledger does not know it. */
  unitOf(gtin: string): Promise<string | undefined>;
  /** For each key what became of the transaction that spent it; undefined while none has. */
  spent(account: string, keys: readonly Uint8Array[]): Promise<(Spent | undefined)[]>;
  /** Throws ProblemError when it is refused, CliError when no answer came. */
  submit(tx: Uint8Array): Promise<Accepted>;
}

export interface Spent extends Accepted {
  readonly ok: boolean;
}

/** Keys asked for at once, and tries of one request while the node is busy or away. */
const KEYS_AT_ONCE = 64;
const TRIES = 5;
const PAUSE_MS = 1000;

export function createLedgerDoor(url: URL): LedgerDoor {
  const at = (path: string): URL => new URL(`/api/v1${path}`, url);
  const read = (path: string, init?: RequestInit) => patiently(() => requestJson(at(path), init));
  return {
    url,
    async chain() {
      const { chain } = await read('/status');
      const { genesis, height } = (chain ?? {}) as Record<string, unknown>;
      if (typeof genesis !== 'string' || typeof height !== 'number') throw notANode(url);
      return { chainId: hexOption(genesis, 'the chain id', 32), height };
    },
    async dryRun(signer, calls) {
      const body = {
        signer,
        calls: calls.map(({ module, action, payload }) => ({ module, action, payload })),
      };
      const { results } = await read('/transactions/dry-run', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!Array.isArray(results) || results.length !== calls.length) throw notANode(url);
      return results as DryResult[];
    },
    async unitOf(gtin) {
      try {
        const { unit } = await read(`/products/${encodeURIComponent(gtin)}`);
        return typeof unit === 'string' ? unit : undefined;
      } catch (error) {
        // What is wrong with it the rules will say.
        if (error instanceof ProblemError && error.status < 500) return undefined;
        throw error;
      }
    },
    async spent(account, keys) {
      const found: (Spent | undefined)[] = [];
      for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
        const names = keys.slice(from, from + KEYS_AT_ONCE).map((key) => txKeyKey(account, key));
        const query = names.map((name) => `key=${encodeURIComponent(name)}`).join('&');
        const { entries } = await read(`/proofs/state?${query}`);
        if (!Array.isArray(entries)) throw notANode(url);
        const values = new Map(
          (entries as { key: string; value: string | null }[]).map((e) => [e.key, e.value]),
        );
        for (const name of names) found.push(await spentBy(read, values.get(name)));
      }
      return found;
    },
    async submit(tx) {
      const { txId, height } = await patiently(() =>
        requestJson(at('/transactions'), {
          method: 'POST',
          headers: { 'content-type': 'application/cose' },
          body: tx,
        }),
      );
      if (typeof txId !== 'string' || typeof height !== 'number') throw notANode(url);
      return { txId, height };
    },
  };
}

async function spentBy(
  read: (path: string) => Promise<Record<string, unknown>>,
  value: string | null | undefined,
): Promise<Spent | undefined> {
  if (value === null || value === undefined) return undefined;
  const [id] = asArray(decodeCbor(hexToBytes(value)), 'spent key', 2, 2);
  const txId = bytesToHex(asBytes(id, 'transaction id', 32));
  const { height, receipt } = await read(`/transactions/${txId}`);
  const { ok } = (receipt ?? {}) as Record<string, unknown>;
  return { txId, height: Number(height), ok: ok === true };
}

/** The same again while the node is busy: every request of an import may be repeated. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = TRIES; ; left--) {
    try {
      return await ask();
    } catch (error) {
      const isBusy = error instanceof ProblemError && (error.status === 429 || error.status >= 503);
      if (!isBusy || left <= 1) throw error;
      await wait(PAUSE_MS);
    }
  }
}

function notANode(url: URL): CliError {
  return new CliError(`${url.origin} did not answer as expected; is it a Suyuan node?`);
}
