// A ledger for tests of this room: one process, no blocks on disk, the real rules for anchors. The real one is in `server`.

import {
  type BlockNotice,
  type CborValue,
  type CryptoProvider,
  decodeTx,
  executeTx,
  type LedgerPort,
  type LedgerState,
  type Profile,
  type PublicKey,
  profileHash,
  publicKeyToValue,
  type ReceiptView,
  txId,
} from '@suyuan/contracts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export interface MemoryLedger extends LedgerPort {
  /** Writes a state key as if a block had. */
  put(key: string, value: CborValue): void;
  /** While true, submissions wait. */
  paused: boolean;
  /** Lets waiting submissions through. */
  resume(): void;
}

export function createMemoryLedger(
  crypto: CryptoProvider,
  profile: Profile,
  now_ms: () => number,
): MemoryLedger {
  const hash = profileHash(crypto, profile);
  const chainId = hash(new TextEncoder().encode('a ledger of the gateway tests'));
  const state = new Map<string, CborValue>();
  const scopes = new Map<string, ReadonlySet<string>>();
  const receipts = new Map<string, ReceiptView>();
  const listeners = new Set<(notice: BlockNotice) => void>();
  const waiting: (() => void)[] = [];
  let height = 1;

  function commit(changedKeys: string[]): void {
    height += 1;
    for (const listener of listeners) listener({ height, time_ms: now_ms(), changedKeys });
  }

  const ledger: MemoryLedger = {
    chainId,
    profile,
    paused: false,
    resume() {
      ledger.paused = false;
      for (const go of waiting.splice(0)) go();
    },
    put(key, value) {
      state.set(key, value);
      commit([key]);
    },
    height: () => height,
    read: (key) => state.get(key),
    async submit(bytes) {
      while (ledger.paused) await new Promise<void>((go) => waiting.push(go));
      const tx = decodeTx(bytes);
      const id = txId(hash, tx);
      const known = receipts.get(hex(id));
      if (known !== undefined) return known;
      const time_ms = now_ms();
      const context = { hash, crypto, chainId, height: height + 1, time_ms, txId: id };
      const reader: LedgerState = {
        get: (key) => state.get(key),
        inScope: (recall, lotKey) => scopes.get(recall)?.has(lotKey) === true,
      };
      const { receipt, writes, scopes: opened } = executeTx(reader, tx, context);
      for (const { recall, lots } of opened) scopes.set(recall, new Set(lots));
      for (const { key, value } of writes) {
        if (value === null) state.delete(key);
        else state.set(key, value);
      }
      const view: ReceiptView = {
        txId: id,
        ok: receipt.ok,
        code: receipt.code,
        height: height + 1,
        time_ms,
      };
      receipts.set(hex(id), view);
      commit(writes.map(({ key }) => key));
      return view;
    },
    receipt: (id) => receipts.get(hex(id)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return ledger;
}

/** Puts a gateway account into the state. */
export function putGatewayAccount(ledger: MemoryLedger, id: string, key: PublicKey): void {
  ledger.put(`accounts/${id}`, {
    id,
    roles: ['gateway'],
    name: { zh: '网关', en: 'Gateway' },
    key: publicKeyToValue(key),
    status: 'active',
  });
}

/** Puts a device into the state. */
export function putDevice(
  ledger: MemoryLedger,
  id: string,
  key: PublicKey,
  status: 'active' | 'revoked' = 'active',
  assignments: readonly { from: number; to?: number }[] = [{ from: 0 }],
): void {
  ledger.put(`devices/${id}`, {
    id,
    key: publicKeyToValue(key),
    holder: 'grower',
    interval_s: 3600,
    status,
    quantities: ['temperature', 'humidity'],
    assignments: assignments.map((times) => ({ place: '0614141000012', ...times })),
    registeredBy: 'grower',
  });
}
