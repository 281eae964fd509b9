// Tells every holder of a recall's scope that it was opened, and that it was closed. What is to be told is worked out from the
// ledger, so nothing is lost when the program stops between a block and its notices; the outbox keeps trying until a 2xx.

import { getWebhook, isAppError, openRecalls, type Recall } from '@suyuan/contracts';
import type { JsonStore } from '../delivery/json-store.ts';
import type { Outbox } from '../delivery/outbox.ts';
import type { LedgerNode } from '../http/ports.ts';
import { holdersOf, listRecalls, recallOf } from './record.ts';

export type NoticeKind = 'opened' | 'closed';
/** `refused`: the holder's address is one that nothing is sent to. */
export type NoticeState = 'no-contact' | 'waiting' | 'delivered' | 'given-up' | 'refused';

export interface Notice {
  readonly kind: NoticeKind;
  readonly state: NoticeState;
  readonly at_ms: number;
  readonly attempts?: number;
}

export interface RecallNotices {
  /** Of one holder, oldest first. */
  of(recall: string, account: string): readonly Notice[];
  /** Resolves when what the ledger holds by now is handed over. */
  settled(): Promise<void>;
  stop(): void;
}

const PREFIX = 'recall-notices/';
const RECALLS_PAGE = 100;
/** Holders who could not be told for lack of room, and how many of them are tried when there is room again. */
const BEHIND_MAX = 10_000;
const BEHIND_AT_ONCE = 16;
const KINDS: readonly NoticeKind[] = ['opened', 'closed'];

export interface NoticesParts {
  readonly node: LedgerNode;
  readonly outbox: Outbox;
  readonly store: JsonStore;
  readonly now_ms: () => number;
  readonly onError: (error: unknown) => void;
}

/** Begins with what is in the ledger already; the outbox is started and stopped by who opened it. */
export function createRecallNotices(parts: NoticesParts): RecallNotices {
  const { node, outbox, store, now_ms } = parts;
  const state = { get: (key: string) => node.read(key) };
  let work: Promise<void> = Promise.resolve();

  const keyOf = (kind: NoticeKind, recall: string, account: string): string =>
    `${PREFIX}${encodeURIComponent(recall)}/${account}/${kind}`;
  /** One lane for each holder, and another for drills: a drill that is not taken holds up no recall. */
  const laneOf = ({ mock }: Recall, account: string): string =>
    `${mock ? 'drill' : 'recall'}/${account}`;
  const behind = new Map<string, { readonly recall: string; readonly account: string }>();
  let moreBehind = false;

  async function tell(recall: Recall, account: string, kind: NoticeKind): Promise<void> {
    const key = keyOf(kind, recall.id, account);
    const lane = laneOf(recall, account);
    const before = store.get<Notice>(key);
    // Said to wait and not in the outbox: the program stopped before it was put there.
    const lost =
      before?.state === 'waiting' &&
      !outbox.waiting(lane).some(({ note }) => note?.recallNotice === key);
    if (before !== undefined && before.state !== 'no-contact' && !lost) return;
    const url = getWebhook(state, account);
    const put = (next: NoticeState) =>
      store.put(key, { kind, state: next, at_ms: now_ms() } satisfies Notice);
    if (url === undefined) {
      if (before === undefined) await put('no-contact');
      return;
    }
    // Before the message: once that is there, its end may be noted at any time.
    await put('waiting');
    try {
      await outbox.enqueue({
        lane,
        url,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(bodyOf(recall, account, kind)),
        urgent: !recall.mock,
        note: { recallNotice: key },
      });
    } catch (error) {
      if (!isAppError(error, 'delivery/bad-target')) throw error;
      await put('refused');
    }
  }

  async function tellAll(recall: Recall): Promise<void> {
    for (const { account } of holdersOf(node, recall.id)) await tellHolder(recall, account);
  }

  /** One holder who cannot be told keeps no other from being told. */
  async function tellHolder(recall: Recall, account: string): Promise<void> {
    try {
      await tell(recall, account, 'opened');
      if (recall.status === 'closed') await tell(recall, account, 'closed');
    } catch (error) {
      if (!isAppError(error, 'delivery/full')) return parts.onError(error);
      if (behind.size >= BEHIND_MAX) moreBehind = true;
      else behind.set(`${account}/${recall.id}`, { recall: recall.id, account });
    }
  }

  async function catchUp(): Promise<void> {
    if (behind.size === 0 && moreBehind) {
      moreBehind = false;
      return tellEverything();
    }
    for (const [key, { recall: id, account }] of [...behind].slice(0, BEHIND_AT_ONCE)) {
      behind.delete(key);
      const recall = recallOf(node, id);
      if (recall !== undefined) await tellHolder(recall, account);
    }
  }

  async function tellEverything(): Promise<void> {
    let after: string | undefined;
    for (;;) {
      const page = listRecalls(node, RECALLS_PAGE, after);
      for (const recall of page) await tellAll(recall);
      after = page.at(-1)?.id;
      if (page.length < RECALLS_PAGE) return;
    }
  }

  function queue(step: () => Promise<void>): void {
    work = work.then(step).catch(parts.onError);
  }

  const endListening = outbox.onEnd(async (message, ending) => {
    const key = message.note?.recallNotice;
    if (typeof key !== 'string') return;
    const kind = key.endsWith('/closed') ? 'closed' : 'opened';
    const attempts = message.attempts + 1;
    await store.put(key, { kind, state: ending, at_ms: now_ms(), attempts } satisfies Notice);
  });
  const endWaiting = outbox.onRoom(() => {
    if (behind.size > 0 || moreBehind) queue(catchUp);
  });
  const unsubscribe = node.subscribe(({ changedKeys }) => {
    const recalls = changedKeys.flatMap((key) => /^recalls\/([^/]+)$/.exec(key)?.[1] ?? []);
    const contact = changedKeys.some((key) => key.startsWith('contacts/'));
    const ids = new Set(recalls.map(decodeURIComponent));
    if (contact) for (const id of openRecalls(state)) ids.add(id);
    for (const id of ids) {
      queue(async () => {
        const recall = recallOf(node, id);
        if (recall !== undefined) await tellAll(recall);
      });
    }
  });
  queue(tellEverything);

  return {
    of: (recall, account) =>
      KINDS.flatMap((kind) => {
        const notice = store.get<Notice>(keyOf(kind, recall, account));
        if (notice === undefined) return [];
        if (notice.state !== 'waiting') return [notice];
        const key = keyOf(kind, recall, account);
        const attempts = ['recall', 'drill']
          .flatMap((lane) => outbox.waiting(`${lane}/${account}`))
          .find(({ note }) => note?.recallNotice === key)?.attempts;
        return [{ ...notice, ...(attempts === undefined ? {} : { attempts }) }];
      }),
    settled: () => work,
    stop() {
      unsubscribe();
      endListening();
      endWaiting();
    },
  };
}

function bodyOf(recall: Recall, account: string, kind: NoticeKind) {
  const { id, level, mock, reason, openedAt, finishDue } = recall;
  const zh = mock ? '召回演练' : '召回';
  const en = mock ? 'Recall drill' : 'Recall';
  const text =
    kind === 'opened'
      ? {
          zh: `${zh} ${id}（${level} 级）已启动：${reason}。请停止销售、确认收到并报告数量。`,
          en: `${en} ${id} (level ${level}) is open: ${reason}. Stop selling, acknowledge it and report your quantities.`,
        }
      : { zh: `${zh} ${id} 已结束。`, en: `${en} ${id} is closed.` };
  return {
    kind: `recall.${kind}`,
    recall: id,
    account,
    level,
    mock,
    reason,
    openedAt,
    ...(finishDue === undefined ? {} : { finishDue }),
    text,
  };
}
