// A trade by the real rules whose transactions are told as EPCIS events at once, for tests.

import { portableCrypto } from '../../../crypto/portable.ts';
import { utf8ToBytes } from '../../../encoding/bytes.ts';
import type { CborObject } from '../../../encoding/types.ts';
import type { RuleBench } from '../../../testing/rule-bench.ts';
import { createTrade } from '../../../testing/trade.ts';
import { type LedgerTx, ledgerEvents } from '../ledger-event.ts';
import type { EpcisEvent } from '../types.ts';

const hash = portableCrypto.hash('sha256');

export interface Told {
  readonly tx: LedgerTx;
  readonly events: readonly EpcisEvent[];
}

export interface Telling {
  readonly bench: RuleBench;
  /** All that was done, in its order. */
  readonly told: readonly Told[];
  /** Does it, and gives its events. */
  act(signer: string, name: string, payload: CborObject): EpcisEvent[];
}

export function telling(): Telling {
  const bench = createTrade();
  const told: Told[] = [];
  const act: Telling['act'] = (signer, name, payload) => {
    const { events } = bench.must(signer, name, payload);
    const [module = '', action = ''] = name.split('.');
    const tx: LedgerTx = {
      chainId: bench.chainId,
      txId: hash(utf8ToBytes(`tx ${bench.height}`)),
      height: bench.height,
      time_ms: bench.time_ms,
      signer,
      module,
      action,
      payload,
      idempotencyKey: hash(utf8ToBytes(`key ${bench.height}`)).subarray(0, 16),
      events,
    };
    const mapped = ledgerEvents(tx, bench.state);
    told.push({ tx, events: mapped });
    return mapped;
  };
  return { bench, told, act };
}
