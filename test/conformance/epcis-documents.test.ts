// EPCIS documents against the official JSON Schema: our checks and the schema must give the same verdict on every example and
// on examples broken at random.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { isAppError } from '../../contracts/src/errors.ts';
import { eventListPath, readEpcisDocument } from '../../contracts/src/gs1/index.ts';

const GS1 = resolve(fileURLToPath(new URL('../../../shared/vectors/gs1', import.meta.url)));

function documentsBelow(folder: string): [name: string, json: unknown][] {
  const root = join(GS1, folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.json(ld)?$/.test(name) && !name.endsWith('derived-hashes.json'))
    .filter((name) => !name.includes('Queries'))
    .sort()
    .map((name) => [name, JSON.parse(readFileSync(join(root, name), 'utf8')) as unknown]);
}

const valid = documentsBelow('examples-valid');
const invalid = documentsBelow('examples-invalid');

/** Null when it is accepted; anything but a coded refusal is a failure of the test. */
function refusal(json: unknown): string | null {
  try {
    readEpcisDocument(json);
    return null;
  } catch (error) {
    if (isAppError(error, 'epcis')) return `${error.code} ${error.message}`;
    throw error;
  }
}

/** A place in a JSON value, counted in the order of a walk through it, and what happens there. */
const mutation = fc.record({
  place: fc.nat(400),
  act: fc.constantFrom('remove', 'replace', 'add', 'twice') as fc.Arbitrary<
    'remove' | 'replace' | 'add' | 'twice'
  >,
  value: fc.constantFrom<unknown[]>(
    null,
    true,
    0,
    -1.5,
    '',
    'x',
    'urn:a:b',
    'example:x',
    'not a uri',
    'shipping',
    'in_transit',
    'https://ref.gs1.org/cbv/BizStep-shipping',
    'urn:epcglobal:cbv:bizstep:shipping',
    'https://gs1.org/voc/Temperature',
    'https://ns.gs1.org/cbv/X',
    '2026-02-29T00:00:00Z',
    '2024-02-29T23:59:60Z',
    '2026-01-01T00:00:00',
    '+14:00',
    '+14:01',
    'kg',
    'ADD',
    'DELETE',
    'OBSERVE',
    'ObjectEvent',
    'TransformationEvent',
    'AssociationEvent',
    'TransactionEvent',
    'example:Event',
    'NoEvent',
    [],
    {},
    [{}],
    ['urn:a:b'],
    ['urn:a:b', 'urn:a:b'],
    { id: 'urn:a:b' },
    { set: [] },
  ),
  name: fc.constantFrom(
    'x',
    'example:x',
    'ilmd',
    'epcList',
    'quantityList',
    'persistentDisposition',
    'parentID',
    'transformationID',
    'certificationInfo',
    'errorDeclaration',
    'sensorElementList',
    'disposition',
    'id',
    'type',
  ),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

/** A changed copy. */
function mutate(json: unknown, { place, act, value, name }: Mutation): unknown {
  const copy = structuredClone(json);
  const places: [holder: Record<string, unknown>, key: string][] = [];
  const walk = (holder: Record<string, unknown>): void => {
    for (const [key, entry] of Object.entries(holder)) {
      places.push([holder, key]);
      if (typeof entry === 'object' && entry !== null) walk(entry as Record<string, unknown>);
    }
  };
  walk(copy as Record<string, unknown>);
  const [holder, key] = places[place % places.length]!;
  if (act === 'twice' && Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
  else if (act === 'add' && !Array.isArray(holder)) holder[name] = value;
  else if (act === 'remove' && Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (act === 'remove') delete holder[key];
  else holder[key] = value;
  return copy;
}

describe.skipIf(valid.length === 0)('EPCIS documents, beside the official schema', () => {
  let schema: ValidateFunction;
  beforeAll(() => {
    const ajv = new Ajv({ strict: false, allErrors: false });
    formats.default(ajv);
    schema = ajv.compile(
      JSON.parse(readFileSync(join(GS1, 'epcis-spec/EPCIS-JSON-Schema.json'), 'utf8')) as object,
    );
  });

  it('finds the examples', () => {
    expect(valid.length).toBeGreaterThan(40);
    expect(invalid.length).toBeGreaterThan(8);
  });

  it.each(valid)('accepts %s', (_, json) => {
    expect(schema(json)).toBe(true);
    expect(refusal(json)).toBe(null);
    const { events, kind } = readEpcisDocument(json);
    expect(events.length).toBeGreaterThan(0);
    expect(eventListPath(kind)).toMatch(/eventList$|^$/);
  });

  it.each(invalid)('refuses %s', (_, json) => {
    expect(schema(json)).toBe(false);
    expect(refusal(json)).toMatch(/^epcis\/invalid-/);
  });

  it('agrees with the schema on examples broken at random', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...valid),
        fc.array(mutation, { minLength: 1, maxLength: 2 }),
        ([, json], mutations) => {
          const broken = mutations.reduce<unknown>(mutate, json);
          const answer = refusal(broken);
          if (answer !== null) refused++;
          const accepted = schema(broken);
          if (accepted !== (answer === null)) {
            const why = answer ?? `accepted, but the schema says ${JSON.stringify(schema.errors)}`;
            throw new Error(why);
          }
        },
      ),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(500);
  });
});
