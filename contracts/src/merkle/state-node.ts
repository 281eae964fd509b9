// Paths, hashes and stored nodes of the state tree (docs/formats.md §2). A node's stored bytes are the preimage of its hash,
// so what lies in the store can be checked as it is.

import { tagged } from '../crypto/tagged.ts';
import type { Hash } from '../crypto/types.ts';
import { utf8ToBytes } from '../encoding/bytes.ts';
import { AppError } from '../errors.ts';
import { HASH_SIZE_BYTES, hashPair } from './hash-bytes.ts';

/** The only key of its subtree: its path and value hash, 32 bytes each. */
export interface StateLeaf {
  readonly path: Uint8Array;
  readonly valueHash: Uint8Array;
}

/** A stored node: a leaf, or the hashes (32 bytes) of both subtrees, of which at most one is empty. */
export type StateNode =
  | { readonly leaf: StateLeaf }
  | { readonly left: Uint8Array; readonly right: Uint8Array };

/** Reads the stored node at a position, synchronously. */
export type StateNodeReader = (position: Uint8Array) => StateNode | undefined;

/** The hash of a subtree without keys. Not to be written to. */
export const EMPTY_SUBTREE: Uint8Array = new Uint8Array(HASH_SIZE_BYTES);

const LEAF = 0x02;
const INNER = 0x03;
/** The path (32 bytes) of a key: `T("suyuan/state-key/1", UTF-8 of key)`. */
export function statePath(hash: Hash, key: string): Uint8Array {
  return tagged(hash, 'suyuan/state-key/1', utf8ToBytes(key));
}

/** The value hash (32 bytes) of a value's bytes: `T("suyuan/state-value/1", bytes)`. */
export function stateValueHash(hash: Hash, bytes: Uint8Array): Uint8Array {
  return tagged(hash, 'suyuan/state-value/1', bytes);
}

/** `H(0x02 ‖ path ‖ value hash)`: the hash of a subtree with exactly this key. */
export function stateLeafHash(hash: Hash, leaf: StateLeaf): Uint8Array {
  return hashPair(hash, LEAF, leaf.path, leaf.valueHash);
}

/** `H(0x03 ‖ left ‖ right)`: the hash of a subtree with two keys or more. */
export function stateInnerHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  return hashPair(hash, INNER, left, right);
}

/** The hash of a stored node, 32 bytes; 32 zero bytes for none. */
export function stateNodeHash(hash: Hash, node: StateNode | undefined): Uint8Array {
  return node === undefined ? EMPTY_SUBTREE : hash(encodeStateNode(node));
}

/** Bytes of a stored node. */
export const STATE_NODE_BYTES: number = 1 + 2 * HASH_SIZE_BYTES;

/** 65 bytes: a tag (2 leaf, 3 inner) and two times 32 bytes. */
export function encodeStateNode(node: StateNode): Uint8Array {
  const bytes = new Uint8Array(STATE_NODE_BYTES);
  writeStateNode(node, bytes, 0);
  return bytes;
}

/** The same at `at` of `into`: an update writes thousands of nodes, and one array for all of them spares the collector. */
export function writeStateNode(node: StateNode, into: Uint8Array, at: number): void {
  const isLeaf = 'leaf' in node;
  into[at] = isLeaf ? LEAF : INNER;
  into.set(isLeaf ? node.leaf.path : node.left, at + 1);
  into.set(isLeaf ? node.leaf.valueHash : node.right, at + 1 + HASH_SIZE_BYTES);
}

/** Reads what `encodeStateNode` wrote, copying it. Throws `state-tree/bad-node`. */
export function decodeStateNode(bytes: Uint8Array): StateNode {
  const tag = bytes[0];
  if (bytes.length !== 1 + 2 * HASH_SIZE_BYTES || (tag !== LEAF && tag !== INNER)) {
    throw new AppError(
      'state-tree/bad-node',
      'A stored node of the state tree is damaged: rebuild the state from the block log.',
    );
  }
  const first = Uint8Array.prototype.slice.call(bytes, 1, 1 + HASH_SIZE_BYTES);
  const second = Uint8Array.prototype.slice.call(bytes, 1 + HASH_SIZE_BYTES);
  return tag === LEAF
    ? { leaf: { path: first, valueHash: second } }
    : { left: first, right: second };
}

/** Bit `depth` of a path, from the most significant: 0 goes left, 1 right. */
export function pathBit(path: Uint8Array, depth: number): 0 | 1 {
  return ((path[depth >> 3]! >> (7 - (depth & 7))) & 1) === 1 ? 1 : 0;
}

/**
 * The store's key of the subtree at `depth` (0 to 256) on the way to `path`: depth as 2 bytes, then the first `depth` bits,
 * zero-padded to whole bytes. Two subtrees never share a key; keys sort by depth, then by path.
 */
export function statePosition(path: Uint8Array, depth: number): Uint8Array {
  const whole = depth >> 3;
  const rest = depth & 7;
  const position = new Uint8Array(2 + whole + (rest === 0 ? 0 : 1));
  position[0] = depth >> 8;
  position[1] = depth & 0xff;
  for (let i = 0; i < whole; i++) position[2 + i] = path[i]!;
  if (rest !== 0) position[2 + whole] = path[whole]! & (0xff << (8 - rest));
  return position;
}

/** Position of a subtree's sibling: the other way at the last bit. `depth` is at least 1. */
export function siblingPosition(path: Uint8Array, depth: number): Uint8Array {
  const position = statePosition(path, depth);
  const last = depth - 1;
  const at = 2 + (last >> 3);
  position[at] = position[at]! ^ (0x80 >> (last & 7));
  return position;
}
