// cases: a grower refutes an origin that was claimed in his name without his signature; a regulator decides (docs/formats.md §5, *case*).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { getLot, type Lot, lotWrite } from '../lots/lot.ts';
import { requireRole } from '../permissions.ts';
import { Closed, Gtin, Reason, Text20 } from '../schema.ts';
import { defineAction, type RuleModule, type StateReader } from '../types.ts';
import { type Case, caseWrite, getCase } from './case.ts';

const refute = defineAction(
  Closed({ case: Text20, gtin: Gtin, lot: Text20, reason: Reason }),
  (state, p, ctx) => {
    const lot = requireLot(state, p.gtin, p.lot);
    if (lot.origin?.grower !== ctx.signer.id) {
      throw new AppError('cases/not-the-grower', 'The lot names another grower, or none.', {
        gtin: p.gtin,
        lot: p.lot,
      });
    }
    if (lot.origin.consent !== null) {
      throw new AppError(
        'cases/consented',
        'Your signed consent stands behind this purchase; if your key was stolen, tell the regulator.',
        { gtin: p.gtin, lot: p.lot },
      );
    }
    if (lot.case !== undefined) {
      throw new AppError('cases/disputed', 'The origin of the lot is disputed already.', {
        case: lot.case,
      });
    }
    if (getCase(state, p.case) !== undefined) {
      throw new AppError('cases/exists', 'A case of this number exists; number it anew.', {
        case: p.case,
      });
    }
    const opened: Case = {
      id: p.case,
      kind: 'refuted-origin',
      gtin: p.gtin,
      lot: p.lot,
      opener: ctx.signer.id,
      reason: p.reason,
      openedAt: ctx.time_ms,
      status: 'open',
      tx: ctx.txId,
    };
    return {
      writes: [caseWrite(opened), lotWrite({ ...lot, case: p.case })],
      events: [{ type: 'cases.opened', data: { case: p.case, gtin: p.gtin, lot: p.lot } }],
    };
  },
);

const decide = defineAction(
  Closed({
    case: Text20,
    outcome: Type.Union([Type.Literal('upheld'), Type.Literal('dismissed')]),
    decision: Reason,
  }),
  (state, p, ctx) => {
    requireRole(ctx, ['regulator']);
    const open = getCase(state, p.case);
    if (open === undefined) {
      throw new AppError('cases/unknown', 'There is no such case.', { case: p.case });
    }
    if (open.status !== 'open') {
      throw new AppError('cases/decided', `The case was ${open.status} before.`, { case: p.case });
    }
    const decided: Case = {
      ...open,
      status: p.outcome,
      decidedBy: ctx.signer.id,
      decidedAt: ctx.time_ms,
      decision: p.decision,
    };
    const { case: _, ...cleared } = requireLot(state, open.gtin, open.lot);
    return {
      writes: [caseWrite(decided), ...(p.outcome === 'dismissed' ? [lotWrite(cleared)] : [])],
      events: [{ type: 'cases.decided', data: { case: p.case, outcome: p.outcome } }],
    };
  },
);

function requireLot(state: StateReader, gtin: string, lot: string): Lot {
  const found = getLot(state, gtin, lot);
  if (found !== undefined) return found;
  throw new AppError('lots/unknown', 'There is no such lot.', { gtin, lot });
}

export const cases: RuleModule = { name: 'cases', version: 1, actions: { refute, decide } };
