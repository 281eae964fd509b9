// Server-sent events while they last; polling when the stream cannot be had (a proxy in between, too many pages open).

import { onBeforeUnmount, onMounted, ref, shallowRef } from 'vue';
import { readStatus, type Status } from './model.ts';

const POLL_MS = 5_000;
const REOPEN_MS = 60_000;
/** Bars of the block strip. */
const BLOCKS = 60;

export type Link = 'opening' | 'live' | 'polling' | 'lost';

export interface SeenBlock {
  readonly height: number;
  readonly seen_ms: number;
}

export function useStatus() {
  const status = shallowRef<Status | null>(null);
  const link = ref<Link>('opening');
  /** Blocks that came while the page was open, oldest first. */
  const blocks = shallowRef<readonly SeenBlock[]>([]);
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reopenAt_ms = 0;

  function take(body: unknown): boolean {
    const next = readStatus(body);
    if (next === null) return false;
    if (next.chain.height > (blocks.value.at(-1)?.height ?? -1)) {
      const block = { height: next.chain.height, seen_ms: next.time_ms };
      blocks.value = [...blocks.value, block].slice(-BLOCKS);
    }
    status.value = next;
    return true;
  }

  async function poll() {
    try {
      const response = await fetch('/api/v1/status', { signal: AbortSignal.timeout(POLL_MS * 2) });
      link.value = response.ok && take(await response.json()) ? 'polling' : 'lost';
    } catch {
      link.value = 'lost';
    }
    if (performance.now() >= reopenAt_ms) listen();
    else timer = setTimeout(() => void poll(), POLL_MS);
  }

  function fallBack() {
    source?.close();
    source = null;
    reopenAt_ms = performance.now() + REOPEN_MS;
    void poll();
  }

  function listen() {
    source = new EventSource('/api/v1/status/stream');
    source.addEventListener('status', (event) => {
      try {
        if (take(JSON.parse(event.data))) link.value = 'live';
      } catch {
        fallBack();
      }
    });
    source.onerror = fallBack;
  }

  onMounted(listen);
  onBeforeUnmount(() => {
    source?.close();
    clearTimeout(timer);
  });
  return { status, link, blocks };
}
