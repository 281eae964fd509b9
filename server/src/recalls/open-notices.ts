// The notices of a node, with their own outbox on disk.

import { openJsonStore } from '../delivery/json-store.ts';
import { openOutbox } from '../delivery/outbox.ts';
import { createPost } from '../delivery/post.ts';
import type { NodeLogger } from '../engine/logger.ts';
import type { LedgerNode } from '../http/ports.ts';
import { createRecallNotices, type RecallNotices } from './notices.ts';

const NOTICE_TIMEOUT_MS = 10_000;

export interface NoticesOptions {
  readonly directory: string;
  readonly node: LedgerNode;
  readonly clock: { now_ms(): number };
  readonly logger: NodeLogger;
  /** Lets contacts stand at private and loopback addresses. */
  readonly allowPrivateTargets?: boolean;
}

/** Tells holders what is open already, and goes on with every block. */
export function openRecallNotices(
  options: NoticesOptions,
): RecallNotices & { close(): Promise<void> } {
  const { directory, node, clock, logger } = options;
  const allowPrivate = options.allowPrivateTargets ?? false;
  const now_ms = () => clock.now_ms();
  const store = openJsonStore(directory);
  const outbox = openOutbox({
    store,
    post: createPost({ allowPrivate, timeout_ms: NOTICE_TIMEOUT_MS }),
    now_ms,
    allowPrivate,
    onTrouble: ({ lane, attempts }, reason) =>
      logger.warn({ lane, attempts, reason }, 'a recall notice was not taken; it is sent again'),
  });
  const notices = createRecallNotices({
    node,
    outbox,
    store,
    now_ms,
    onError: (err) => logger.error({ err }, 'recall notices stopped short; the next block goes on'),
  });
  outbox.start();
  return {
    ...notices,
    async close() {
      notices.stop();
      await outbox.stop();
      await store.close();
    },
  };
}
