// The ledger's own events: each accepted transaction that moves a thing, as the EPCIS event it is. Follows the blocks; where it
// stands is remembered, and a block that was stored before is not stored again.

import type { EpcisEvent } from '@suyuan/contracts';
import { EMPTY_CONTEXT } from '@suyuan/contracts';
import type { JsonStore } from '../delivery/json-store.ts';
import type { NodeLogger } from '../engine/logger.ts';
import type { LedgerNode } from '../http/ports.ts';
import { type CheckedEvent, checkEventJson } from './checked-event.ts';
import type { EventStore } from './event-store.ts';
import type { EventWriter } from './writer.ts';

/** An event of a transaction, with who signed that. */
export interface LedgerEvent {
  readonly event: EpcisEvent;
  readonly signer: string;
  /** Hex. */
  readonly txId: string;
}

/** The events of a block, in the order of its transactions. */
export type EventsOfBlock = (node: LedgerNode, height: number) => readonly LedgerEvent[];

export interface LedgerFeed {
  start(): void;
  /** Resolves when all blocks that are there are taken in. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

const CURSOR = 'feed/height';
const RETRY_MS = 5_000;

export function createLedgerFeed(parts: {
  readonly node: LedgerNode;
  readonly store: JsonStore;
  readonly events: EventStore;
  readonly writer: EventWriter;
  readonly logger: NodeLogger;
  readonly eventsOfBlock?: EventsOfBlock;
}): LedgerFeed {
  const { node, store, events, writer, logger } = parts;
  const eventsOfBlock = parts.eventsOfBlock ?? (() => []);
  let following: Promise<void> | undefined;
  let stopped = false;
  let unsubscribe = () => {};
  let retry: NodeJS.Timeout | undefined;

  function wake(): void {
    if (stopped) return;
    following ??= follow()
      .catch((error: unknown) => {
        logger.error({ err: error }, 'events of the ledger not stored; tried again');
        retry = setTimeout(wake, RETRY_MS);
        retry.unref();
      })
      .finally(() => {
        following = undefined;
      });
  }

  async function follow(): Promise<void> {
    let height = store.get<number>(CURSOR) ?? 0;
    let saved = height;
    while (!stopped && height < node.height()) {
      height += 1;
      const stored = await takeBlock(height);
      // A block without events is passed again for nothing: it is not worth a write to the disk.
      if (!stored && height < node.height()) continue;
      await store.put(CURSOR, height);
      saved = height;
    }
    if (saved < height) await store.put(CURSOR, height);
  }

  async function takeBlock(height: number): Promise<boolean> {
    const found = eventsOfBlock(node, height);
    for (const [index, { event, signer, txId }] of found.entries()) {
      const capture = `ledger/${height}/${index}`;
      // A capture is seen whole or not at all, so one row is enough to know it.
      if ((await events.countOfCapture(capture)) > 0) continue;
      const checked: CheckedEvent = checkEventJson(event, {
        context: EMPTY_CONTEXT,
        contextJson: event['@context'],
      });
      await writer.write(
        { capture, account: signer, grade: 'proven', signed: true, tx: txId, height },
        [checked],
        () => {},
      );
    }
    return found.length > 0;
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
