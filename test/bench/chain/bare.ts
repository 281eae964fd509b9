// The limit beside the chain: the same transactions verified and executed on one core, with the state in a map and nothing else.

import {
  type CborValue,
  decodeTx,
  executeTx,
  genesisState,
  openGenesis,
  type Profile,
  profileHash,
  txId,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { createTrade, GROWERS } from './trade.ts';

export interface BareCost {
  readonly tx_per_s: number;
  /** Processor time. */
  readonly us_per_tx: number;
}

export function bareCost(profile: Profile, lots: number): BareCost {
  const trade = createTrade(profile);
  const hash = profileHash(nodeCrypto, profile);
  const { genesis, chainId } = openGenesis(nodeCrypto, trade.genesis);
  const values = new Map<string, CborValue>();
  const put = (writes: readonly { readonly key: string; readonly value: CborValue | null }[]) => {
    for (const { key, value } of writes) {
      if (value === null) values.delete(key);
      else values.set(key, value);
    }
  };
  const state = { get: (key: string) => values.get(key), inScope: () => false };

  function run(txs: readonly Uint8Array[]): void {
    for (const bytes of txs) {
      const tx = decodeTx(bytes);
      const context = {
        crypto: nodeCrypto,
        hash,
        chainId,
        height: 1,
        time_ms: genesis.time_ms + 1,
      };
      const { receipt, writes } = executeTx(state, tx, { ...context, txId: txId(hash, tx) });
      if (!receipt.ok) throw new Error(`a transaction was refused: ${receipt.code}`);
      put(writes);
    }
  }

  put(genesisState(genesis));
  run(trade.beginnings());
  for (let grower = 0; grower < GROWERS; grower += 1) run(trade.settle(grower));
  run(Array.from({ length: GROWERS }, (_, i) => trade.lot(i, 0)).flat());
  const txs = Array.from({ length: lots }, (_, i) => trade.lot(i % GROWERS, i + 1)).flat();
  const cpu = process.cpuUsage();
  const start_ms = performance.now();
  run(txs);
  const elapsed_ms = performance.now() - start_ms;
  const { user, system } = process.cpuUsage(cpu);
  return { tx_per_s: (txs.length * 1000) / elapsed_ms, us_per_tx: (user + system) / txs.length };
}
