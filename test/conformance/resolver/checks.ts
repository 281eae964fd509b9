// What is asked of a running resolver, each check with the clauses that it is about, by their lines in the clause list.

import { expectThat, type World } from './client.ts';
import { LINK_CHECKS } from './link-checks.ts';
import { MESSAGE_CHECKS } from './message-checks.ts';

export interface Check {
  /** Lines of ConformantResolver1_0.txt, from 1. */
  readonly lines: readonly number[];
  readonly name: string;
  /** Throws what is wrong; its text, if it gives one, is a remark. */
  run(world: World): Promise<unknown>;
}

export const CHECKS: readonly Check[] = [...MESSAGE_CHECKS, ...LINK_CHECKS];

/** Clauses that ask nothing of this resolver, or that it does not fulfil, and why. */
export const EXCEPTIONS: ReadonlyMap<number, string> = new Map([
  [
    8,
    'compressed links are refused with 400 and a code of their own: our labels carry plain ones, and the codec is a standard apart',
  ],
  [9, 'compressed links are refused'],
  [11, 'no request is sent to another resolver'],
  [31, 'nothing is redirected by company prefix'],
  [59, 'nothing is redirected by company prefix'],
]);

export { expectThat };
