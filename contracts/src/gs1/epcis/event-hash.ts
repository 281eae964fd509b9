// The hash id of an event (CBV 2.0 §8.9): the SHA-256 of a text in which every spelling of one event is the same. The
// standard does not say everything; where it is silent this follows the reference generator's vectors.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '../../encoding/bytes.ts';
import { EVENT_ORDER, type FieldOrder } from './hash-order.ts';
import { type HashNode, hashTree } from './hash-tree.ts';
import type { EpcisContext, EpcisEvent } from './types.ts';

/** By code point, which UTF-16 order is not beyond U+FFFF. */
function compareText(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const order = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

const joinSorted = (parts: string[]): string => parts.sort(compareText).join('');

/** Everything below `nodes`, sorted by its text. */
function restText(nodes: readonly HashNode[]): string {
  return joinSorted(
    nodes.map(({ name, text, children, inOrder }) => {
      const below =
        inOrder === true ? children.map((child) => restText([child])).join('') : restText(children);
      return name + (text === '' ? '' : `=${text}`) + below;
    }),
  );
}

/** Takes the extensions with a namespace that ends with a slash out of an element: they stay with it, others come at the end. */
function takeExtensions(nodes: HashNode[]): HashNode[] {
  if (nodes.length < 2) return [];
  const extensions = nodes.filter(({ name }) => name.startsWith('{') && name.includes('/}'));
  removeAll(nodes, extensions);
  return extensions;
}

function removeAll(nodes: HashNode[], gone: readonly HashNode[]): void {
  const set = new Set(gone);
  const kept = nodes.filter((node) => !set.has(node));
  nodes.splice(0, nodes.length, ...kept);
}

/** The fields of `order`, which are taken out of `nodes`; an element of which something remains stays with the rest. */
function orderedText(nodes: HashNode[], order: FieldOrder, extensions: HashNode[]): string {
  let text = '';
  for (const [name, below] of order) {
    const parts: string[] = [];
    const fields = nodes.filter((node) => node.name === name);
    for (const { text: value, children } of fields) {
      const inner =
        below === undefined ? '' : orderedText(children, below, takeExtensions(children));
      if (value !== '' || inner !== '') parts.push(name + (value && `=${value}`) + inner);
    }
    removeAll(
      nodes,
      fields.filter(({ children }) => children.length === 0),
    );
    text += joinSorted(parts);
  }
  return text + restText(extensions);
}

/** The text that is hashed, for finding out why two parties disagree. `event` must be checked. */
export function preHash(event: EpcisEvent, context: EpcisContext): string {
  const nodes = hashTree(event, context);
  return `eventType=${event.type}${orderedText(nodes, EVENT_ORDER, [])}${restText(nodes)}`;
}

/** `ni:///sha-256;{64 hex digits}?ver=CBV2.0` of a checked event: the same for all spellings of one event. */
export function eventHash(event: EpcisEvent, context: EpcisContext): string {
  return `ni:///sha-256;${bytesToHex(sha256(utf8ToBytes(preHash(event, context))))}?ver=CBV2.0`;
}
