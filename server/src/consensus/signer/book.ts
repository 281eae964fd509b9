// What a validator has said, in memory, and which statements exclude each other.

import { AppError, equalBytes } from '@suyuan/contracts';
import type { SignedStatement } from './port.ts';
import { statementKey } from './statement.ts';

/** Nothing is forgotten before it is released, so a ledger that finalises nothing for weeks has to stop somewhere. */
export const STATEMENTS_MAX = 65_536;

/** Everything of earlier epochs, and of slots up to this one. */
export interface Released {
  readonly epoch: number;
  readonly slot: number;
}

export interface BookEntry {
  readonly statement: SignedStatement;
  /** In the file for certain. */
  durable: boolean;
}

export interface Book {
  /** Enters the statements, all or none, and gives those that are new. Throws `signer/conflict` or `signer/guard-full`. */
  take(statements: readonly SignedStatement[]): readonly BookEntry[];
  /** False if so much was released before. */
  release(to: Released): boolean;
  released(): Released | null;
  /** In the order in which they were taken. */
  entries(): Iterable<BookEntry>;
}

export function createBook(): Book {
  const entries = new Map<string, BookEntry>();
  let released: Released | null = null;

  return {
    take(statements) {
      const fresh = new Map<string, BookEntry>();
      const find = (at: SignedStatement, kind: SignedStatement['kind']) => {
        const key = statementKey({ ...at, kind });
        return (fresh.get(key) ?? entries.get(key))?.statement;
      };
      for (const statement of statements) {
        if (isReleased(released, statement)) {
          throw conflict(statement, 'what lies there is final already');
        }
        const before = find(statement, statement.kind);
        if (before !== undefined && !isSame(before, statement)) {
          throw conflict(statement, `it signed another ${statement.kind} there`);
        }
        assertRules(statement, (kind) => find(statement, kind));
        if (before === undefined) {
          fresh.set(statementKey(statement), { statement, durable: false });
        }
      }
      if (fresh.size > 0 && entries.size + fresh.size > STATEMENTS_MAX) {
        throw new AppError(
          'signer/guard-full',
          `${entries.size} votes of this validator wait for a block that is final. Find out why the validators do not agree; when they do, it votes again.`,
          { statements: entries.size },
        );
      }
      for (const [key, entry] of fresh) entries.set(key, entry);
      return [...fresh.values()];
    },
    release(to) {
      if (isReleased(released, to)) return false;
      released = { epoch: to.epoch, slot: to.slot };
      for (const [key, { statement }] of entries) {
        if (isReleased(released, statement)) entries.delete(key);
      }
      return true;
    },
    released: () => released,
    entries: () => entries.values(),
  };
}

/** The rules of Simplex about one slot, as far as one's own votes go. */
function assertRules(
  statement: SignedStatement,
  find: (kind: SignedStatement['kind']) => SignedStatement | undefined,
): void {
  if (statement.kind === 'skip' && find('final') !== undefined) {
    throw conflict(statement, 'it signed a final vote there');
  }
  if (statement.kind !== 'final') return;
  if (find('skip') !== undefined) throw conflict(statement, 'it signed a skip vote there');
  const notar = find('notar');
  if (notar?.kind !== 'notar' || !equalBytes(notar.block, statement.block)) {
    throw conflict(statement, 'it signed no notar vote for that block there');
  }
}

export function isReleased(
  released: Released | null,
  { epoch, slot }: { readonly epoch: number; readonly slot: number },
): boolean {
  if (released === null) return false;
  return epoch < released.epoch || (epoch === released.epoch && slot <= released.slot);
}

function isSame(a: SignedStatement, b: SignedStatement): boolean {
  if (a.kind === 'skip' || b.kind === 'skip') return a.kind === b.kind;
  if (!equalBytes(a.block, b.block)) return false;
  return a.kind !== 'propose' || (b.kind === 'propose' && a.parentSlot === b.parentSlot);
}

function conflict({ epoch, slot, kind }: SignedStatement, why: string): AppError {
  return new AppError(
    'signer/conflict',
    `The validator will not sign this ${kind} for slot ${slot} of epoch ${epoch}: ${why}. Nothing was signed; the node is faulty, report it.`,
    { epoch, slot, kind },
  );
}
