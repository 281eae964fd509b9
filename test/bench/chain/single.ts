// The ledger of one node without network and without votes: its blocks are certified by the keys of a quorum at hand. What is left is
// what every validator does with every transaction.

import { join } from 'node:path';
import { encodeCertificate, encodeVote, type Profile, quorum } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { nodeDisk } from '@suyuan/durable';
import { type Ledger, openLedger, systemClock } from '@suyuan/server';
import { createTrade, type Trade, VALIDATORS } from './trade.ts';

export interface Cost {
  readonly elapsed_ms: number;
  readonly cpu_ms: number;
}

export interface BlockCost {
  readonly txs: number;
  readonly execute: Cost;
  readonly commit: Cost;
}

export interface SingleLedger {
  readonly trade: Trade;
  readonly ledger: Ledger;
  /** Takes them in as from a peer: decoded, verified and admitted. */
  receive(txs: readonly Uint8Array[]): Promise<Cost>;
  /** One block of what waits. */
  makeBlock(): Promise<BlockCost>;
  close(): Promise<void>;
}

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const AT_ONCE = 64;

export async function openSingle(directory: string, profile: Profile): Promise<SingleLedger> {
  const trade = createTrade(profile);
  const ledger = await openLedger({
    directory: join(directory, 'single'),
    genesisBytes: trade.genesis,
    crypto: nodeCrypto,
    clock: systemClock,
    logger: silent,
    disk: nodeDisk,
  });
  const { host } = ledger;
  const secrets = VALIDATORS.slice(0, quorum(VALIDATORS.length)).map((id) => trade.keys.get(id)!);

  function certify(blockHash: Uint8Array, slot: number): Uint8Array {
    const vote = { chainId: trade.chainId, epoch: 0, slot, blockHash };
    const message = encodeVote(vote);
    const signatures = secrets.map((secret, validator) => ({
      validator,
      signature: nodeCrypto.sign(secret, message),
    }));
    return encodeCertificate({ ...vote, signatures });
  }

  return {
    trade,
    ledger,
    receive: (txs) =>
      costOf(async () => {
        for (let at = 0; at < txs.length; at += AT_ONCE) {
          await Promise.all(txs.slice(at, at + AT_ONCE).map((tx) => host.receive(tx, 'peer')));
        }
      }),
    async makeBlock() {
      const { blockHash: parent, time_ms, height } = host.head();
      const execute = await costOf(async () =>
        host.propose({
          parent,
          proposer: VALIDATORS[0],
          time_ms: Math.max(Date.now(), time_ms + 1),
        }),
      );
      const { blockHash, txs } = execute.result;
      const certificate = certify(blockHash, height);
      const commit = await costOf(() => host.commit(blockHash, certificate));
      return { txs: txs.length, execute, commit };
    },
    async close() {
      ledger.shut();
      await ledger.close();
    },
  };
}

async function costOf<T>(act: () => Promise<T>): Promise<Cost & { readonly result: T }> {
  const cpu = process.cpuUsage();
  const start_ms = performance.now();
  const result = await act();
  const elapsed_ms = performance.now() - start_ms;
  const { user, system } = process.cpuUsage(cpu);
  return { result, elapsed_ms, cpu_ms: (user + system) / 1000 };
}
