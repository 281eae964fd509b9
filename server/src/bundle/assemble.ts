// A bundle (docs/formats.md §7): the state part from one snapshot of the ledger, then packs and statements from the store,
// proven against the anchor logs as they stand in that same snapshot.

import {
  AppError,
  accountKey,
  anchorLogKey,
  BUNDLE_RECENT_MS,
  BUNDLE_RECENT_PACKS_MAX,
  BUNDLE_SIZE_BYTES_MAX,
  type Bundle,
  decodeCbor,
  decodeHeader,
  deviceKey,
  encodeBundle,
  getDevice,
  getLabelBatch,
  getLot,
  getProduct,
  labelBatchKeys,
  lineageKeys,
  lineageOf,
  productKey,
  type StateReader,
  type Subject,
  toAnchorLog,
  type UnitProof,
} from '@suyuan/contracts';
import type { LedgerNode, ProvenState } from '../http/ports.ts';
import type { DeviceSpan, ReadingStore, StoredPack } from '../readings/port.ts';
import type { DeviceIndex } from './device-index.ts';
import type { PackProver } from './packed-batches.ts';
import { clip, watchedSpans } from './spans.ts';
import { statementsOf } from './statements.ts';

/** Gateways whose anchor logs are proven; only those that vouch for something in the bundle stay in it. */
const GATEWAYS_MAX = 64;
const ANCHORS = anchorLogKey('');

export interface AssembleDeps {
  readonly node: LedgerNode;
  readonly readings: ReadingStore;
  readonly devices: DeviceIndex;
  readonly prover: PackProver;
}

/** What one snapshot of the ledger shows about the subject. */
interface Shown {
  readonly state: ProvenState;
  readonly spans: readonly DeviceSpan[];
  /** When the stay of the lot ends: what is recent counts from here. */
  readonly end_ms: number;
  readonly unit?: UnitProof;
}

/**
 * The encoded bundle of a product, lot or unit. Throws `bundle/unknown-product`, `bundle/unknown-lot`,
 * `bundle/unknown-unit` or `ledger/no-block`.
 */
export async function assembleBundle(deps: AssembleDeps, link: Subject): Promise<Uint8Array> {
  const { node, readings, prover } = deps;
  // No await inside: every read and every proof is of the same block.
  const { state, spans, end_ms, unit } = show(deps, link);
  const sizes = anchorSizes(state);
  const recent = clip(spans, end_ms - BUNDLE_RECENT_MS, end_ms);
  const packs = await readings.packsWithin(recent, BUNDLE_RECENT_PACKS_MAX);
  const batches = await prover.prove(distinctPacks(packs), (gateway) => sizes.get(gateway) ?? 0);
  const statements = await statementsOf(readings, spans);
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
    batches,
    samples: [],
    statements: statements.map(({ bytes }) => bytes),
  };
  return withinSize(bundle);
}

function show({ node, devices }: AssembleDeps, link: Subject): Shown {
  const state: StateReader = { get: (key) => node.read(key) };
  const product = getProduct(state, link.gtin);
  if (product === undefined) {
    throw new AppError('bundle/unknown-product', 'No product with this number is registered here.');
  }
  const keys = new Set([productKey(link.gtin), accountKey(product.registeredBy)]);
  if (link.lot === undefined) {
    return { state: node.proveKeys([...keys].sort()), spans: [], end_ms: 0 };
  }
  const lot = getLot(state, link.gtin, link.lot);
  if (lot === undefined) {
    throw new AppError('bundle/unknown-lot', 'No lot with this number is recorded here.');
  }
  const unit = link.serial === undefined ? undefined : unitOf(node, link);
  const batch = unit && getLabelBatch(state, link.gtin, link.lot, unit.batch);
  const end_ms = batch?.issuedAt ?? headTime_ms(node);
  const lineage = lineageOf(state, lot, end_ms);
  const spans = watchedSpans(state, devices, lineage.stays);
  for (const key of lineageKeys(lineage)) keys.add(key);
  if (batch !== undefined) for (const key of labelBatchKeys(batch)) keys.add(key);
  for (const { device: id } of spans) {
    const device = getDevice(state, id);
    if (device === undefined) continue;
    keys.add(deviceKey(id)).add(accountKey(device.holder)).add(accountKey(device.registeredBy));
  }
  if (spans.length > 0) {
    for (const key of node.keys(ANCHORS, { limit: GATEWAYS_MAX })) {
      keys.add(key).add(accountKey(gatewayOf(key) ?? ''));
    }
  }
  const proven = node.proveKeys([...keys].sort());
  return { state: proven, spans, end_ms, ...(unit === undefined ? {} : { unit }) };
}

function unitOf(node: LedgerNode, { gtin, lot, serial }: Subject): UnitProof {
  const unit = node.unitProof(gtin, lot ?? '', serial ?? '');
  if (unit === undefined) {
    throw new AppError('bundle/unknown-unit', 'This number was never issued for this lot.');
  }
  return unit;
}

/** A pack that reached two gateways is shown once: the verifier takes a number that comes twice for two histories. */
function distinctPacks(packs: readonly StoredPack[]): readonly StoredPack[] {
  const byNumber = new Map<string, StoredPack>();
  for (const pack of packs) {
    const name = `${pack.device}/${pack.boot}/${pack.seq}`;
    if (!byNumber.has(name)) byNumber.set(name, pack);
  }
  return [...byNumber.values()];
}

function headTime_ms(node: LedgerNode): number {
  const block = node.block(node.height());
  return block === undefined ? 0 : decodeHeader(block.header).time_ms;
}

/** The gateway account of an `anchors/{gateway}` key. */
function gatewayOf(key: string): string | undefined {
  return key.startsWith(ANCHORS) ? key.slice(ANCHORS.length) : undefined;
}

function anchorSizes(state: ProvenState): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { key, value } of state.entries) {
    const gateway = gatewayOf(key);
    if (gateway !== undefined && value !== null) {
      sizes.set(gateway, toAnchorLog(decodeCbor(value)).size);
    }
  }
  return sizes;
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
