// Scans of the pack on the page: counted beside the verdict, never before it and never in its way.

import { judgeScans } from '@suyuan/contracts/verify';
import { computed, onMounted, shallowRef } from 'vue';
import type { ScannedLink } from '../scan/link.ts';
import type { ScansAnswer } from './answer.ts';
import { fetchScans } from './net.ts';

const NO_REVEALS = { revealedAt_ms: null, again: 0 };

/** `live`: the verdict is of evidence that came just now, not of what this device had kept. */
export function useScans(link: ScannedLink | null, live: boolean) {
  const answer = shallowRef<ScansAnswer | null>(null);
  const judgement = computed(() =>
    answer.value === null
      ? null
      : judgeScans(answer.value.history, answer.value.reveals ?? NO_REVEALS),
  );

  async function load(mode: 'count' | 'ask'): Promise<void> {
    if (!live || link?.serial == null) return;
    answer.value = (await fetchScans(link, mode)) ?? answer.value;
  }

  onMounted(() => void load('count'));
  return { answer, judgement, refresh: () => void load('ask') };
}
