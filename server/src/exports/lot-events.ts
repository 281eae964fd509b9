// The ledger's own events about some lots, from the column store: what tells the transactions of a lot.

import { AppError, goodsLink } from '@suyuan/contracts';
import { canonicalId } from '../epcis/canonical.ts';
import type { Condition, StoredEvent } from '../epcis/event-store.ts';
import type { Epcis } from '../epcis/service.ts';
import type { LotRef } from '../trace/scope.ts';
import { EVENTS_AT_ONCE } from './limits.ts';

export interface LotEvents {
  /** Those up to the block of `height`, in their order; an event of two lots comes once. Throws what the column store throws. */
  of(lots: readonly LotRef[], height: number, bizStep?: string): AsyncGenerator<StoredEvent>;
}

export function createLotEvents({
  store,
  writer,
  feed,
}: Pick<Epcis, 'store' | 'writer' | 'feed'>): LotEvents {
  return {
    async *of(lots, height, bizStep) {
      // Events follow the blocks a moment later.
      await feed.caughtUp();
      const conditions: Condition[] = [
        {
          sql: "grade = 'proven' AND height <= {export_height:UInt64}",
          params: { export_height: height },
        },
        {
          sql: 'hasAny(txt_values, {export_lots:Array(String)})',
          params: { export_lots: lots.map(({ gtin, lot }) => canonicalId(goodsLink(gtin, lot))) },
        },
      ];
      if (bizStep !== undefined) {
        conditions.push({
          sql: 'biz_step = {export_step:String}',
          params: { export_step: bizStep },
        });
      }
      let after: { value: number; seq: number } | undefined;
      for (;;) {
        const events = await store.find({
          conditions,
          hidden: writer.hidden(),
          orderBy: 'seq',
          descending: false,
          limit: EVENTS_AT_ONCE,
          ...(after === undefined ? {} : { after }),
        });
        yield* events;
        const last = events.at(-1);
        if (last === undefined || events.length < EVENTS_AT_ONCE) return;
        after = { value: last.seq, seq: last.seq };
      }
    },
  };
}

export function tooMany(what: string, max: number): AppError {
  return new AppError(
    'exports/too-large',
    `An export holds at most ${max} ${what}: take one direction, or begin further down.`,
    { max },
  );
}
