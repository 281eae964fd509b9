// An event as the tree of names and texts that is hashed (CBV 2.0 §8.9): the shape that its XML form would have, so that JSON
// and XML of one event agree.

import { expandName } from './context.ts';
import { canonicalTime, canonicalValue } from './hash-values.ts';
import type { EpcisContext } from './types.ts';
import { standardValue } from './vocabulary.ts';

export interface HashNode {
  readonly name: string;
  readonly text: string;
  readonly children: HashNode[];
  /** The children are written in their order, not sorted. */
  readonly inOrder?: true;
}

/** Left out wherever they stand: remarks are not part of an event. */
const REMARKS: ReadonlySet<string> = new Set(['comment', 'rdfs:comment', '@context']);
/** Left out of the event itself: its own id, when it was recorded, and what was said about it later. */
const NOT_HASHED: ReadonlySet<string> = new Set([
  'eventID',
  'recordTime',
  'type',
  'errorDeclaration',
]);
const TIMES: ReadonlySet<string> = new Set(['eventTime', 'time', 'startTime', 'endTime']);
/** Lists whose elements are a type and a value: in XML the value of an element with an attribute. */
const PAIRS: Readonly<Record<string, string>> = {
  bizTransactionList: 'bizTransaction',
  sourceList: 'source',
  destinationList: 'destination',
};
/** Names of list elements that do not follow from the name of the list. */
const ELEMENTS: Readonly<Record<string, string>> = {
  inputEPC: 'epc',
  outputEPC: 'epc',
  quantity: 'quantityElement',
  inputQuantity: 'quantityElement',
  outputQuantity: 'quantityElement',
  childQuantity: 'quantityElement',
};

function textOf(value: unknown, path: string, context: EpcisContext): string {
  if (typeof value !== 'string') return canonicalValue(String(value));
  const isTime = TIMES.has(path.slice(path.lastIndexOf('/') + 1));
  if (isTime) return canonicalTime(value);
  return canonicalValue(standardValue(path, value) ?? expandName(value, context));
}

/** One value under `name`; `path` is the way to it from the event, in names, for the vocabulary that it is taken from. */
function nodeOf(name: string, value: unknown, path: string, context: EpcisContext): HashNode {
  if (typeof value !== 'object') {
    return { name, text: textOf(value, path, context), children: [] };
  }
  if (Array.isArray(value)) {
    const children = value.map((item) => nodeOf('', item, path, context));
    return { name, text: '', children };
  }
  return { name, text: '', children: childrenOf(value ?? {}, path, context) };
}

function pairNode(list: string, item: object, context: EpcisContext): HashNode {
  const value = PAIRS[list]!;
  const entries = new Map(Object.entries(item));
  const children = ['type', value]
    .filter((name) => entries.has(name))
    .map((name) => nodeOf(name, entries.get(name), `${list}/${name}`, context));
  return { name: '', text: '', children, inOrder: true };
}

function listNode(name: string, items: readonly unknown[], path: string, context: EpcisContext) {
  const singular = name.slice(0, -'List'.length);
  const children = items.map((item) =>
    Object.hasOwn(PAIRS, path) && typeof item === 'object' && item !== null
      ? pairNode(path, item, context)
      : nodeOf(ELEMENTS[singular] ?? singular, item, path, context),
  );
  return { name, text: '', children };
}

function childrenOf(object: object, path: string, context: EpcisContext): HashNode[] {
  return Object.entries(object).flatMap(([key, value]) => {
    if (REMARKS.has(key) || value === null || value === undefined) return [];
    if (path === '' && NOT_HASHED.has(key)) return [];
    const expanded = expandName(key, context);
    if (context.ignored.has(expanded)) return [];
    const name = expandName(key, context, '{', '}');
    const below = path === '' ? key : `${path}/${key}`;
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (name.endsWith('List')) {
      return items.length === 0 ? [] : [listNode(name, items, below, context)];
    }
    if (below === 'childEPCs') {
      const children = items.map((item) => nodeOf('epc', item, below, context));
      return [{ name, text: '', children }];
    }
    return items.map((item) => nodeOf(name, item, below, context));
  });
}

/** The children of an event. A fresh tree, which the caller may take apart. */
export function hashTree(event: object, context: EpcisContext): HashNode[] {
  return childrenOf(event, '', context);
}
