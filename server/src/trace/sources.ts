// Where a trace begins: the lots that a lot, unit, document, place, device or organisation stands for.

import {
  AppError,
  type Document,
  deviceKey,
  getLabelBatch,
  getLot,
  type LabelBatch,
  type Lot,
  labelListKey,
  type StateReader,
  toDevice,
} from '@suyuan/contracts';
import type { Snapshot } from '../storage/database.ts';
import { stateReader } from '../storage/state.ts';
import {
  lotName,
  lotNameOf,
  lotNumber,
  lotsPresent,
  type Presence,
} from '../storage/trace-index.ts';
import { refOfName } from './scope.ts';

/** Half open; in milliseconds. */
export interface TimeWindow {
  readonly from_ms: number;
  readonly to_ms: number;
}

export type TraceSource =
  | { readonly kind: 'lot' | 'unit'; readonly gtin: string; readonly lot: string }
  | { readonly kind: 'document'; readonly hash: string }
  | ({ readonly kind: 'place' | 'device' | 'account'; readonly id: string } & {
      readonly window?: TimeWindow;
    });

const LOTS = 'lots/';
const LABELS = 'labels/';
const PLACES = 'places/';
const DEVICES = 'devices/';
const ACCOUNTS = 'accounts/';

/** Lots that are looked at before other work may have its turn. */
const LOTS_A_TURN = 256;

/**
 * Numbers of the lots that a source stands for; some may come twice. A null is no lot: other work may have its turn. Throws
 * `trace/unknown` when the ledger does not know the source.
 */
export function* seedsOf(at: Snapshot, source: TraceSource): Generator<number | null> {
  const state = stateReader(at);
  switch (source.kind) {
    case 'lot':
    case 'unit': {
      const number = lotNumber(at, lotName(source.gtin, source.lot));
      if (number === undefined) throw unknown();
      yield number;
      return;
    }
    case 'document': {
      const found = state.get(`documents/${source.hash}`);
      if (found === undefined) throw unknown();
      const { subjects } = found as unknown as Document;
      for (const subject of subjects) yield* seedsOfSubject(at, state, subject);
      return;
    }
    case 'place':
      requireRecord(state, `${PLACES}${source.id}`);
      yield* presentIn(at, state, 'place', source.id, source.window);
      return;
    case 'account':
      requireRecord(state, `${ACCOUNTS}${source.id}`);
      yield* presentIn(at, state, 'holder', source.id, source.window);
      return;
    case 'device':
      requireRecord(state, deviceKey(source.id));
      yield* seedsOfDevice(at, state, source.id, source.window);
      return;
  }
}

function unknown(): AppError {
  return new AppError('trace/unknown', 'The ledger does not know what the trace is to begin with.');
}

function requireRecord(state: StateReader, key: string): void {
  if (state.get(key) === undefined) throw unknown();
}

function* seedsOfSubject(at: Snapshot, state: StateReader, key: string): Generator<number | null> {
  if (key.startsWith(LOTS) || key.startsWith(LABELS)) {
    const name = key.split('/').slice(1, 3).join('/');
    const number = lotNumber(at, name);
    if (number !== undefined) yield number;
  } else if (key.startsWith(PLACES)) {
    yield* presentIn(at, state, 'place', key.slice(PLACES.length));
  } else if (key.startsWith(ACCOUNTS)) {
    yield* presentIn(at, state, 'holder', key.slice(ACCOUNTS.length));
  } else if (key.startsWith(DEVICES)) {
    yield* seedsOfDevice(at, state, key.slice(DEVICES.length));
  }
}

/** The lots that lay where the device stood, while it stood there. */
function* seedsOfDevice(
  at: Snapshot,
  state: StateReader,
  id: string,
  window?: TimeWindow,
): Generator<number | null> {
  const value = state.get(deviceKey(id));
  if (value === undefined) return;
  for (const { place, from, to } of toDevice(value).assignments) {
    const from_ms = Math.max(from, window?.from_ms ?? 0);
    const to_ms = Math.min(to ?? Number.MAX_SAFE_INTEGER, window?.to_ms ?? Number.MAX_SAFE_INTEGER);
    if (from_ms < to_ms) yield* presentIn(at, state, 'place', place, { from_ms, to_ms });
  }
}

function* presentIn(
  at: Snapshot,
  state: StateReader,
  kind: Presence,
  id: string,
  window?: TimeWindow,
): Generator<number | null> {
  let looked = 0;
  for (const number of lotsPresent(at, kind, id)) {
    looked += 1;
    if (looked % LOTS_A_TURN === 0) yield null;
    if (window === undefined || wasPresent(state, lotNameOf(at, number), kind, id, window)) {
      yield number;
    }
  }
}

/** A lot that is used up is taken to lie where it last lay: rather one lot too many than one too few. */
function wasPresent(
  state: StateReader,
  name: string,
  kind: Presence,
  id: string,
  window: TimeWindow,
): boolean {
  const { gtin, lot: number } = refOfName(name);
  const lot = getLot(state, gtin, number);
  if (lot === undefined) return false;
  const first = { place: lot.place, holder: lot.maker, from: lot.since };
  if (overlaps([first, ...lot.moves], kind, id, window)) return true;
  for (const batch of batchesOf(state, lot)) {
    if (overlaps(batch.moves, kind, id, window)) return true;
  }
  return false;
}

function* batchesOf(state: StateReader, lot: Lot): Generator<LabelBatch> {
  for (let n = 0; n < lot.batches; n++) {
    const name = state.get(labelListKey(lot.gtin, lot.lot, n));
    const batch =
      typeof name === 'string' ? getLabelBatch(state, lot.gtin, lot.lot, name) : undefined;
    if (batch !== undefined) yield batch;
  }
}

function overlaps(
  stays: Lot['moves'],
  kind: Presence,
  id: string,
  { from_ms, to_ms }: TimeWindow,
): boolean {
  return stays.some(
    (stay, i) =>
      stay[kind] === id &&
      stay.from < to_ms &&
      (stays[i + 1]?.from ?? Number.MAX_SAFE_INTEGER) > from_ms,
  );
}
