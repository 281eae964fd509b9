// Spot checks: slots picked by chance among those that a gateway stated to hold a reading, after the anchored roots are held,
// so that nobody could know which packs to have ready. Each slot is as likely as any other, so a stretch that was stated and
// never measured is found in proportion to its length.

import { BUNDLE_SAMPLES } from '../limits.ts';
import { getAnchorLog } from '../rules/anchors/anchor.ts';
import type { StateReader } from '../rules/types.ts';
import { presence } from './coverage.ts';
import { clip, intersect, union } from './intervals.ts';
import type { VerifiedPack } from './proven-packs.ts';
import type { VerifiedStatement } from './stated.ts';
import type { Stay } from './stays.ts';

/** A stated slot to show a pack for: one with a reading of the device and quantity with `from_ms` ≤ time < `to_ms`, anchored among the first `logSize` batches. */
export interface SamplePick {
  readonly gateway: string;
  readonly device: string;
  readonly quantity: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly logSize: number;
}

const UINT32 = 2 ** 32;
/** Draws for each pick: where most of a short stay is shown as packs, many draws fall on what is there already. */
const DRAWS_PER_PICK = 8;

/** An integer from 0 to `below` − 1 without bias. `below` is at most 2^32. */
function randomBelow(below: number, randomUint32: () => number): number {
  const limit = UINT32 - (UINT32 % below);
  for (;;) {
    const value = randomUint32();
    if (value < limit) return value % below;
  }
}

/** A run of stated slots. */
interface Run {
  readonly statement: VerifiedStatement;
  readonly from_ms: number;
  readonly slot_ms: number;
  /** Slots of the runs before this one. */
  readonly before: number;
  readonly slots: number;
}

function runsOf(statements: readonly VerifiedStatement[], stays: readonly Stay[]): Run[] {
  const runs: Run[] = [];
  let before = 0;
  for (const statement of statements) {
    const counts = union(
      stays.flatMap((stay) =>
        clip(presence(statement.device, stay.place.gln, stay.to_ms), stay.from_ms, stay.to_ms),
      ),
    );
    for (const day of statement.days) {
      const slot_ms = day.slot_s * 1000;
      for (const part of intersect(day.covered, counts)) {
        // Whole slots only: half of a slot may lie outside the stay.
        const first = Math.ceil((part.from_ms - day.from_ms) / slot_ms);
        const slots = Math.floor((part.to_ms - day.from_ms) / slot_ms) - first;
        if (slots <= 0) continue;
        runs.push({ statement, from_ms: day.from_ms + first * slot_ms, slot_ms, before, slots });
        before += slots;
      }
    }
  }
  return runs;
}

/** The run that holds slot number `slot` of them all. */
function runAt(runs: readonly Run[], slot: number): Run | undefined {
  let low = 0;
  let high = runs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((runs[middle]?.before ?? 0) <= slot) low = middle;
    else high = middle - 1;
  }
  return runs[low];
}

/** Up to 16 distinct stated slots of the stays for which no pack is shown yet, each equally likely. */
export function pickSamples(
  state: StateReader,
  statements: readonly VerifiedStatement[],
  stays: readonly Stay[],
  shown: readonly VerifiedPack[],
  randomUint32: () => number,
): SamplePick[] {
  const runs = runsOf(statements, stays);
  const last = runs.at(-1);
  const total = last === undefined ? 0 : last.before + last.slots;
  const isShown = slotFinder(shown);
  const picks = new Map<string, SamplePick>();
  for (
    let draw = 0;
    total > 0 && draw < BUNDLE_SAMPLES * DRAWS_PER_PICK && picks.size < BUNDLE_SAMPLES;
    draw += 1
  ) {
    const slot = randomBelow(Math.min(total, UINT32), randomUint32);
    const run = runAt(runs, slot);
    const log = run === undefined ? undefined : getAnchorLog(state, run.statement.gateway);
    if (run === undefined || log === undefined) continue;
    const { gateway, device, quantity } = run.statement;
    const from_ms = run.from_ms + (slot - run.before) * run.slot_ms;
    const pick = {
      gateway,
      device: device.id,
      quantity,
      from_ms,
      to_ms: from_ms + run.slot_ms,
      logSize: log.size,
    };
    if (!isShown(pick)) picks.set(`${gateway}/${device.id}/${quantity}/${from_ms}`, pick);
  }
  return [...picks.values()];
}

/** Finds whether one of the packs answers a pick. */
export function slotFinder(packs: readonly VerifiedPack[]): (pick: SamplePick) => boolean {
  const times = new Map<string, number[]>();
  for (const pack of packs) {
    for (const { quantity, time_ms } of pack.readings) {
      const name = `${pack.gateway}/${pack.device.id}/${quantity}`;
      const list = times.get(name);
      if (list === undefined) times.set(name, [time_ms]);
      else list.push(time_ms);
    }
  }
  return ({ gateway, device, quantity, from_ms, to_ms }) =>
    (times.get(`${gateway}/${device}/${quantity}`) ?? []).some((t) => t >= from_ms && t < to_ms);
}

/** Where a node answers a pick: path and query below its origin (GET, `application/cbor`, one packed batch; 404 without). */
export function samplePath(pick: SamplePick): string {
  const path = [pick.device, pick.quantity].map(encodeURIComponent).join('/');
  const query = `from=${pick.from_ms}&to=${pick.to_ms}&logSize=${pick.logSize}`;
  return `/api/v1/proofs/readings/${path}?${query}&gateway=${encodeURIComponent(pick.gateway)}`;
}
