// How many recalls may be open, and whose: a regulator always finds a free one (docs/formats.md §5).

import { AppError } from '../../errors.ts';
import {
  OPEN_DRILLS_MAX,
  OPEN_DRILLS_OPENER_MAX,
  OPEN_RECALLS_HOLDERS_MAX,
  OPEN_RECALLS_MAX,
  OPEN_RECALLS_OPENER_MAX,
} from '../../limits.ts';
import { getAccount } from '../accounts/record.ts';
import { lotKey } from '../lots/lot.ts';
import { hasRole } from '../permissions.ts';
import type { RuleContext, StateReader } from '../types.ts';
import { type Recall, requireRecall } from './recall.ts';

type Question = Pick<Recall, 'seeds' | 'siblings' | 'ancestors'>;

/**
 * Throws `recalls/same-seeds` when an open recall asks for the same already, `recalls/too-many-open` when there is no room.
 * A regulator's recall may stand beside the same one of a holder: it ranks above it.
 */
export function requireSlot(
  state: StateReader,
  open: readonly string[],
  question: Question,
  { signer }: RuleContext,
): void {
  const regulator = hasRole(signer, ['regulator']);
  const isRegulators = ({ opener }: Recall): boolean => {
    const account = getAccount(state, opener);
    return account !== undefined && hasRole(account, ['regulator']);
  };
  const others = open.map((id) => requireRecall(state, id));
  const asked = questionText(question);
  const same = others.find(
    (other) => questionText(other) === asked && (!regulator || isRegulators(other)),
  );
  if (same !== undefined) {
    throw new AppError(
      'recalls/same-seeds',
      `Recall ${same.id} of these seeds is open already; act on that one.`,
      { recall: same.id },
    );
  }
  if (others.length >= OPEN_RECALLS_MAX) {
    throw tooMany(`At most ${OPEN_RECALLS_MAX} recalls are open at once; close one first.`);
  }
  if (regulator) return;
  if (others.filter(({ opener }) => opener === signer.id).length >= OPEN_RECALLS_OPENER_MAX) {
    throw tooMany(
      `At most ${OPEN_RECALLS_OPENER_MAX} recalls of yours are open at once; ask the regulator to close one, or to open this one.`,
    );
  }
  const holders = others.filter((other) => !isRegulators(other)).length;
  if (holders >= OPEN_RECALLS_HOLDERS_MAX) {
    throw tooMany(
      `At most ${OPEN_RECALLS_HOLDERS_MAX} recalls of others than regulators are open at once; ask the regulator to open this one.`,
    );
  }
}

/** Throws `recalls/too-many-open`. */
export function requireDrillSlot(
  state: StateReader,
  open: readonly string[],
  { signer }: RuleContext,
): void {
  if (open.length >= OPEN_DRILLS_MAX) {
    throw tooMany(`At most ${OPEN_DRILLS_MAX} drills are open at once; wait until one is closed.`);
  }
  const own = open.filter((id) => requireRecall(state, id).opener === signer.id);
  if (own.length >= OPEN_DRILLS_OPENER_MAX) {
    throw tooMany(
      `At most ${OPEN_DRILLS_OPENER_MAX} drills of yours are open at once; close one first.`,
    );
  }
}

function questionText({ seeds, siblings, ancestors }: Question): string {
  const lots = seeds
    .map(({ gtin, lot, made }) => [lotKey(gtin, lot), made?.from, made?.to].join(' '))
    .sort();
  return [siblings, ancestors, ...lots].join(' ');
}

function tooMany(message: string): AppError {
  return new AppError('recalls/too-many-open', message);
}
