// What calls would meet if they stood in the next block, one upon the other: nothing is written and nothing is signed.

import {
  type ActiveRules,
  AppError,
  applyRule,
  type CborValue,
  type CryptoProvider,
  getAccount,
  type Hash,
  isAppError,
  type LedgerState,
  payloadFromJson,
  standsAlone,
} from '@suyuan/contracts';
import { nextTurn } from '../storage/log-levels.ts';

export interface DryCall {
  readonly module: string;
  readonly action: string;
  /** JSON; bytes are hex. */
  readonly payload: unknown;
}

export interface DryResult {
  readonly ok: boolean;
  /** Empty when ok. */
  readonly code: string;
  readonly message: string;
  /** Of the payload, where the refusal names one. */
  readonly field?: string;
}

export interface DryRunParts {
  readonly hash: Hash;
  readonly crypto: CryptoProvider;
  readonly chainId: Uint8Array;
  /** Of the block that the calls would stand in. */
  readonly height: number;
  readonly time_ms: number;
  /** In force in that block. */
  readonly rules: ActiveRules;
  /** A clock that only moves on. */
  readonly elapsed_ms: () => number;
}

/** Other requests come between slices. */
const SLICE_MS = 8;
/** A held moment of the database keeps its pages. */
const RUN_MS_MAX = 60_000;
/** State entries that all calls of one run may read and write together: what the largest import needs, several times. */
const READS_MAX = 2_000_000;
const WRITES_MAX = 200_000;

/**
 * Runs the calls as `signer`, each over the state that the accepted ones before it would leave. A refused call leaves nothing, and those after it are
 * judged without it. Throws `tx/unknown-signer`, `tx/frozen-signer` or `http/busy`.
 */
export async function dryRun(
  state: LedgerState,
  signer: string,
  calls: readonly DryCall[],
  parts: DryRunParts,
): Promise<DryResult[]> {
  const account = getAccount(state, signer);
  if (account === undefined) {
    throw new AppError('tx/unknown-signer', 'The signer has no account.', { id: signer });
  }
  if (account.status !== 'active') {
    throw new AppError(
      'tx/frozen-signer',
      'The account of the signer is frozen; ask the regulator.',
      { id: signer },
    );
  }
  const { hash, crypto, chainId, height, time_ms, rules, elapsed_ms } = parts;
  const overlay = createOverlay(state);
  const run = ({ module, action, payload }: DryCall, index: number): void => {
    if (module === 'batch') {
      throw new AppError('batch/nested', 'A dry run takes plain actions, no batches.');
    }
    if (standsAlone(module, action)) {
      throw new AppError(
        'batch/not-here',
        `A dry run takes no ${module}.${action}; ask /api/v1/recalls/scope what a recall would reach.`,
      );
    }
    const none = new Uint8Array();
    const tx = {
      ...{ chainId, module, action, payload: payloadFromJson(module, action, payload, rules) },
      ...{ idempotencyKey: new Uint8Array(16), validUntilHeight: height },
      ...{ bytes: none, signer, suite: account.key.suite, signedBytes: none, signature: none },
    };
    const txId = new Uint8Array(32);
    new DataView(txId.buffer).setUint32(28, index);
    const context = { hash, crypto, chainId, height, time_ms, txId, rules };
    overlay.write(applyRule(overlay.state, tx, context, account));
  };

  const results: DryResult[] = [];
  const until_ms = elapsed_ms() + RUN_MS_MAX;
  let slice_ms = elapsed_ms();
  for (const [index, call] of calls.entries()) {
    results.push(resultOf(() => run(call, index)));
    const now_ms = elapsed_ms();
    if (now_ms > until_ms) {
      throw new AppError('http/busy', 'The dry run takes too long; send fewer calls at once.');
    }
    if (now_ms - slice_ms < SLICE_MS) continue;
    await nextTurn();
    slice_ms = elapsed_ms();
  }
  return results;
}

function resultOf(run: () => void): DryResult {
  try {
    run();
    return { ok: true, code: '', message: '' };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { field } = error.details;
    return {
      ok: false,
      code: error.code,
      message: error.message,
      ...(typeof field === 'string' ? { field } : {}),
    };
  }
}

type Effects = ReturnType<typeof applyRule>;

/** The committed state with what accepted calls wrote over it. */
function createOverlay(state: LedgerState): { state: LedgerState; write(effects: Effects): void } {
  const written = new Map<string, CborValue | null>();
  let reads = 0;
  return {
    state: {
      get(key) {
        reads += 1;
        if (reads > READS_MAX) throw tooHeavy();
        const value = written.get(key);
        if (value === undefined) return state.get(key);
        return value === null ? undefined : value;
      },
      charge(more) {
        reads += more;
        if (reads > READS_MAX) throw tooHeavy();
      },
      inScope: (recall, lotKey) => state.inScope(recall, lotKey),
    },
    write({ writes }) {
      if (written.size + writes.length > WRITES_MAX) throw tooHeavy();
      for (const { key, value } of writes) written.set(key, value);
    },
  };
}

function tooHeavy(): AppError {
  return new AppError(
    'tx/too-heavy',
    'The calls of this dry run read or write more than one may; send fewer at once.',
  );
}
