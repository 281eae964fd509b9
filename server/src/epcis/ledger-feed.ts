// The ledger's own events: each accepted transaction that moves a thing, as the EPCIS event it is. Follows the blocks; how far it
// came is remembered, and what was stored beyond that when the process died is removed and stored anew.

import { AppError, LEDGER_CONTEXT } from '@suyuan/contracts';
import type { JsonStore } from '../delivery/json-store.ts';
import type { NodeLogger } from '../engine/logger.ts';
import type { LedgerNode } from '../http/ports.ts';
import { type CheckedEvent, toChecked } from './checked-event.ts';
import type { EventStore } from './event-store.ts';
import { eventsOfBlock } from './ledger-block.ts';
import { INSERT_EVENTS_MAX } from './limits.ts';
import type { StaySensors } from './stay-sensors.ts';
import type { EventWriter } from './writer.ts';

export interface LedgerFeed {
  start(): void;
  /** Resolves when all blocks that are there are taken in, or one could not be. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

const CURSOR = 'feed/height';
const RETRY_MS = 5_000;
/** Blocks without events between two notes of how far it came. */
const BLOCKS_MAX = 1_000;

export function createLedgerFeed(parts: {
  readonly node: LedgerNode;
  readonly store: JsonStore;
  readonly events: EventStore;
  readonly writer: EventWriter;
  readonly sensors: StaySensors;
  readonly logger: NodeLogger;
}): LedgerFeed {
  const { node, store, events, writer, sensors, logger } = parts;
  let following: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let cleared = false;
  let unsubscribe = () => {};
  let retry: NodeJS.Timeout | undefined;

  function wake(): void {
    if (stopped) return;
    again = true;
    following ??= follow()
      .catch((error: unknown) => {
        if (stopped) return;
        logger.error({ err: error }, 'events of the ledger not stored; tried again');
        retry = setTimeout(wake, RETRY_MS);
        retry.unref();
      })
      .finally(() => {
        following = undefined;
      });
  }

  async function follow(): Promise<void> {
    // Of what was before a snapshot this node has no blocks to tell.
    let height = Math.max(store.get<number>(CURSOR) ?? 0, node.base());
    if (!cleared) {
      await events.removeAbove(height);
      cleared = true;
    }
    while (again && !stopped) {
      again = false;
      while (!stopped && height < node.height()) {
        height = await takeBlocks(height);
        await store.put(CURSOR, height);
      }
    }
  }

  /** Gives the height that it came to. */
  async function takeBlocks(from: number): Promise<number> {
    const found: CheckedEvent[] = [];
    let height = from;
    const last = Math.min(node.height(), from + BLOCKS_MAX);
    while (height < last && found.length < INSERT_EVENTS_MAX && !stopped) {
      height += 1;
      found.push(...(await checkedOf(height)));
      // Reading blocks must not hold up those who scan.
      if (height % 16 === 0) await new Promise(setImmediate);
    }
    if (found.length > 0) {
      const capture = `ledger/${from + 1}-${height}`;
      await writer.write({ capture, account: '', grade: 'proven', signed: true }, found, () => {});
    }
    return height;
  }

  async function checkedOf(height: number): Promise<CheckedEvent[]> {
    try {
      const told = await eventsOfBlock(node, sensors, height);
      return told.map(({ event, signer, txId }) => ({
        ...toChecked(event, LEDGER_CONTEXT, event['@context']),
        of: { signer, txId, height },
      }));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // What cannot be told as an event must not end the telling: the transaction stands in its block.
      logger.error({ err: error, height }, 'a block cannot be told as events');
      return [];
    }
  }

  return {
    start() {
      unsubscribe = node.subscribe(wake);
      wake();
    },
    async caughtUp() {
      wake();
      while (following !== undefined) await following;
    },
    async stop() {
      stopped = true;
      clearTimeout(retry);
      unsubscribe();
      await following;
    },
  };
}
