import fc from 'fast-check';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import type { CborObject } from '../encoding/types.ts';
import { codeOf } from '../testing/hostile.ts';
import { requirePayload } from './payload-check.ts';
import { RULE_MODULES } from './registry.ts';
import type { Action } from './types.ts';

type Node = TSchema & {
  readonly type?: string;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly const?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly 'x-bytes'?: number;
};

const stray = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, true, '', ' ', {}, [], Number.NaN, 1.5, -1, 2 ** 53),
  fc.string({ unit: 'grapheme', maxLength: 70 }),
  fc.uint8Array({ maxLength: 70 }),
);

/** A value that is near what the schema takes: sometimes right, sometimes wrong in one field, or in many. */
function near(schema: Node): fc.Arbitrary<unknown> {
  const right = (): fc.Arbitrary<unknown> => {
    if (schema['x-bytes'] !== undefined) {
      const size = schema['x-bytes'] || 33;
      return fc.uint8Array({ minLength: size, maxLength: size });
    }
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(near));
    if (schema.type === 'array') {
      const items = near(schema.items ?? ({} as Node));
      return fc.array(items, { minLength: schema.minItems ?? 0, maxLength: 3 });
    }
    if (schema.type === 'object') {
      const fields = Object.entries(schema.properties ?? {});
      const model = Object.fromEntries(fields.map(([name, field]) => [name, near(field)]));
      const requiredKeys = [...(schema.required ?? [])];
      return fc
        .record(model, { requiredKeys })
        .chain((value) =>
          fc.oneof(
            { weight: 9, arbitrary: fc.constant<unknown>(value) },
            { weight: 1, arbitrary: fc.constant<unknown>({ ...value, more: 1 }) },
          ),
        );
    }
    if (schema.type === 'integer') {
      const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = schema;
      return fc.constantFrom(minimum, maximum, minimum - 1, maximum + 1, minimum + 1);
    }
    if (schema.type === 'boolean') return fc.boolean();
    if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
    return fc.constantFrom(
      '06901234500004',
      '6901234500103',
      'ab',
      'x'.repeat(schema.maxLength ?? 5),
    );
  };
  return fc.oneof({ weight: 12, arbitrary: right() }, { weight: 1, arbitrary: stray });
}

const actions: [string, Action][] = RULE_MODULES.flatMap((module) =>
  Object.entries(module.actions).map(([name, action]): [string, Action] => [
    `${module.name}.${name}`,
    action,
  ]),
);

describe('a payload check', () => {
  it('says the same compiled and interpreted, of every action', () => {
    let [taken, refused] = [0, 0];
    for (const [name, { schema }] of actions) {
      const compiled = Compile(schema);
      expect(compiled.IsAccelerated(), name).toBe(true);
      fc.assert(
        fc.property(near(schema as Node), (payload) => {
          const check = compiled.Check(payload);
          expect(check, name).toBe(Value.Check(schema, payload));
          if (check) taken += 1;
          else refused += 1;
        }),
        { numRuns: 60 },
      );
    }
    expect(actions.length).toBeGreaterThan(40);
    expect(Math.min(taken, refused)).toBeGreaterThan(actions.length);
  });

  it('names the first field that is wrong, and takes nothing but its code to say so', () => {
    const action = RULE_MODULES[0]?.actions['set-status'] as Action;
    const check = (payload: CborObject) => codeOf(() => requirePayload(action, payload));
    expect(check({ id: 'coop', status: 'active' })).toBeUndefined();
    expect(check({ id: 'coop', status: 'gone' })).toBe('rules/bad-payload');
    expect(() => requirePayload(action, { id: 'UPPER', status: 'active' })).toThrow(/\/id/);
  });
});
