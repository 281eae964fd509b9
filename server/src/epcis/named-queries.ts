// Named queries: a question kept under a name, by the account that made it.

import { AppError } from '@suyuan/contracts';
import type { JsonStore } from '../delivery/json-store.ts';
import { QUERIES_MAX, QUERIES_PER_ACCOUNT_MAX } from './limits.ts';
import { type EventQuery, readEventQuery } from './query-parameters.ts';

export interface NamedQuery {
  readonly name: string;
  /** As it was given. */
  readonly query: Readonly<Record<string, unknown>>;
  readonly account: string;
  readonly createdAt_ms: number;
}

export interface NamedQueries {
  /** Throws `epcis/bad-query`, `epcis/query-parameter`, `epcis/query-exists` or `epcis/too-many`. */
  create(account: string, definition: unknown, now_ms: number): Promise<NamedQuery>;
  /** Throws `epcis/not-found`. */
  get(name: string): NamedQuery;
  parsed(name: string): EventQuery;
  list(options: { readonly after?: string; readonly limit: number }): NamedQuery[];
  /** Throws `epcis/not-found` or `epcis/not-yours`. */
  remove(account: string, name: string): Promise<void>;
}

const PREFIX = 'query/';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/;
const QUERY_CHARS_MAX = 64 * 1024;

export function createNamedQueries(store: JsonStore): NamedQueries {
  const all = () => store.list<NamedQuery>(PREFIX, { limit: QUERIES_MAX });

  function get(name: string): NamedQuery {
    const found = NAME.test(name) ? store.get<NamedQuery>(PREFIX + name) : undefined;
    if (found === undefined)
      throw new AppError('epcis/not-found', 'There is no query of that name.');
    return found;
  }

  return {
    async create(account, definition, now_ms) {
      const { name, query } = readDefinition(definition);
      readEventQuery(query);
      if (store.get(PREFIX + name) !== undefined) {
        throw new AppError('epcis/query-exists', 'A query of this name exists; choose another.');
      }
      const known = all();
      const own = known.filter(([, entry]) => entry.account === account);
      if (known.length >= QUERIES_MAX || own.length >= QUERIES_PER_ACCOUNT_MAX) {
        const words = `An account keeps at most ${QUERIES_PER_ACCOUNT_MAX} queries; delete one.`;
        throw new AppError('epcis/too-many', words);
      }
      const entry: NamedQuery = { name, query, account, createdAt_ms: now_ms };
      await store.put(PREFIX + name, entry);
      return entry;
    },
    get,
    parsed: (name) => readEventQuery(get(name).query),
    list: ({ after, limit }) =>
      store
        .list<NamedQuery>(PREFIX, {
          limit,
          ...(after === undefined ? {} : { after: PREFIX + after }),
        })
        .map(([, entry]) => entry),
    async remove(account, name) {
      if (get(name).account !== account) {
        throw new AppError('epcis/not-yours', 'The query belongs to another account.');
      }
      await store.remove(PREFIX + name);
    },
  };
}

function readDefinition(given: unknown): {
  name: string;
  query: Readonly<Record<string, unknown>>;
} {
  const { name, query, ...others } = isObject(given) ? given : {};
  if (typeof name !== 'string' || !NAME.test(name) || !isObject(query)) {
    throw new AppError(
      'epcis/bad-query',
      'Give {"name", "query"}: a name of 1 to 128 letters, digits, dot, hyphen, underscore or tilde, and the parameters.',
    );
  }
  if (Object.keys(others).length > 0 || JSON.stringify(query).length > QUERY_CHARS_MAX) {
    throw new AppError('epcis/bad-query', 'A query has a name and parameters, in 64 KiB.');
  }
  return { name, query };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
