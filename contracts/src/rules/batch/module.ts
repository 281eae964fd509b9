// batch: several actions of one signer, all or none (docs/formats.md §5). A spreadsheet of two hundred weighings is one signature,
// and no half of it stands in the ledger.

import Type from 'typebox';
import type { CborObject, CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { LedgerEvent } from '../../ledger/block.ts';
import { BATCH_CALLS_MAX } from '../../limits.ts';
import { Closed } from '../schema.ts';
import {
  defineAction,
  type LedgerState,
  type RuleModule,
  type ScopeWrite,
  type StateWrite,
} from '../types.ts';

const Name = Type.String({ pattern: '^[a-z][a-z-]{1,31}$', maxLength: 32 });

/** Whether the action is too dear for a batch or a dry run: of a recall every validator computes the scope. */
export function standsAlone(module: string, action: string): boolean {
  return module === 'recalls' && action === 'open';
}

const run = defineAction(
  Closed({
    calls: Type.Array(
      Closed({
        module: Name,
        action: Name,
        payload: Type.Unsafe<CborObject>(Type.Object({}, { additionalProperties: true })),
      }),
      { minItems: 1, maxItems: BATCH_CALLS_MAX },
    ),
  }),
  (state, p, ctx) => {
    const written = new Map<string, CborValue | null>();
    const scopes: ScopeWrite[] = [];
    const events: LedgerEvent[] = [];
    const overlay: LedgerState = {
      get(key) {
        const value = written.get(key);
        if (value === undefined) return state.get(key);
        return value === null ? undefined : value;
      },
      charge: (reads) => state.charge?.(reads),
      inScope: (recall, lot) => state.inScope(recall, lot),
    };
    p.calls.forEach(({ module, action, payload }, index) => {
      if (module === batch.name) {
        throw new AppError('batch/nested', 'A batch holds plain actions, no batches.', { index });
      }
      if (standsAlone(module, action)) {
        throw new AppError(
          'batch/not-here',
          `${module}.${action} stands in a transaction of its own, in no batch.`,
          { index },
        );
      }
      try {
        const effects = ctx.call(overlay, module, action, payload);
        for (const { key, value } of effects.writes) written.set(key, value);
        scopes.push(...(effects.scopes ?? []));
        events.push(...effects.events);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        // The code stays that of the rule; which call it was is in the details.
        throw new AppError(error.code, `Call ${index + 1}: ${error.message}`, {
          ...error.details,
          index,
        });
      }
    });
    const writes: StateWrite[] = [...written].map(([key, value]) => ({ key, value }));
    return { writes, events, scopes };
  },
);

export const batch: RuleModule = { name: 'batch', version: 1, actions: { run } };
