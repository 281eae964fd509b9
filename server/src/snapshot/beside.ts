// What a node keeps beside the state, and the state only commits to: the scopes of recalls and the anchors of gateways.

import {
  AppError,
  decodeCbor,
  equalBytes,
  type Hash,
  recallKey,
  scopeTreeSteps,
  toRecall,
  utf8ToBytes,
} from '@suyuan/contracts';
import { anchorRoot, appendAnchors } from '../storage/anchor-index.ts';
import type { StateDatabase } from '../storage/database.ts';
import { scopedLots, scopeWrites } from '../storage/recall-scopes.ts';
import { anchorLogs, keptScopes } from './export.ts';
import type { Piece } from './pieces.ts';

export interface Beside {
  /** Throws `snapshot/out-of-order`, `snapshot/scope` or `snapshot/anchors`. */
  add(piece: Piece): Promise<void>;
  /** Throws `snapshot/scope` or `snapshot/anchors` unless all is there that the state commits to, and nothing else. */
  assertComplete(pause: () => Promise<void>): Promise<void>;
}

/** `db` holds the verified state. */
export function createBeside(db: StateDatabase, hash: Hash): Beside {
  const scopes = new Set(keptScopes(db));
  const logs = new Map([...anchorLogs(db)].map(({ gateway, ...log }) => [gateway, log]));
  const lots = new Map<string, number>();
  const anchors = new Map<string, number>();

  function countOf(recall: string): number {
    const value = db.get('state', utf8ToBytes(recallKey(recall)));
    return value === undefined ? 0 : toRecall(decodeCbor(value)).scope.count;
  }

  async function addScope(recall: string, more: readonly string[]): Promise<void> {
    const count = (lots.get(recall) ?? 0) + more.length;
    if (!scopes.has(recall) || count > countOf(recall)) throw wrongScope(recall);
    lots.set(recall, count);
    await db.write(scopeWrites(db, [{ recall, lots: more, rows: more.length }]));
  }

  async function addAnchors(gateway: string, from: number, leaves: readonly Uint8Array[]) {
    const size = logs.get(gateway)?.size ?? 0;
    const have = anchors.get(gateway) ?? 0;
    if (from !== have || have + leaves.length > size) throw wrongAnchors(gateway);
    anchors.set(gateway, have + leaves.length);
    const entries = leaves.map((leaf, i) => ({ gateway, index: from + i, leaf }));
    await db.write(appendAnchors(hash, db, entries));
  }

  return {
    async add(piece) {
      if (piece.type === 'scope') await addScope(piece.recall, piece.lots);
      else if (piece.type === 'anchors') {
        await addAnchors(piece.gateway, piece.from, piece.leaves);
      } else {
        throw new AppError(
          'snapshot/out-of-order',
          'A piece of the snapshot is not in its place.',
          {
            type: piece.type,
          },
        );
      }
    },
    async assertComplete(pause) {
      for (const [gateway, { size, root }] of logs) {
        const whole = (anchors.get(gateway) ?? 0) === size;
        if (!whole || !equalBytes(anchorRoot(hash, db, gateway, size), root)) {
          throw wrongAnchors(gateway);
        }
      }
      for (const recall of scopes) {
        const { root } = toRecall(
          decodeCbor(db.get('state', utf8ToBytes(recallKey(recall)))!),
        ).scope;
        const tree = scopeTreeSteps(hash, scopedLots(db, recall));
        let step = tree.next();
        while (step.done !== true) {
          await pause();
          step = tree.next();
        }
        if (!equalBytes(step.value.root, root)) throw wrongScope(recall);
      }
    },
  };
}

function wrongScope(recall: string): AppError {
  return new AppError(
    'snapshot/scope',
    `The scope of recall ${recall} in the snapshot is not the one that the ledger commits to; get it from another node.`,
    { recall },
  );
}

function wrongAnchors(gateway: string): AppError {
  return new AppError(
    'snapshot/anchors',
    `The anchors of ${gateway} in the snapshot are not those that the ledger commits to; get it from another node.`,
    { gateway },
  );
}
