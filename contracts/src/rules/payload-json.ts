// Payloads written by people: JSON in which byte strings are hex, turned into what is signed by the action's own schema.

import type { TSchema } from 'typebox';
import { hexToBytes } from '../encoding/bytes.ts';
import type { CborObject, CborValue } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import { BASE_RULES, findAction } from './registry.ts';
import type { ActiveRules } from './versions.ts';

type SchemaNode = TSchema & {
  readonly 'x-bytes'?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly const?: unknown;
};

/** Of alternatives that their `kind` tells apart, the one that the value names. */
function chosen(schema: SchemaNode | undefined, value: unknown): SchemaNode | undefined {
  if (schema?.anyOf === undefined || typeof value !== 'object' || value === null) return schema;
  const { kind } = value as { kind?: unknown };
  return schema.anyOf.find((option) => option.properties?.kind?.const === kind);
}

function convert(schema: SchemaNode | undefined, value: unknown, path: string): CborValue {
  if (schema?.['x-bytes'] !== undefined && typeof value === 'string') {
    try {
      return hexToBytes(value);
    } catch {
      throw new AppError('rules/bad-payload', `The payload field ${path} must be hex.`, {
        field: path,
      });
    }
  }
  if (Array.isArray(value))
    return value.map((item, i) => convert(schema?.items, item, `${path}/${i}`));
  if (typeof value === 'object' && value !== null) {
    const { properties } = chosen(schema, value) ?? {};
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        convert(properties?.[key], member, `${path}/${key}`),
      ]),
    );
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (Number.isSafeInteger(value)) return value as number;
  throw new AppError(
    'rules/bad-payload',
    `The payload field ${path || '/'} must be a whole number.`,
    { field: path },
  );
}

/**
 * The payload of an action of the rules in force (those of a new ledger unless given) from parsed JSON. Throws `rules/unknown-module`, `rules/unknown-action` or `rules/bad-payload`; the
 * schema itself is checked when the transaction is executed.
 */
export function payloadFromJson(
  moduleName: string,
  actionName: string,
  json: unknown,
  rules: ActiveRules = BASE_RULES,
): CborObject {
  const { schema } = findAction(moduleName, actionName, rules);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new AppError('rules/bad-payload', 'The payload must be a JSON object.', { field: '/' });
  }
  if (moduleName === 'batch') return batchFromJson(json, rules);
  return convert(schema as SchemaNode, json, '') as CborObject;
}

/** The calls of a batch are read each by the schema of its own action. */
function batchFromJson(json: object, rules: ActiveRules): CborObject {
  const calls = (json as { calls?: unknown }).calls;
  if (!Array.isArray(calls)) {
    throw new AppError('rules/bad-payload', 'A batch has a list of calls.', { field: '/calls' });
  }
  return {
    calls: calls.map((call: { module?: unknown; action?: unknown; payload?: unknown } | null) => {
      const module = String(call?.module);
      if (module === 'batch') {
        throw new AppError('batch/nested', 'A batch holds plain actions, no batches.');
      }
      const action = String(call?.action);
      return { module, action, payload: payloadFromJson(module, action, call?.payload, rules) };
    }),
  };
}
