// The desk at which a buyer shows the code under the scratch layer. The code is held against the unit's commitment here first:
// what reaches the ledger is a right code, and once for each unit, so nobody floods it through this door.

import {
  AppError,
  asBytes,
  asObject,
  asUint,
  equalBytes,
  type Hash,
  hiddenCommitment,
  isAppError,
  type ReceiptView,
  type Reveals,
  revealKey,
  type UnitProof,
} from '@suyuan/contracts';
import { Lru } from '../bundle/lru.ts';
import type { LedgerNode } from '../http/ports.ts';
import { type UnitKey, unitText } from '../scans/store.ts';
import type { RevealCarrier } from './carrier.ts';
import type { RevealStore } from './store.ts';

/** A right code of the same phone within this time is the same reveal told again: an answer was lost, a page was opened anew. */
const SAME_VISITOR_MS = 60 * 60_000;
const VISITORS_MAX = 20_000;
/** Reveals on their way to a block. */
const CARRIED_MAX = 64;

/** The one reveal of a unit, as the ledger has it. */
export interface Revealed {
  readonly at_ms: number;
  /** 32 bytes. */
  readonly txId: Uint8Array;
}

export interface Shown extends Revealed {
  /** First: by this request. Same: by this visitor, a short while ago. Again: by somebody else, or long ago. */
  readonly outcome: 'first' | 'same' | 'again';
  readonly again: number;
}

export interface RevealDesk {
  /** Null where the unit's labels have no hidden code. */
  revealsOf(unit: UnitKey, proof: UnitProof): Reveals | null;
  /** Throws `labels/no-hidden-code` or `labels/wrong-code`; changes nothing. */
  assertRight(unit: UnitKey, proof: UnitProof, code: string): void;
  /** Of a right code. Throws `reveals/no-carrier`, `reveals/not-carried`, `http/busy`, and the codes of the rule. */
  show(unit: UnitKey, proof: UnitProof, code: string, visitor: string): Promise<Shown>;
}

export interface RevealDeskParts {
  readonly node: Pick<LedgerNode, 'read'>;
  readonly hash: Hash;
  readonly store: RevealStore;
  readonly carrier?: RevealCarrier | undefined;
  readonly elapsed_ms: () => number;
}

export function createRevealDesk(parts: RevealDeskParts): RevealDesk {
  const { node, hash, store, carrier, elapsed_ms } = parts;
  const carried = new Map<string, Promise<ReceiptView>>();
  const visits = new Lru<{ readonly at_ms: number; readonly outcome: 'same' | 'again' }>(
    VISITORS_MAX,
  );

  const revealedOf = ({ gtin, lot, serial }: UnitKey): Revealed | undefined => {
    const value = node.read(revealKey(gtin, lot, serial));
    if (value === undefined) return undefined;
    const record = asObject(value, 'reveal');
    return { at_ms: asUint(record.at, 'at'), txId: asBytes(record.tx, 'tx', 32) };
  };

  /** Of a unit that the ledger has as revealed. */
  async function shownAgain(unit: UnitKey, visit: string, revealed: Revealed): Promise<Shown> {
    const before = visits.get(visit);
    if (before !== undefined && elapsed_ms() - before.at_ms < SAME_VISITOR_MS) {
      return { ...revealed, outcome: before.outcome, again: store.again(unit) };
    }
    visits.set(visit, { at_ms: elapsed_ms(), outcome: 'again' });
    return { ...revealed, outcome: 'again', again: await store.count(unit) };
  }

  async function carry(unit: UnitKey, proof: UnitProof, code: string, visit: string) {
    if (carrier === undefined) {
      throw new AppError(
        'reveals/no-carrier',
        'This server brings no codes to the ledger. The code is not used up: show it on another server of the ledger.',
      );
    }
    if (carried.size >= CARRIED_MAX) {
      throw new AppError('http/busy', 'Too many codes are on their way to the ledger; try again.');
    }
    const key = unitText(unit);
    const payload = { ...unit, batch: proof.batch, index: proof.index, code };
    const sent = Promise.resolve()
      .then(() => carrier.reveal({ ...payload, proof: [...proof.proof] }))
      .finally(() => carried.delete(key));
    carried.set(key, sent);
    // Before the block is there: whoever loses the answer and asks again is the one who sent it.
    visits.set(visit, { at_ms: elapsed_ms(), outcome: 'same' });
    try {
      return await sent;
    } catch (error) {
      visits.delete(visit);
      // What the rule says of the code is for the buyer; what else went wrong is between this server and the ledger.
      if (!isAppError(error) || error.code.startsWith('labels/')) throw error;
      throw new AppError(
        'reveals/not-carried',
        'The code did not come into a block; show it again in a moment to learn what became of it.',
        { cause: error.code },
        error,
      );
    }
  }

  return {
    revealsOf(unit, proof) {
      if (proof.hidden === undefined) return null;
      return { revealedAt_ms: revealedOf(unit)?.at_ms ?? null, again: store.again(unit) };
    },
    assertRight(unit, proof, code) {
      if (proof.hidden === undefined) {
        throw new AppError(
          'labels/no-hidden-code',
          'The labels of this batch have no hidden code.',
        );
      }
      if (equalBytes(hiddenCommitment(hash, unit, code), proof.hidden)) return;
      throw new AppError(
        'labels/wrong-code',
        'The code is not that of this unit; read it again from the label.',
      );
    },
    async show(unit, proof, code, visitor) {
      const visit = `${unitText(unit)} ${visitor}`;
      // Somebody else's reveal of the same code is on its way: what becomes of it decides this one too.
      await carried.get(unitText(unit))?.catch(() => undefined);
      const before = revealedOf(unit);
      if (before !== undefined) return shownAgain(unit, visit, before);
      try {
        const receipt = await carry(unit, proof, code, visit);
        return {
          outcome: 'first',
          at_ms: receipt.time_ms,
          txId: receipt.txId,
          again: store.again(unit),
        };
      } catch (error) {
        const revealed = revealedOf(unit);
        if (
          revealed === undefined ||
          !isAppError(error) ||
          error.code !== 'labels/already-revealed'
        )
          throw error;
        return shownAgain(unit, visit, revealed);
      }
    },
  };
}
