// The readings that an event of the ledger carries: those of the devices that stood where its goods lay, over the stay that it
// ended, out of packs that were anchored in the blocks before it.

import {
  decodeAnchor,
  endedStays,
  getDevice,
  type LedgerTx,
  SENSORS_MAX,
  type SensorSummary,
  type StateReader,
} from '@suyuan/contracts';
import type { DeviceIndex } from '../bundle/device-index.ts';
import { watchedSpans } from '../bundle/spans.ts';
import type { NodeLogger } from '../engine/logger.ts';
import type { LedgerNode } from '../http/ports.ts';
import type { DeviceSpan } from '../readings/port.ts';
import type { AnchoredBatches, SensorStore } from './sensor-store.ts';

export interface StaySensors {
  /** What sensors said of each of these calls of a block, `calls` being those of one transaction. */
  of(calls: readonly LedgerTx[], height: number): Promise<readonly (readonly SensorSummary[])[]>;
}

/** Stays of devices that one event sums up. */
const SPANS_MAX = 16;
/** Readings of one device and quantity in one event: of longer stays only the end is summed up. */
const SPAN_READINGS_MAX = 100_000;
const GATEWAYS_MAX = 64;
/** A gateway stores and anchors a batch at the same time: how long a block's events wait for the store. */
const STORE_WAIT_MS = 30_000;
const STORE_POLL_MS = 100;
const ANSWERS_KEPT_MAX = 256;

type Node = Pick<LedgerNode, 'read' | 'keys' | 'anchorLeaf'>;

export function createStaySensors(parts: {
  readonly node: Node;
  readonly devices: DeviceIndex;
  readonly store: SensorStore;
  readonly logger: NodeLogger;
  readonly signal: AbortSignal;
  readonly storeWait_ms?: number;
}): StaySensors {
  const { node, devices, store, logger, signal, storeWait_ms = STORE_WAIT_MS } = parts;
  const state: StateReader = { get: (key) => node.read(key) };
  /** Gateways whose packs this store does not get: not waited for again. */
  const absent = new Set<string>();
  const known = new Map<string, number>();
  let answers: { height: number; bySpan: Map<string, readonly SensorSummary[]> } | undefined;

  function spansOf(call: LedgerTx): DeviceSpan[] {
    const stays = endedStays(call, state).map(({ place, ...time }) => ({
      place: { gln: place },
      ...time,
    }));
    return watchedSpans(state, devices, stays).map((span) => {
      const interval_s = getDevice(state, span.device)?.interval_s ?? 1;
      const longest_ms = interval_s * 1000 * SPAN_READINGS_MAX;
      return { ...span, from_ms: Math.max(span.from_ms, span.to_ms - longest_ms) };
    });
  }

  /** Of the gateways with anchors in blocks below this one. */
  async function anchoredBelow(height: number): Promise<readonly AnchoredBatches[]> {
    const gateways = node.keys('anchors/', { limit: GATEWAYS_MAX }).map((key) => key.slice(8));
    const anchored: AnchoredBatches[] = [];
    for (const gateway of gateways) {
      const batches = sizeBelow(node, gateway, height, known.get(gateway) ?? 0);
      known.set(gateway, batches);
      if (batches > 0 && (await isStored(gateway, batches - 1)))
        anchored.push({ gateway, batches });
    }
    return anchored;
  }

  async function isStored(gateway: string, batch: number): Promise<boolean> {
    for (let waited_ms = 0; ; waited_ms += STORE_POLL_MS) {
      signal.throwIfAborted();
      if (await store.hasBatch(gateway, batch)) {
        absent.delete(gateway);
        return true;
      }
      if (absent.has(gateway) || !(await store.hasTables())) return false;
      if (waited_ms >= storeWait_ms) break;
      await new Promise((resolve) => setTimeout(resolve, STORE_POLL_MS));
    }
    absent.add(gateway);
    logger.warn(
      { gateway, batch },
      'anchored packs are not in the column store; events go without',
    );
    return false;
  }

  async function summariesOf(span: DeviceSpan, height: number): Promise<readonly SensorSummary[]> {
    const key = `${span.device}/${span.from_ms}/${span.to_ms}`;
    if (answers?.height !== height) answers = { height, bySpan: new Map() };
    const { bySpan } = answers;
    const found = bySpan.get(key) ?? (await store.summaries(span, await anchoredBelow(height)));
    if (bySpan.size < ANSWERS_KEPT_MAX) bySpan.set(key, found);
    return found;
  }

  return {
    async of(calls, height) {
      const all: SensorSummary[][] = [];
      for (const call of calls) {
        const summaries: SensorSummary[] = [];
        for (const span of spansOf(call).slice(0, SPANS_MAX))
          summaries.push(...(await summariesOf(span, height)));
        all.push(summaries.slice(0, SENSORS_MAX));
      }
      return all;
    },
  };
}

/** How many batches of the gateway stand in blocks below `height`; at least `least` do. */
function sizeBelow(node: Node, gateway: string, height: number, least: number): number {
  const isBelow = (batch: number) => {
    const leaf = node.anchorLeaf(gateway, batch);
    return leaf !== undefined && decodeAnchor(leaf).height < height;
  };
  let low = least;
  let step = 1;
  while (isBelow(low + step - 1)) {
    low += step;
    step *= 2;
  }
  // `low` batches are below; of the next `step` at least one is not.
  let high = low + step - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBelow(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
