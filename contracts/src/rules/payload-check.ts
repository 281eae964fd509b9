// Whether a payload is what its action takes. The schema is compiled at its first use, for it is asked of every transaction; where the
// machine forbids compiling, typebox interprets it, to the same answers (payload-check.test.ts).

import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import type { CborObject } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import type { Action } from './types.ts';

const compiled = new WeakMap<Action, (payload: CborObject) => boolean>();

function checkOf(action: Action): (payload: CborObject) => boolean {
  const known = compiled.get(action);
  if (known !== undefined) return known;
  const validator = Compile(action.schema);
  const check = (payload: CborObject) => validator.Check(payload);
  compiled.set(action, check);
  return check;
}

/** Throws `rules/bad-payload`, naming the first field that is wrong. */
export function requirePayload(action: Action, payload: CborObject): void {
  if (checkOf(action)(payload)) return;
  const first = Value.Errors(action.schema, payload).find((e) => e.message !== 'schema is false');
  const field = first?.instancePath || '/';
  throw new AppError(
    'rules/bad-payload',
    `The payload field ${field} ${first?.message ?? 'is wrong'}.`,
    { field },
  );
}
