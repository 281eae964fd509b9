// Those who send transactions and remember what they were told.

import { isAppError } from '@suyuan/contracts';
import type { ChainOracle } from '../invariants/chain.ts';
import { Violation } from '../invariants/violation.ts';
import type { Trace } from '../kernel/trace.ts';
import type { SignedTx } from './ledger.ts';
import type { Machine } from './machine.ts';

interface Sent {
  readonly tx: SignedTx;
  /** The one node it was given to, which has run ever since; undefined if it goes to any. */
  readonly keeper: Machine | undefined;
  settled: boolean;
  refusal: string;
  attempts: number;
}

export interface Clients {
  /** Hands a transaction in. With `keep` it is given to this one node and never again. */
  send(tx: SignedTx, to: Machine, keep?: boolean): void;
  /** Remembers it for `retry`: no node runs that would take it. */
  keep(tx: SignedTx): void;
  /** Hands what has no answer yet to another node. */
  retry(pick: () => Machine | undefined, most: number): void;
  /** Checks the receipts that came in since. Throws Violation. */
  check(): void;
  /** A process died: what it kept is lost. */
  lost(machine: Machine): void;
  /** Accepted transactions that are neither in the chain nor provably expired, in words. */
  open(): string[];
  /** The one node that had it went down, or refused it. */
  isLost(id: string): boolean;
  readonly count: number;
  readonly settledCount: number;
}

/** Refusals after which the same bytes may be taken another time, or elsewhere. */
const AGAIN = new Set(['tx/mempool-full', 'tx/too-many-waiting', 'node/stopped', 'tx/expired']);

export function createClients(oracle: ChainOracle, trace: Trace): Clients {
  const all = new Map<string, Sent>();
  const receipts: { readonly id: string; readonly height: number; readonly from: number }[] = [];
  let settledCount = 0;

  function hand(sent: Sent, to: Machine): void {
    sent.attempts += 1;
    const { id, bytes } = sent.tx;
    to.submit(bytes).then(
      ({ height }) => receipts.push({ id, height, from: to.instance }),
      (error: unknown) => {
        const code = isAppError(error) ? error.code : String(error);
        trace.note(
          'refuses',
          to.instance,
          sent.attempts,
          () => `${to.instance} refuses ${id.slice(0, 8)}: ${code}`,
        );
        if (!AGAIN.has(code)) sent.refusal = code;
      },
    );
  }

  function enter(tx: SignedTx, keeper: Machine | undefined): Sent {
    const sent: Sent = { tx, keeper, settled: false, refusal: '', attempts: 0 };
    all.set(tx.id, sent);
    return sent;
  }

  function settle(sent: Sent): void {
    if (sent.settled) return;
    sent.settled = true;
    settledCount += 1;
  }

  function isOver(sent: Sent): boolean {
    const height = oracle.heightOf(sent.tx.id);
    if (height === undefined && oracle.height < sent.tx.validUntilHeight) return false;
    settle(sent);
    return true;
  }

  return {
    send(tx, to, keep = false) {
      const found = all.get(tx.id);
      if (found !== undefined) return hand(found, to);
      hand(enter(tx, keep ? to : undefined), to);
    },
    keep: (tx) => void enter(tx, undefined),
    retry(pick, most) {
      let left = most;
      for (const sent of all.values()) {
        if (left <= 0) return;
        if (sent.settled || sent.keeper !== undefined || isOver(sent)) continue;
        const to = pick();
        if (to === undefined) return;
        hand(sent, to);
        left -= 1;
      }
    },
    check() {
      for (const receipt of receipts.splice(0)) {
        const { id, height, from } = receipt;
        // Who gave it may have died with the block on its disk, before anyone looked.
        if (oracle.height < height) {
          receipts.push(receipt);
          continue;
        }
        const at = oracle.heightOf(id);
        if (at !== height) {
          throw new Violation(
            'acknowledged',
            `node ${from} gave a receipt for ${id.slice(0, 8)} in block ${height}; it stands ${at === undefined ? 'nowhere' : `in block ${at}`}`,
          );
        }
        const sent = all.get(id)!;
        if (height > sent.tx.validUntilHeight)
          throw new Violation(
            'acknowledged',
            `${id.slice(0, 8)} stands in block ${height} after it expired`,
          );
        settle(sent);
      }
    },
    lost(machine) {
      for (const sent of all.values())
        if (sent.keeper === machine) sent.refusal = 'lost with its node';
    },
    open: () =>
      [...all.values()]
        .filter((sent) => !sent.settled && !isOver(sent) && sent.refusal === '')
        .map(
          ({ tx, keeper, attempts }) =>
            `${tx.id.slice(0, 8)} valid until ${tx.validUntilHeight}, ${keeper === undefined ? `handed in ${attempts} times` : `kept by ${keeper.instance}`}`,
        ),
    isLost: (id) => (all.get(id)?.refusal ?? '') !== '',
    get count() {
      return all.size;
    },
    get settledCount() {
      return settledCount;
    },
  };
}
