// The tree that a recall's scope root stands for (docs/formats.md §2, §5): a state tree over the `lots/…` keys in scope, each
// with the value `true`. A phone verifies with this file alone that its lot is in a scope, or is not.

import type { Hash } from '../../crypto/types.ts';
import { encodeCbor } from '../../encoding/cbor.ts';
import {
  EMPTY_SUBTREE,
  pathBit,
  type StateLeaf,
  stateInnerHash,
  stateLeafHash,
  statePath,
  stateValueHash,
} from '../../merkle/state-node.ts';
import { type StateProof, verifyAbsence, verifyPresence } from '../../merkle/state-proof.ts';

/** The bytes under every key in scope. */
const IN_SCOPE = encodeCbor(true);

interface Inner {
  readonly hash: Uint8Array;
  readonly left: Tree;
  readonly right: Tree;
}

/** A subtree: nothing, the path of its only key, or two. */
type Tree = undefined | { readonly hash: Uint8Array; readonly path: Uint8Array } | Inner;

export interface ScopeTree {
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Proof of the key's presence when it is in scope, else of its absence. */
  prove(lotKey: string): StateProof;
}

/** Keys hashed, or leaves built upon, between two steps. */
const KEYS_AT_ONCE = 512;

/** The tree over distinct `lots/…` keys, in any order: about 2.5 hashes and 300 bytes a key. */
export function scopeTree(hash: Hash, lotKeys: Iterable<string>): ScopeTree {
  const steps = scopeTreeSteps(hash, lotKeys);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in steps of some milliseconds, for who has other things to do meanwhile. */
export function* scopeTreeSteps(
  hash: Hash,
  lotKeys: Iterable<string>,
): Generator<void, ScopeTree, void> {
  const valueHash = stateValueHash(hash, IN_SCOPE);
  const byFirst: Uint8Array[][] = Array.from({ length: 256 }, () => []);
  let count = 0;
  for (const key of lotKeys) {
    const path = statePath(hash, key);
    byFirst[path[0] ?? 0]?.push(path);
    count += 1;
    if (count % KEYS_AT_ONCE === 0) yield;
  }
  const paths: Uint8Array[] = [];
  for (const some of byFirst) {
    for (const path of some.sort(comparePaths)) paths.push(path);
    if (some.length >= KEYS_AT_ONCE) yield;
  }
  const tree = yield* buildSteps(hash, paths, valueHash, 0, 0, paths.length);
  return {
    root: hashOf(tree),
    prove(lotKey) {
      const path = statePath(hash, lotKey);
      const siblings: Uint8Array[] = [];
      let node = tree;
      for (let depth = 0; node !== undefined && 'left' in node; depth++) {
        const goesLeft = pathBit(path, depth) === 0;
        siblings.push(hashOf(goesLeft ? node.right : node.left));
        node = goesLeft ? node.left : node.right;
      }
      const leaf: StateLeaf | null = node === undefined ? null : { path: node.path, valueHash };
      return { siblings, leaf };
    },
  };
}

/** The root (32 bytes) alone. */
export function scopeRoot(hash: Hash, lotKeys: Iterable<string>): Uint8Array {
  return scopeTree(hash, lotKeys).root;
}

/** Returns if the lot is in the scope with this root. Throws `state-proof/*`. */
export function verifyInScope(
  hash: Hash,
  root: Uint8Array,
  lotKey: string,
  proof: StateProof,
): void {
  verifyPresence(hash, root, lotKey, IN_SCOPE, proof);
}

/** Returns if the lot is not in the scope with this root. Throws `state-proof/*`. */
export function verifyNotInScope(
  hash: Hash,
  root: Uint8Array,
  lotKey: string,
  proof: StateProof,
): void {
  verifyAbsence(hash, root, lotKey, proof);
}

function hashOf(tree: Tree): Uint8Array {
  return tree?.hash ?? EMPTY_SUBTREE;
}

/** As `build`, a small subtree at a time. */
function* buildSteps(
  hash: Hash,
  paths: readonly Uint8Array[],
  valueHash: Uint8Array,
  depth: number,
  from: number,
  to: number,
): Generator<void, Tree, void> {
  if (to - from <= KEYS_AT_ONCE) {
    const tree = build(hash, paths, valueHash, depth, from, to);
    yield;
    return tree;
  }
  const middle = middleOf(paths, depth, from, to);
  const left = yield* buildSteps(hash, paths, valueHash, depth + 1, from, middle);
  const right = yield* buildSteps(hash, paths, valueHash, depth + 1, middle, to);
  return { left, right, hash: stateInnerHash(hash, hashOf(left), hashOf(right)) };
}

/** The subtree of the sorted paths `from`..`to`, which agree in the first `depth` bits. */
function build(
  hash: Hash,
  paths: readonly Uint8Array[],
  valueHash: Uint8Array,
  depth: number,
  from: number,
  to: number,
): Tree {
  const path = paths[from];
  if (path === undefined || from === to) return undefined;
  if (to - from === 1) return { path, hash: stateLeafHash(hash, { path, valueHash }) };
  const middle = middleOf(paths, depth, from, to);
  const left = build(hash, paths, valueHash, depth + 1, from, middle);
  const right = build(hash, paths, valueHash, depth + 1, middle, to);
  return { left, right, hash: stateInnerHash(hash, hashOf(left), hashOf(right)) };
}

/** Where the paths whose bit at `depth` is set begin. */
function middleOf(paths: readonly Uint8Array[], depth: number, from: number, to: number): number {
  let middle = from;
  let end = to;
  while (middle < end) {
    const at = (middle + end) >> 1;
    if (pathBit(paths[at]!, depth) === 0) middle = at + 1;
    else end = at;
  }
  return middle;
}

function comparePaths(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
