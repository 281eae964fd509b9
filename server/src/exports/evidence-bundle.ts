// The bundle of an evidence file: that of a scan, and proven in the same state every shipment that a lot of its chain went out with.

import {
  AppError,
  accountKey,
  BUNDLE_SIZE_BYTES_MAX,
  decodeBundle,
  decodeCbor,
  decodeHeader,
  documentKey,
  encodeBundle,
  equalBytes,
  placeKey,
  type Shipment,
  type StateEntry,
  type StateReader,
  type Subject,
  shipmentKey,
  toLot,
} from '@suyuan/contracts';
import type { CachedBundle } from '../bundle/cache.ts';
import type { LedgerNode } from '../http/ports.ts';
import { SHIPMENTS_MAX, TRIES_MAX } from './limits.ts';
import { type LotEvents, tooMany } from './lot-events.ts';
import { shipmentsOf } from './shipments.ts';

export interface EvidenceParts {
  readonly node: Pick<LedgerNode, 'read' | 'proveKeys'>;
  readonly events: LotEvents;
  readonly assemble: (link: Subject) => Promise<CachedBundle>;
}

/** Throws as `assembleBundle`, and `exports/…` or `http/busy`. */
export async function evidenceBundle(parts: EvidenceParts, link: Subject): Promise<Uint8Array> {
  const { node, events, assemble } = parts;
  const state: StateReader = { get: (key) => node.read(key) };
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const { bytes } = await assemble(link);
    const bundle = decodeBundle(bytes);
    const lots = bundle.state.flatMap(({ key, value }) =>
      value !== null && key.startsWith('lots/') ? [toLot(decodeCbor(value))] : [],
    );
    const { height } = decodeHeader(bundle.head.header);
    const found = await shipmentsOf(events, state, lots, height);
    const shipments = new Map(
      [...found.values()].flat().map((one) => [shipmentKey(one.from, one.id), one]),
    );
    if (shipments.size > SHIPMENTS_MAX) throw tooMany('shipments', SHIPMENTS_MAX);
    const known = new Set(bundle.state.map(({ key }) => key));
    const wanted = new Set([...shipments].flatMap(([key, one]) => [key, ...keysOf(one)]));
    const proven = node.proveKeys([...wanted].filter((key) => !known.has(key)));
    // A block came in between: proofs of two states make no bundle.
    if (!equalBytes(proven.header, bundle.head.header)) continue;
    const whole = encodeBundle({ ...bundle, state: inOrder([...bundle.state, ...proven.entries]) });
    if (whole.length > BUNDLE_SIZE_BYTES_MAX) {
      throw new AppError('bundle/too-large', 'The lot has more evidence than a bundle may carry.');
    }
    return whole;
  }
  throw new AppError('http/busy', 'The ledger moves on too fast just now; try again in a moment.');
}

function keysOf({ from, to, fromPlace, toPlace, via, documents }: Shipment): string[] {
  const places = [fromPlace, toPlace, ...(via === undefined ? [] : [via])];
  return [accountKey(from), accountKey(to), ...places.map(placeKey), ...documents.map(documentKey)];
}

/** Keys are ASCII: the order of their letters is that of their bytes. */
function inOrder(entries: readonly StateEntry[]): StateEntry[] {
  return [...entries].sort((a, b) => (a.key < b.key ? -1 : 1));
}
