// Whether every part works: the ledger writes and advances, the store answers, and whatever the launcher adds.

import { AppError, decodeHeader, isAppError } from '@suyuan/contracts';
import type { FastifyBaseLogger } from 'fastify';
import type { RouteContext } from './context.ts';

export interface Health {
  readonly ok: boolean;
  /** `ok`, or what is wrong, by part. */
  readonly parts: Readonly<Record<string, string>>;
}

export type HealthCheck = () => Promise<Health>;

/** One answer serves all who ask within this time, so that asking is cheap. */
const KEEP_MS = 500;
const REASON_CHARS_MAX = 200;

export function createHealthCheck(context: RouteContext, logger: FastifyBaseLogger): HealthCheck {
  const parts: Record<string, () => Promise<void> | void> = {
    ledger: () => checkLedger(context),
    store: () => context.readings.ping(),
    ...context.statusSources.parts,
  };
  let last: { readonly at_ms: number; readonly health: Promise<Health> } | undefined;

  const check = async (): Promise<Health> => {
    const entries = await Promise.all(
      Object.entries(parts).map(async ([name, part]) => {
        const reason = await outcome(part, context.options.healthTimeout_ms);
        if (reason.error !== undefined)
          logger.warn({ err: reason.error, part: name }, 'unhealthy part');
        return [name, reason.text] as const;
      }),
    );
    return { ok: entries.every(([, text]) => text === 'ok'), parts: Object.fromEntries(entries) };
  };

  return () => {
    const at_ms = context.elapsed_ms();
    if (last === undefined || at_ms - last.at_ms > KEEP_MS) {
      last = { at_ms, health: check() };
    }
    return last.health;
  };
}

/** Throws when the head is too old. A node that cannot write makes no blocks, heartbeats included. */
function checkLedger({ node, clock, options }: RouteContext): void {
  const failure = node.failure();
  if (failure !== undefined) throw failure;
  const height = node.height();
  const block = node.block(height);
  if (height === 0 || block === undefined) {
    throw new AppError('health/no-block', 'has made no block yet');
  }
  const age_ms = clock.now_ms() - decodeHeader(block.header).time_ms;
  if (age_ms > options.headAgeMax_ms) {
    const age_s = Math.floor(age_ms / 1000);
    throw new AppError('health/stands-still', `stands still: the last block is ${age_s} s old`);
  }
}

async function outcome(
  part: () => Promise<void> | void,
  timeout_ms: number,
): Promise<{ readonly text: string; readonly error?: unknown }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new AppError('health/late', 'no answer in time')), timeout_ms);
  });
  try {
    await Promise.race([Promise.resolve().then(part), late]);
    return { text: 'ok' };
  } catch (error) {
    // A store's own message may name hosts and queries: only our words go out, the log has the rest.
    const text = isAppError(error) ? error.message : 'does not answer';
    return { text: text.slice(0, REASON_CHARS_MAX), error };
  } finally {
    clearTimeout(timer);
  }
}
