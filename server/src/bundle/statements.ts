// The monthly statements that speak of the spans in which devices watched over a lot.

import { decodeStatement, isAppError } from '@suyuan/contracts';
import type { DeviceSpan, ReadingStore, StatementRef } from '../readings/port.ts';

/** A bundle decodes at most this many. */
const STATEMENTS_MAX = 4_096;

export interface GatheredStatement {
  /** Account of the gateway. */
  readonly signer: string;
  readonly bytes: Uint8Array;
}

/** The newest revision of each, oldest month first, at most the newest 4,096. */
export async function statementsOf(
  readings: ReadingStore,
  spans: readonly DeviceSpan[],
): Promise<readonly GatheredStatement[]> {
  if (spans.length === 0) return [];
  const newest = new Map<string, { revision: number; order: string; found: GatheredStatement }>();
  for (const bytes of await readings.statements(spans.map(monthsOf))) {
    const statement = decoded(bytes);
    if (statement === undefined) continue;
    const { signer, device, quantity, month, revision } = statement;
    const name = `${month}/${device}/${quantity}/${signer}`;
    const known = newest.get(name);
    if (known !== undefined && known.revision >= revision) continue;
    newest.set(name, { revision, order: name, found: { signer, bytes } });
  }
  return [...newest.values()]
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .slice(-STATEMENTS_MAX)
    .map(({ found }) => found);
}

/** A row that is no statement would break the whole bundle: it is left out, and its time stays unknown. */
function decoded(bytes: Uint8Array) {
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
