// Linksets against the JSON schemas of the vectors. The examples beside the schema show first that it can tell good from bad.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { type CaseResult, runCase } from '../suite.ts';
import { hasMembers, readVectorFiles } from '../vector-files.ts';

const FOLDER = 'gs1/linkset';
const SCHEMA = 'gs1-linkset-schema.json';

/** The schema that GS1 adds to RFC 9264, where the vectors have it. */
export function readLinksetSchema(dir: string): ValidateFunction | undefined {
  const path = join(dir, FOLDER, SCHEMA);
  if (!existsSync(path)) return undefined;
  const schema = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  // Its "@id" is no keyword of JSON Schema, and it names things for readers.
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  return ajv.compile(schema);
}

export function assertValid(validate: ValidateFunction, json: unknown, what: string): void {
  if (validate(json)) return;
  const first = validate.errors?.[0];
  throw new Error(`${what}: ${first?.instancePath} ${first?.message}`);
}

/** The examples whose names say what they are: `valid-gs1-…` and `invalid-…`. */
export function exampleCases(dir: string, validate: ValidateFunction): CaseResult[] {
  return readVectorFiles(dir, FOLDER).flatMap(({ file, json }) => {
    const name = file.split('/').at(-1) ?? '';
    if (!hasMembers(json, 'linkset')) return [];
    if (name.startsWith('valid-gs1-')) {
      return [
        runCase(file, 'accepted by the schema', () => {
          assertValid(validate, json, name);
          return undefined;
        }),
      ];
    }
    if (!name.startsWith('invalid-')) return [];
    return [
      runCase(file, 'refused by the schema', () => {
        if (validate(json)) throw new Error('the schema accepts it');
        return undefined;
      }),
    ];
  });
}
