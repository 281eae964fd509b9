// One transaction against the state: admission (may it stand in a block at all?), then its rule. A transaction that is
// admitted but refused by its rule stays in the block with its error code, and its idempotency key is spent.

import type { CryptoProvider, Hash } from '../crypto/types.ts';
import { bytesToHex, equalBytes } from '../encoding/bytes.ts';
import { AppError } from '../errors.ts';
import type { Account } from '../ledger/account.ts';
import { accountToValue } from '../ledger/account.ts';
import type { Receipt } from '../ledger/block.ts';
import type { Genesis } from '../ledger/genesis.ts';
import { type DecodedTx, verifyTx } from '../ledger/tx.ts';
import { BLOCK_READS_MAX, TX_VALIDITY_BLOCKS_MAX } from '../limits.ts';
import { accountKey, getAccount } from './accounts/record.ts';
import { RULES_KEY, rulesToValue } from './governance/rules-record.ts';
import { VALIDATORS_KEY, validatorSetToValue } from './governance/validator-set.ts';
import { requirePayload } from './payload-check.ts';
import { BASE_RULES, findAction } from './registry.ts';
import type {
  Effects,
  LedgerState,
  RuleContext,
  ScopeWrite,
  StateReader,
  StateWrite,
} from './types.ts';
import type { ActiveRules } from './versions.ts';

export interface ExecutionContext {
  readonly hash: Hash;
  readonly crypto: CryptoProvider;
  readonly chainId: Uint8Array;
  readonly height: number;
  readonly time_ms: number;
  readonly txId: Uint8Array;
  /** The rules in force at this height; those that a new ledger begins with unless given. */
  readonly rules?: ActiveRules;
  /** Entries that the transaction may read, BLOCK_READS_MAX unless given. */
  readonly reads_max?: number;
  /** The caller has verified the signature under this account's key already; skips doing it twice. */
  readonly verifiedSigner?: Account;
}

export function txKeyKey(account: string, idempotencyKey: Uint8Array): string {
  return `tx-keys/${account}/${bytesToHex(idempotencyKey)}`;
}

/** The state that the genesis begins with. */
export function genesisState(genesis: Genesis): StateWrite[] {
  const accounts = genesis.accounts.map((account) => ({
    key: accountKey(account.id),
    value: accountToValue(account),
  }));
  const set = { epoch: 0, from: 1, members: genesis.validators };
  return [
    ...accounts,
    { key: VALIDATORS_KEY, value: validatorSetToValue(set) },
    { key: RULES_KEY, value: rulesToValue({ version: genesis.rules, modules: [] }) },
  ];
}

/**
 * Returns the signer when the transaction may stand in a block at this height. Throws `tx/other-chain`, `tx/expired`,
 * `tx/valid-too-long`, `tx/unknown-signer`, `tx/frozen-signer`, `tx/duplicate-key` or `tx/bad-signature`.
 */
export function admitTx(state: StateReader, tx: DecodedTx, ctx: ExecutionContext): Account {
  if (!equalBytes(tx.chainId, ctx.chainId)) {
    throw new AppError(
      'tx/other-chain',
      'The transaction is for another ledger; sign it with this chain id.',
    );
  }
  if (tx.validUntilHeight < ctx.height) {
    throw new AppError(
      'tx/expired',
      'The transaction has expired; sign it again with a later validUntilHeight.',
      {
        height: ctx.height,
        validUntilHeight: tx.validUntilHeight,
      },
    );
  }
  if (tx.validUntilHeight > ctx.height + TX_VALIDITY_BLOCKS_MAX) {
    throw new AppError(
      'tx/valid-too-long',
      `validUntilHeight may lie ${TX_VALIDITY_BLOCKS_MAX} blocks ahead.`,
      {
        height: ctx.height,
      },
    );
  }
  const signer = getAccount(state, tx.signer);
  if (signer === undefined)
    throw new AppError('tx/unknown-signer', 'The signer has no account.', { id: tx.signer });
  if (signer.status !== 'active') {
    throw new AppError(
      'tx/frozen-signer',
      'The account of the signer is frozen; ask the regulator.',
      { id: tx.signer },
    );
  }
  if (state.get(txKeyKey(tx.signer, tx.idempotencyKey)) !== undefined) {
    throw new AppError(
      'tx/duplicate-key',
      'This idempotency key was used before; a new request needs a new key.',
    );
  }
  const verified = ctx.verifiedSigner;
  const known = verified !== undefined && sameKey(verified, signer);
  if (!known && !verifyTx(ctx.crypto, signer.key, tx)) {
    throw new AppError(
      'tx/bad-signature',
      'The signature does not verify under the key of the account.',
    );
  }
  return signer;
}

function sameKey(a: Account, b: Account): boolean {
  return (
    a.id === b.id &&
    a.key.suite === b.key.suite &&
    a.key.userId === b.key.userId &&
    equalBytes(a.key.bytes, b.key.bytes)
  );
}

/** Runs an admitted transaction. Throws as `admitTx` when it must not stand in a block; a refusal by its rule is in the receipt. */
export function executeTx(
  state: LedgerState,
  tx: DecodedTx,
  ctx: ExecutionContext,
): { receipt: Receipt; writes: StateWrite[]; scopes: readonly ScopeWrite[] } {
  const signer = admitTx(state, tx, ctx);
  const spent: StateWrite = {
    key: txKeyKey(tx.signer, tx.idempotencyKey),
    value: [ctx.txId, ctx.height],
  };
  try {
    const effects = applyRule(state, tx, ctx, signer);
    const receipt = { txId: ctx.txId, ok: true, code: '', events: effects.events };
    return { receipt, writes: [spent, ...effects.writes], scopes: effects.scopes ?? [] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error; // A bug in a rule: stop rather than fork.
    return {
      receipt: { txId: ctx.txId, ok: false, code: error.code, events: [] },
      writes: [spent],
      scopes: [],
    };
  }
}

/** What the rule would do, without admission. Throws the rule's AppError, `tx/too-heavy`, `rules/unknown-module`, `rules/unknown-action` or `rules/bad-payload`. */
export function applyRule(
  state: LedgerState,
  tx: DecodedTx,
  ctx: ExecutionContext,
  signer: Account,
): Effects {
  const { hash, crypto, chainId, height, time_ms, txId, rules = BASE_RULES } = ctx;
  const { noticeBlocks } = rules;
  const call: RuleContext['call'] = (from, module, name, payload) => {
    const action = findAction(module, name, rules);
    requirePayload(action, payload);
    const rule = { hash, crypto, chainId, height, time_ms, txId, signer, noticeBlocks, call };
    return action.apply(from, payload as never, rule);
  };
  return call(limitReads(state, ctx.reads_max), tx.module, tx.action, tx.payload);
}

/** A transaction reads no more than a block may hold, and is refused before it costs more. */
function limitReads(state: LedgerState, reads_max = BLOCK_READS_MAX): LedgerState {
  let reads = 0;
  const count = (more: number): void => {
    reads += more;
    if (reads <= reads_max) return;
    throw new AppError('tx/too-heavy', 'The transaction reads more than a block holds.');
  };
  return {
    get(key) {
      count(1);
      return state.get(key);
    },
    charge(more) {
      count(more);
      state.charge?.(more);
    },
    inScope: (recall, lotKey) => state.inScope(recall, lotKey),
  };
}
