// How lots become other lots: what is taken from the old, and the entries by which the new hang on them in the state tree, so
// that a hidden descendant makes a proof fail (docs/formats.md §5, `dependents/…`).

import { AppError } from '../../errors.ts';
import { requireNotRefuted } from '../cases/case.ts';
import { requireNotRecalled } from '../recalls/recall.ts';
import type { LedgerState, RuleContext, StateWrite } from '../types.ts';
import {
  dependentKey,
  drawMass,
  type Lot,
  type LotInput,
  lastMoved_ms,
  lotKey,
  lotWrite,
  requireHeldLot,
  requireNotInTransit,
} from './lot.ts';

export interface Taken {
  /** As it was. */
  readonly lot: Lot;
  readonly amount: number;
}

/** Throws `lots/named-twice` when a lot stands twice in the list. */
export function requireEachOnce(
  entries: readonly { readonly gtin: string; readonly lot: string }[],
): void {
  const keys = new Set(entries.map(({ gtin, lot }) => lotKey(gtin, lot)));
  if (keys.size !== entries.length) {
    throw new AppError('lots/named-twice', 'Name each lot once, as an input or as an output.');
  }
}

/**
 * The lots that go into others. Throws `lots/unknown`, `lots/not-holder`, `lots/in-transit`, `recalls/in-scope`,
 * `cases/refuted` or `lots/insufficient-mass`.
 */
export function takeInputs(
  state: LedgerState,
  ctx: RuleContext,
  inputs: readonly LotInput[],
): Taken[] {
  return inputs.map(({ gtin, lot: number, amount }) => {
    const lot = requireHeldLot(state, gtin, number, ctx.signer.id);
    requireNotInTransit(lot);
    requireNotRecalled(state, gtin, number);
    requireNotRefuted(state, lot);
    drawMass(lot, amount);
    return { lot, amount };
  });
}

/** Throws `lots/before-input` when an input was made, or came where it lies, after `since`. */
export function requireAfterInputs(taken: readonly Taken[], since: number): void {
  if (since < Math.max(...taken.map(({ lot }) => lastMoved_ms(lot)))) {
    throw new AppError(
      'lots/before-input',
      'An input was made or moved after the time of this; check the clock.',
    );
  }
}

/** When the youngest of the inputs was harvested. */
export function youngestBorn(taken: readonly Taken[]): number {
  return Math.max(...taken.map(({ lot }) => lot.born));
}

/** The season that all inputs share. */
export function sharedSeason(taken: readonly Taken[]): string | undefined {
  const season = taken[0]?.lot.season;
  return taken.every(({ lot }) => lot.season === season) ? season : undefined;
}

/** The writes by which the inputs are used and the outputs hang on each of them. */
export function becomeWrites(taken: readonly Taken[], outputs: readonly Lot[]): StateWrite[] {
  const writes = outputs.map(lotWrite);
  for (const { lot, amount } of taken) {
    const rest = drawMass(lot, amount);
    const dependents = lot.dependents + outputs.length;
    writes.push(lotWrite({ ...rest, used: lot.used + amount, dependents }));
    outputs.forEach((output, i) => {
      writes.push({
        key: dependentKey(lot.gtin, lot.lot, lot.dependents + i),
        value: { gtin: output.gtin, lot: output.lot, amount: output.made },
      });
    });
  }
  return writes;
}
