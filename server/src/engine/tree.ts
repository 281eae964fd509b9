// The executed blocks above the database. Consensus decides which of them stay; the tree only keeps them, and not too many.

import { AppError } from '@suyuan/contracts';
import type { Ground, Layer } from './layer.ts';

export interface TreeLimits {
  /** Blocks upon each other; consensus leaves far fewer undecided. */
  readonly depth: number;
  readonly layers: number;
  readonly bytes: number;
}

export const TREE_LIMITS: TreeLimits = {
  depth: 64,
  layers: 256,
  bytes: 256 * 1024 * 1024,
};

export interface Tree {
  get(id: string): Layer | undefined;
  /** The blocks from above the database to this one, lowest first. */
  pathTo(layer: Layer): Layer[];
  /** Throws `engine/too-deep` when no further block may stand there. */
  assertRoom(on: Ground): void;
  /** Keeps it. Where there are too many, those longest not asked for go that nothing stands upon and that `keeps` does not name. */
  add(layer: Layer, keeps: ReadonlySet<Layer>): void;
  /** Drops all that neither is `layer`, nor stands upon it, nor is below it. */
  keepOnly(layer: Layer): void;
  /** These are in the database, lowest first; what stands upon the last stands upon the database. */
  land(run: readonly Layer[]): void;
  readonly count: number;
}

export function createTree(limits: TreeLimits = TREE_LIMITS): Tree {
  // Asked for longest ago first.
  const layers = new Map<string, Layer>();
  let bytes = 0;

  function drop(layer: Layer): void {
    if (layers.delete(layer.id)) bytes -= layer.size_bytes;
  }

  function pathTo(layer: Layer): Layer[] {
    const path: Layer[] = [];
    for (let at: Layer | undefined = layer; at !== undefined; at = at.parent) path.push(at);
    return path.reverse();
  }

  function evict(keeps: ReadonlySet<Layer>, fresh: Layer): void {
    for (;;) {
      if (layers.size <= limits.layers && bytes <= limits.bytes) return;
      const parents = new Set([...layers.values()].map(({ parent }) => parent));
      const leaf = [...layers.values()].find(
        (layer) => layer !== fresh && !parents.has(layer) && !keeps.has(layer),
      );
      if (leaf === undefined) return;
      drop(leaf);
    }
  }

  return {
    get(id) {
      const layer = layers.get(id);
      if (layer === undefined) return undefined;
      layers.delete(id);
      layers.set(id, layer);
      return layer;
    },
    pathTo,
    assertRoom({ layer }) {
      if (layer === undefined || pathTo(layer).length < limits.depth) return;
      throw new AppError(
        'engine/too-deep',
        `${limits.depth} blocks wait for a certificate, one upon the other; no further one is executed before some of them have one.`,
        { depth: limits.depth },
      );
    },
    add(layer, keeps) {
      layers.set(layer.id, layer);
      bytes += layer.size_bytes;
      evict(keeps, layer);
    },
    keepOnly(layer) {
      const below = new Set(pathTo(layer));
      for (const other of [...layers.values()]) {
        if (!below.has(other) && !pathTo(other).includes(layer)) drop(other);
      }
    },
    land(run) {
      const landed = new Set(run);
      for (const layer of run) drop(layer);
      for (const layer of layers.values()) {
        if (layer.parent !== undefined && landed.has(layer.parent)) layer.land();
      }
    },
    get count() {
      return layers.size;
    },
  };
}
