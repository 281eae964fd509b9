// What goes wrong between a device and its gateway, and what a tampered device does. A plan is data; a seed decides, so that
// a run can be repeated; faults add up.

import { AppError } from '@suyuan/contracts';
import type { ClockError } from '../clock/drifting.ts';
import { createSeededRandom, type SeededRandom } from '../random/random.ts';

export interface Span {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Rates are chances per pack, 0 to 1. None of them loses a pack. */
export interface FaultPlan {
  readonly seed: string | number;
  /** No connection at all, by the uplink's clock. */
  readonly offline?: readonly Span[];
  /** The connection breaks right after a pack was sent, before its acknowledgement is heard. */
  readonly cut?: number;
  /** The pack goes out twice. */
  readonly duplicate?: number;
  /** A damaged copy goes out before the pack: one bit is turned. */
  readonly corrupt?: number;
  /** A second pack with the same number and another content, rightly signed, goes out after the pack. */
  readonly equivocate?: number;
  /** The pack changes places with the one after it. */
  readonly reorder?: number;
  /** The device's clock is wrong; applied by `runSim`, not by the uplink. */
  readonly clock?: ClockError;
}

/** One message for the broker. `settles` is false for what the device's journal knows nothing of. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly settles: boolean;
}

export interface FaultCounts {
  readonly duplicated: number;
  readonly corrupted: number;
  readonly equivocated: number;
  readonly reordered: number;
  readonly cuts: number;
}

export interface Faults {
  /** The messages to send for a pack, in order. `twin` signs another pack of the same number. */
  frames(pack: Uint8Array, twin: (pack: Uint8Array) => Uint8Array): Frame[];
  /** True when the pack is to be held until after the next one. */
  holdsBack(): boolean;
  /** True when the connection breaks now. */
  cuts(): boolean;
  /** The time until which there is no connection, or undefined when there is one. */
  offlineUntil_ms(now_ms: number): number | undefined;
  /** When the next span without a connection begins. */
  nextOffline_ms(now_ms: number): number | undefined;
  counts(): FaultCounts;
}

const SPANS_MAX = 10_000;
const RATES = ['cut', 'duplicate', 'corrupt', 'equivocate', 'reorder'] as const;

/** Makes a plan act. `device` keeps devices with one plan from failing in step. Throws `faults/bad-plan`. */
export function createFaults(plan: FaultPlan, device: string): Faults {
  const offline = plan.offline ?? [];
  const rates = RATES.map((name) => plan[name] ?? 0);
  if (
    rates.some((rate) => !(rate >= 0 && rate <= 1)) ||
    (plan.cut ?? 0) === 1 ||
    offline.length > SPANS_MAX ||
    offline.some(({ from_ms, to_ms }) => !(from_ms < to_ms))
  ) {
    throw new AppError(
      'faults/bad-plan',
      `rates go from 0 to 1, cut stays below 1, spans end after they begin, at most ${SPANS_MAX} of them`,
    );
  }
  // One sequence a kind: turning one fault on leaves the others where they were.
  const chance = (name: string, rate: number | undefined): (() => boolean) => {
    const random = createSeededRandom(`${plan.seed}/${device}/${name}`);
    return () => random() < (rate ?? 0);
  };
  const duplicate = chance('duplicate', plan.duplicate);
  const corrupt = chance('corrupt', plan.corrupt);
  const equivocate = chance('equivocate', plan.equivocate);
  const reorder = chance('reorder', plan.reorder);
  const cut = chance('cut', plan.cut);
  const where = createSeededRandom(`${plan.seed}/${device}/where`);
  const counts = { duplicated: 0, corrupted: 0, equivocated: 0, reordered: 0, cuts: 0 };

  return {
    frames: (pack, twin) => {
      const frames: Frame[] = [];
      if (corrupt()) {
        counts.corrupted += 1;
        frames.push({ bytes: turnOneBit(pack, where), settles: false });
      }
      frames.push({ bytes: pack, settles: true });
      if (duplicate()) {
        counts.duplicated += 1;
        frames.push({ bytes: pack, settles: false });
      }
      if (equivocate()) {
        counts.equivocated += 1;
        frames.push({ bytes: twin(pack), settles: false });
      }
      return frames;
    },
    holdsBack: () => {
      if (!reorder()) return false;
      counts.reordered += 1;
      return true;
    },
    cuts: () => {
      if (!cut()) return false;
      counts.cuts += 1;
      return true;
    },
    offlineUntil_ms: (now_ms) =>
      offline.find(({ from_ms, to_ms }) => now_ms >= from_ms && now_ms < to_ms)?.to_ms,
    nextOffline_ms: (now_ms) => {
      const starts = offline.map(({ from_ms }) => from_ms).filter((from_ms) => from_ms > now_ms);
      return starts.length === 0 ? undefined : Math.min(...starts);
    },
    counts: () => ({ ...counts }),
  };
}

function turnOneBit(pack: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = pack.slice();
  const at = Math.floor(random() * copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  return copy;
}
