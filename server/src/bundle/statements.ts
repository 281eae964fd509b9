// The monthly statements that speak of the spans in which devices watched over a lot.

import {
  BUNDLE_STATEMENTS_MAX,
  type DecodedStatement,
  decodeStatement,
  isAppError,
} from '@suyuan/contracts';
import type { DeviceSpan, ReadingStore, StatementRef } from '../readings/port.ts';

const DAY_S = 86_400;
/** Signatures verified at once for one bundle. */
const AT_ONCE = 32;
/** Runs of slots that a verifier keeps (docs/formats.md §8, step 11). */
const RUNS_MAX = 131_072;

export interface GatheredStatement {
  /** Account of the gateway. */
  readonly signer: string;
  readonly bytes: Uint8Array;
}

/**
 * The newest revision of each that `isSound`, oldest month first, as many of the newest as a verifier takes. One that does
 * not verify would break the whole bundle: it is left out, and its time stays unknown.
 */
export async function statementsOf(
  readings: ReadingStore,
  spans: readonly DeviceSpan[],
  isSound: (statement: DecodedStatement, bytes: Uint8Array) => Promise<boolean>,
): Promise<readonly GatheredStatement[]> {
  if (spans.length === 0) return [];
  const found = (await readings.statements(spans.map(monthsOf))).flatMap((bytes) => {
    const statement = decoded(bytes);
    return statement === undefined ? [] : [{ bytes, statement }];
  });
  const sound: typeof found = [];
  for (let from = 0; from < found.length; from += AT_ONCE) {
    const some = found.slice(from, from + AT_ONCE);
    const verdicts = await Promise.all(some.map((f) => isSound(f.statement, f.bytes)));
    sound.push(...some.filter((_, i) => verdicts[i]));
  }
  const newest = new Map<string, (typeof found)[number]>();
  for (const one of sound) {
    const { month, device, quantity, signer, revision } = one.statement;
    const name = `${month}/${device}/${quantity}/${signer}`;
    const known = newest.get(name);
    if (known === undefined || known.statement.revision < revision) newest.set(name, one);
  }
  const kept: GatheredStatement[] = [];
  let runs = 0;
  for (const name of [...newest.keys()].sort().reverse().slice(0, BUNDLE_STATEMENTS_MAX)) {
    const one = newest.get(name);
    if (one === undefined) continue;
    runs += runsOf(one.statement);
    if (runs > RUNS_MAX) break;
    kept.push({ signer: one.statement.signer, bytes: one.bytes });
  }
  return kept.reverse();
}

/** Maximal sequences of set slots, day by day. */
function runsOf({ days, slot_s }: DecodedStatement): number {
  let runs = 0;
  for (const { slots } of days) {
    let before = false;
    for (let slot = 0; slot < DAY_S / slot_s; slot += 1) {
      const held = (((slots[slot >> 3] ?? 0) >> (7 - (slot & 7))) & 1) === 1;
      if (held && !before) runs += 1;
      before = held;
    }
  }
  return runs;
}

function decoded(bytes: Uint8Array): DecodedStatement | undefined {
  try {
    return decodeStatement(bytes);
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

function monthsOf(span: DeviceSpan): StatementRef {
  return {
    device: span.device,
    fromMonth: monthOf(span.from_ms),
    toMonth: monthOf(Math.max(span.from_ms, span.to_ms - 1)),
  };
}

/** `YYYY-MM`, UTC. */
function monthOf(time_ms: number): string {
  return new Date(time_ms).toISOString().slice(0, 7);
}
