// Spot checks: packs picked by chance among those that a gateway stated, after the anchored roots are held, so that nobody
// could know which ones to have ready.

import { BUNDLE_SAMPLES } from '../limits.ts';
import { getAnchorLog } from '../rules/anchors/anchor.ts';
import type { StateReader } from '../rules/types.ts';
import type { VerifiedPack } from './proven-packs.ts';
import type { VerifiedStatement } from './stated.ts';

/** One pack to ask for, with its proof against the gateway's log of `logSize` anchors. */
export interface SamplePick {
  readonly gateway: string;
  readonly device: string;
  readonly bootEpoch: number;
  readonly seq: number;
  readonly logSize: number;
}

const UINT32 = 2 ** 32;

/** An integer from 0 to `below` − 1 without bias. `below` is at most 2^32. */
function randomBelow(below: number, randomUint32: () => number): number {
  const limit = UINT32 - (UINT32 % below);
  for (;;) {
    const value = randomUint32();
    if (value < limit) return value % below;
  }
}

/** Up to 16 distinct packs of the stated spans that are not among `shown`, each equally likely. */
export function pickSamples(
  state: StateReader,
  statements: readonly VerifiedStatement[],
  shown: readonly VerifiedPack[],
  randomUint32: () => number,
): SamplePick[] {
  const have = new Set(shown.map((p) => `${p.device.id}/${p.bootEpoch}/${p.seq}`));
  const spans = distinctSpans(statements);
  const total = spans.reduce((sum, span) => sum + span.lastSeq - span.firstSeq + 1, 0);
  const picks = new Map<string, SamplePick>();
  // Each round picks one number; a bound on the rounds ends it where fewer than 16 unseen packs exist.
  for (
    let round = 0;
    total > 0 && round < BUNDLE_SAMPLES * 8 && picks.size < BUNDLE_SAMPLES;
    round += 1
  ) {
    let offset = randomBelow(Math.min(total, UINT32), randomUint32);
    for (const span of spans) {
      const length = span.lastSeq - span.firstSeq + 1;
      if (offset >= length) {
        offset -= length;
        continue;
      }
      const seq = span.firstSeq + offset;
      const key = `${span.device}/${span.bootEpoch}/${seq}`;
      const log = getAnchorLog(state, span.gateway);
      if (log !== undefined && !have.has(key)) {
        const { gateway, device, bootEpoch } = span;
        picks.set(key, { gateway, device, bootEpoch, seq, logSize: log.size });
      }
      break;
    }
  }
  return [...picks.values()];
}

/** By UTF-16 unit, the same in every locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Span {
  readonly gateway: string;
  readonly device: string;
  readonly bootEpoch: number;
  firstSeq: number;
  lastSeq: number;
}

/** The stated spans with overlaps (months share a pack at their border, quantities share all) joined. */
function distinctSpans(statements: readonly VerifiedStatement[]): Span[] {
  const spans = statements
    .flatMap((s) => s.packs.map((p) => ({ gateway: s.gateway, device: s.device.id, ...p })))
    .sort(
      (a, b) =>
        compareText(a.gateway, b.gateway) ||
        compareText(a.device, b.device) ||
        a.bootEpoch - b.bootEpoch ||
        a.firstSeq - b.firstSeq,
    );
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    const follows =
      last !== undefined &&
      last.gateway === span.gateway &&
      last.device === span.device &&
      last.bootEpoch === span.bootEpoch &&
      span.firstSeq <= last.lastSeq + 1;
    if (follows) last.lastSeq = Math.max(last.lastSeq, span.lastSeq);
    else joined.push({ ...span });
  }
  return joined;
}
