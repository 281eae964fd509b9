// Rules without signatures, blocks and trees: an action against a state in memory, thousands of times a second. Payloads and
// values pass through CBOR as on a ledger, and a refused action writes nothing.

import { portableCrypto } from '../crypto/portable.ts';
import type { SecretKey } from '../crypto/types.ts';
import { utf8ToBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import type { CborObject, CborValue } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import { type Account, accountToValue, type Role } from '../ledger/account.ts';
import type { DecodedTx } from '../ledger/tx.ts';
import { accountKey } from '../rules/accounts/record.ts';
import { applyRule } from '../rules/execute.ts';
import type { Effects, LedgerState, StateWrite } from '../rules/types.ts';
import { testSecret } from './test-chain.ts';

export interface RuleBench {
  readonly chainId: Uint8Array;
  readonly state: LedgerState;
  readonly time_ms: number;
  readonly height: number;
  /** Every key of the state. */
  keys(): IterableIterator<string>;
  addAccount(id: string, roles: readonly Role[]): void;
  keyOf(id: string): SecretKey;
  /** Runs an action in a block of its own. Returns the code of its refusal, or the empty text. */
  run(signer: string, action: string, payload: CborObject): string;
  /** As `run`, for what must succeed. Throws Error naming the code. */
  must(signer: string, action: string, payload: CborObject): Effects;
  /** Puts a value where a rule would; for records of rules that the test is not about. */
  put(write: StateWrite): void;
  advance(by_ms: number): void;
  /** An independent copy. */
  fork(): RuleBench;
}

interface Snapshot {
  readonly values: ReadonlyMap<string, Uint8Array>;
  readonly scopes: ReadonlyMap<string, ReadonlySet<string>>;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly time_ms: number;
  readonly height: number;
}

const EMPTY: Snapshot = {
  values: new Map(),
  scopes: new Map(),
  accounts: new Map(),
  time_ms: 1_760_000_000_000,
  height: 1,
};

/** An empty state; `run` names actions as `module.action`. */
export function createRuleBench(from: Snapshot = EMPTY): RuleBench {
  const hash = portableCrypto.hash('sha256');
  const chainId = hash(utf8ToBytes('rule bench'));
  const values = new Map(from.values);
  const scopes = new Map(from.scopes);
  const accounts = new Map(from.accounts);
  let { time_ms, height } = from;

  const state: LedgerState = {
    get: (key) => {
      const bytes = values.get(key);
      return bytes === undefined ? undefined : decodeCbor(bytes);
    },
    inScope: (recall, key) => scopes.get(recall)?.has(key) === true,
  };
  const put = ({ key, value }: StateWrite) => {
    if (value === null) values.delete(key);
    else values.set(key, encodeCbor(value));
  };

  function apply(signer: string, action: string, payload: CborObject): Effects {
    const [module = '', name = ''] = action.split('.');
    const account = accounts.get(signer);
    if (account === undefined) throw new Error(`rule bench: no account ${signer}`);
    height += 1;
    time_ms += 1;
    const received = decodeCbor(encodeCbor(payload)) as CborObject;
    const tx = { module, action: name, payload: received } as unknown as DecodedTx;
    const txId = hash(utf8ToBytes(`tx ${height}`));
    const ctx = { hash, crypto: portableCrypto, chainId, height, time_ms, txId };
    const effects = applyRule(state, tx, ctx, account);
    const keys = effects.writes.map(({ key }) => key);
    if (new Set(keys).size !== keys.length) throw new Error(`rule bench: ${action} writes twice`);
    effects.writes.forEach(put);
    for (const { recall, lots } of effects.scopes ?? []) {
      if (lots === null) scopes.delete(recall);
      else scopes.set(recall, new Set(lots));
    }
    for (const { data } of effects.events) encodeCbor(data);
    return effects;
  }

  return {
    chainId,
    state,
    keys: () => values.keys(),
    keyOf: (id) => testSecret('ed25519', id),
    addAccount(id, roles) {
      const key = portableCrypto.publicKeyOf(testSecret('ed25519', id));
      const account: Account = { id, roles, name: { zh: id, en: id }, key, status: 'active' };
      accounts.set(id, account);
      put({ key: accountKey(id), value: accountToValue(account) as CborValue });
    },
    run(signer, action, payload) {
      try {
        apply(signer, action, payload);
        return '';
      } catch (error) {
        if (error instanceof AppError) return error.code;
        throw error;
      }
    },
    must: apply,
    put,
    advance(by_ms) {
      time_ms += by_ms;
    },
    fork: () => createRuleBench({ values, scopes, accounts, time_ms, height }),
    get time_ms() {
      return time_ms;
    },
    get height() {
      return height;
    },
  };
}
