// A bundle (docs/formats.md §7): the state part from one snapshot of the ledger, then packs and statements from the store,
// proven against the anchor logs as they stand in that same snapshot.

import {
  type Account,
  AppError,
  accountKey,
  anchorLogKey,
  BUNDLE_RECENT_MS,
  BUNDLE_RECENT_PACKS_MAX,
  BUNDLE_SIZE_BYTES_MAX,
  type Bundle,
  type CborValue,
  decodeCbor,
  decodeHeader,
  encodeBundle,
  evidenceKeys,
  getAccount,
  getAnchorLog,
  getDevice,
  getLabelBatch,
  getLot,
  getProduct,
  type Hash,
  lineageOf,
  lotKey,
  type ScopeProof,
  type StateReader,
  type Subject,
  type UnitProof,
} from '@suyuan/contracts';
import type { LedgerNode, ProvenState } from '../http/ports.ts';
import type { DeviceSpan, ReadingStore } from '../readings/port.ts';
import type { CachedBundle } from './cache.ts';
import type { DeviceIndex } from './device-index.ts';
import { oneHistory } from './history.ts';
import type { PackProver } from './packed-batches.ts';
import type { ScopeProver } from './scopes.ts';
import { shownKeys, type Vouching, vouchingDevice } from './shown-keys.ts';
import type { StatementCheck } from './soundness.ts';
import { clip, watchedSpans } from './spans.ts';
import { statementsOf } from './statements.ts';

/**
 * Devices whose records and evidence a bundle carries. Of more, those that stood in the lot's places first: whoever puts
 * many there afterwards pushes none of them out.
 */
const DEVICES_MAX = 256;
/** Gateways whose anchor logs are proven; only those that vouch for something in the bundle stay in it. */
const GATEWAYS_MAX = 64;
const ANCHORS = anchorLogKey('');

export interface AssembleDeps {
  readonly node: LedgerNode;
  readonly readings: ReadingStore;
  readonly devices: DeviceIndex;
  readonly prover: PackProver;
  readonly scopes: ScopeProver;
  readonly hash: Hash;
  readonly isSound: StatementCheck;
}

/** What one snapshot of the ledger shows about the subject. */
interface Shown {
  readonly state: ProvenState;
  readonly spans: readonly DeviceSpan[];
  /** When the stay of the lot ends: what is recent counts from here. */
  readonly end_ms: number;
  readonly unit?: UnitProof;
  readonly scopes: readonly ScopeProof[];
}

/**
 * The encoded bundle of a product, lot or unit. Throws `bundle/unknown-product`, `bundle/unknown-lot`,
 * `bundle/unknown-unit` or `ledger/no-block`.
 */
export async function assembleBundle(deps: AssembleDeps, link: Subject): Promise<CachedBundle> {
  const { node, readings, prover, hash, isSound } = deps;
  // No await inside: every read and every proof is of the same block.
  const { state, spans, end_ms, unit, scopes } = show(deps, link);
  const gateways = gatewaysIn(state);
  const recent = clip(spans, end_ms - BUNDLE_RECENT_MS, end_ms);
  const packs = await readings.packsWithin(recent, BUNDLE_RECENT_PACKS_MAX);
  const history = await oneHistory(readings, hash, packs);
  const batches = await prover.prove(history, (gateway) => gateways.get(gateway)?.size ?? 0);
  const devices = new Set(spans.map(({ device }) => device));
  const statements = await statementsOf(readings, spans, async (statement, bytes) => {
    const account = gateways.get(statement.signer)?.account;
    if (account === undefined || !devices.has(statement.device)) return false;
    return isSound(account, statement, bytes);
  });
  const vouching = new Set([
    ...batches.map(({ gateway }) => gateway),
    ...statements.map(({ signer }) => signer),
  ]);
  const bundle: Bundle = {
    link,
    genesis: node.genesis,
    epochs: node.epochs(),
    head: { header: state.header, certificate: state.certificate },
    state: state.entries.filter(({ key }) => {
      const gateway = gatewayOf(key);
      return gateway === undefined || vouching.has(gateway);
    }),
    ...(unit === undefined ? {} : { unit }),
    scopes,
    batches,
    samples: [],
    statements: statements.map(({ bytes }) => bytes),
  };
  return { bytes: withinSize(bundle), keys: state.entries.map(({ key }) => key) };
}

function show({ node, devices, scopes }: AssembleDeps, link: Subject): Shown {
  const state: StateReader = { get: (key) => node.read(key) };
  const product = getProduct(state, link.gtin);
  if (product === undefined) {
    throw new AppError('bundle/unknown-product', 'No product with this number is registered here.');
  }
  const head = headOf(node);
  if (link.lot === undefined) {
    const keys = evidenceKeys(state, link, head.height);
    return { state: node.proveKeys(keys), spans: [], end_ms: 0, scopes: [] };
  }
  const lot = getLot(state, link.gtin, link.lot);
  if (lot === undefined) {
    throw new AppError('bundle/unknown-lot', 'No lot with this number is recorded here.');
  }
  const unit = link.serial === undefined ? undefined : unitOf(node, link);
  const batch = unit && getLabelBatch(state, link.gtin, link.lot, unit.batch);
  const lineage = lineageOf(state, lot, head.time_ms, batch);
  const watched = ofFirstDevices(state, watchedSpans(state, devices, lineage.stays));
  const shown = unit && batch && { batch, index: unit.index };
  const needed = evidenceKeys(state, link, head.height, lineage, shown);
  const { keys, devices: vouching } = shownKeys(needed, vouchingFor(node, state, watched));
  const spans = watched.filter(({ device }) => vouching.has(device));
  return {
    state: node.proveKeys([...keys]),
    spans,
    end_ms: lineage.stays.at(-1)?.to_ms ?? head.time_ms,
    scopes: scopes.prove(state, lotKey(lot.gtin, lot.lot)),
    ...(unit === undefined ? {} : { unit }),
  };
}

/** Gateways first: without one no device is of use. */
function vouchingFor(
  node: LedgerNode,
  state: StateReader,
  spans: readonly DeviceSpan[],
): Vouching[] {
  if (spans.length === 0) return [];
  const gateways = node
    .keys(ANCHORS, { limit: GATEWAYS_MAX })
    .map((key) => ({ keys: [key, accountKey(gatewayOf(key) ?? '')] }));
  const devices = spans.flatMap(({ device: id }) => {
    const device = getDevice(state, id);
    return device === undefined ? [] : [vouchingDevice(id, device.holder, device.registeredBy)];
  });
  return [...gateways, ...devices];
}

function unitOf(node: LedgerNode, { gtin, lot, serial }: Subject): UnitProof {
  const unit = node.unitProof(gtin, lot ?? '', serial ?? '');
  if (unit === undefined) {
    throw new AppError('bundle/unknown-unit', 'This number was never issued for this lot.');
  }
  return unit;
}

/** The spans of the DEVICES_MAX devices that were set up first anywhere. */
function ofFirstDevices(state: StateReader, spans: readonly DeviceSpan[]): readonly DeviceSpan[] {
  const begun = new Map<string, number>();
  for (const { device } of spans) {
    begun.set(device, getDevice(state, device)?.assignments[0]?.from ?? 0);
  }
  if (begun.size <= DEVICES_MAX) return spans;
  const first = [...begun].sort(([a, from], [b, other]) => from - other || (a < b ? -1 : 1));
  const kept = new Set(first.slice(0, DEVICES_MAX).map(([device]) => device));
  return spans.filter(({ device }) => kept.has(device));
}

function headOf(node: LedgerNode): { readonly height: number; readonly time_ms: number } {
  const height = node.height();
  const block = node.block(height);
  return { height, time_ms: block === undefined ? 0 : decodeHeader(block.header).time_ms };
}

/** The gateway account of an `anchors/{gateway}` key. */
function gatewayOf(key: string): string | undefined {
  return key.startsWith(ANCHORS) ? key.slice(ANCHORS.length) : undefined;
}

/** The gateways that may vouch, as the bundle shows them: their account, and the size of their anchor log. */
function gatewaysIn(
  state: ProvenState,
): ReadonlyMap<string, { readonly account: Account; readonly size: number }> {
  const values = new Map(
    state.entries.flatMap(({ key, value }): [string, CborValue][] =>
      value === null ? [] : [[key, decodeCbor(value)]],
    ),
  );
  const reader: StateReader = { get: (key) => values.get(key) };
  const gateways = new Map<string, { account: Account; size: number }>();
  for (const key of values.keys()) {
    const gateway = gatewayOf(key);
    const account = gateway === undefined ? undefined : getAccount(reader, gateway);
    const log = gateway === undefined ? undefined : getAnchorLog(reader, gateway);
    if (account === undefined || log === undefined || !account.roles.includes('gateway')) continue;
    gateways.set(account.id, { account, size: log.size });
  }
  return gateways;
}

/** Leaves out the oldest statements until the bundle is small enough to send: what is left out is unknown, not wrong. */
function withinSize(bundle: Bundle): Uint8Array {
  let statements = bundle.statements;
  for (;;) {
    const bytes = encodeBundle({ ...bundle, statements });
    if (bytes.length <= BUNDLE_SIZE_BYTES_MAX) return bytes;
    if (statements.length === 0) {
      throw new AppError('bundle/too-large', 'The lot has more evidence than a bundle may carry.');
    }
    statements = statements.slice(Math.ceil(statements.length / 8));
  }
}
