// What every route works with, and the type of the server that they are added to.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Hash } from '@suyuan/contracts';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ReadingStore } from '../readings/port.ts';
import type { HttpOptions } from './options.ts';
import type { Clock, LedgerNode, StatusSources } from './ports.ts';

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface RouteContext {
  readonly node: LedgerNode;
  /** The hash of the ledger's profile. */
  readonly hash: Hash;
  readonly readings: ReadingStore;
  readonly clock: Clock;
  /** Moves on only, whatever the clock does: for what is kept for a while. */
  readonly elapsed_ms: () => number;
  readonly statusSources: StatusSources;
  readonly options: HttpOptions;
}
