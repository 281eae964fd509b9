// The snapshot: what the journal's dropped beginning said. Written when a journal file is full and at a clean stop. Reading the
// journal again from `retainedFrom` on top of it gives the present state.

import {
  asArray,
  asBytes,
  asInt,
  asObject,
  asText,
  asUint,
  type CborObject,
  type CborValue,
  decodeCbor,
  encodeCbor,
} from '@suyuan/contracts';
import type { SegmentPosition } from '@suyuan/durable';
import { gatewayError } from '../errors.ts';
import { SHORT_ID_BYTES } from '../pipeline/boot-window.ts';
import type { DeviceState, DeviceStates } from '../pipeline/device-state.ts';
import { GapList } from '../pipeline/gaps.ts';

export interface SnapshotHead {
  /** Gateway account and chain that the directory belongs to. */
  readonly account: string;
  readonly chainId: Uint8Array;
  /** The journal is read from here; batch `batch` begins there. Null: from its beginning, at batch 0. */
  readonly retainedFrom: { readonly position: SegmentPosition; readonly batch: number } | null;
  /** The windows hold all packs before this position. Null: none. */
  readonly windowsAt: SegmentPosition | null;
  readonly quarantineNext: number;
}

const DEVICES_MAX = 10_000_000;
const ITEMS_MAX = 100_000;

export function encodeSnapshot(head: SnapshotHead, devices: readonly Uint8Array[]): Uint8Array {
  const { retainedFrom, windowsAt } = head;
  return encodeCbor({
    v: 1,
    account: head.account,
    chainId: head.chainId,
    retainedFrom:
      retainedFrom === null
        ? null
        : [retainedFrom.position.segment, retainedFrom.position.offset, retainedFrom.batch],
    windowsAt: windowsAt === null ? null : [windowsAt.segment, windowsAt.offset],
    quarantineNext: head.quarantineNext,
    devices,
  });
}

export function encodeDevice(device: DeviceState): Uint8Array {
  return encodeCbor([
    device.id,
    device.lastTime_ms,
    device.lastReceived_ms,
    device.alarms,
    // −1 is not a number of the format's uint, so the floor is stored one up.
    device.window.floor + 1,
    device.window.boots.map((boot) => {
      const seqs = boot.remembered();
      const links = new Uint8Array(seqs.length * 2 * SHORT_ID_BYTES);
      for (const [i, seq] of seqs.entries()) {
        links.set(boot.idAt(seq) ?? new Uint8Array(), 2 * i * SHORT_ID_BYTES);
        links.set(boot.prevAt(seq) ?? new Uint8Array(), (2 * i + 1) * SHORT_ID_BYTES);
      }
      const gaps = boot.gaps.ranges.map(({ from, to }) => [from, to]);
      return [boot.bootEpoch, boot.next, boot.gaps.forgotten, gaps, seqs, links];
    }),
  ]);
}

/** Reads the head and puts the devices into `states`. Throws `gateway/journal-inconsistent`. */
export function decodeSnapshot(
  bytes: Uint8Array,
  states: DeviceStates,
  windowGaps: number,
): SnapshotHead {
  try {
    const o = asObject(decodeCbor(bytes), 'snapshot');
    asUint(o.v, 'v', 1);
    for (const device of asArray(o.devices, 'devices', DEVICES_MAX)) {
      readDevice(decodeCbor(asBytes(device, 'device')), states, windowGaps);
    }
    return readHead(o);
  } catch (cause) {
    throw gatewayError(
      'gateway/journal-inconsistent',
      'The snapshot beside the journal cannot be read. Put it back from a copy; nothing was changed.',
      {},
      cause,
    );
  }
}

function readHead(o: CborObject): SnapshotHead {
  const from = o.retainedFrom === null ? undefined : asArray(o.retainedFrom, 'retainedFrom', 3, 3);
  const at = o.windowsAt === null ? undefined : asArray(o.windowsAt, 'windowsAt', 2, 2);
  return {
    account: asText(o.account, 'account', 64),
    chainId: asBytes(o.chainId, 'chainId', 32),
    retainedFrom:
      from === undefined
        ? null
        : { position: readPosition(from), batch: asUint(from[2], 'retained batch') },
    windowsAt: at === undefined ? null : readPosition(at),
    quarantineNext: asUint(o.quarantineNext, 'quarantineNext'),
  };
}

function readPosition(items: readonly CborValue[]): SegmentPosition {
  return { segment: asUint(items[0], 'segment'), offset: asUint(items[1], 'offset') };
}

function readDevice(value: CborValue, states: DeviceStates, windowGaps: number): void {
  const [id, lastTime, lastReceived, alarms, floor, boots] = asArray(value, 'device', 6, 6);
  const device = states.of(asText(id, 'device id', 64));
  device.lastTime_ms = asUint(lastTime, 'lastTime_ms');
  device.lastReceived_ms = asInt(lastReceived, 'lastReceived_ms');
  device.alarms = asUint(alarms, 'alarms');
  device.window.floor = asUint(floor, 'floor') - 1;
  for (const boot of asArray(boots, 'boots', ITEMS_MAX)) {
    const [epoch, next, forgotten, gaps, seqs, links] = asArray(boot, 'boot', 6, 6);
    const ranges = asArray(gaps, 'gaps', ITEMS_MAX).map((gap) => {
      const [from, to] = asArray(gap, 'gap', 2, 2);
      return { from: asUint(from, 'from'), to: asUint(to, 'to') };
    });
    const window = device.window.addBoot(
      asUint(epoch, 'bootEpoch'),
      asUint(next, 'next', Number.MAX_SAFE_INTEGER),
      new GapList(windowGaps, ranges, asUint(forgotten, 'forgotten')),
    );
    const ids = asBytes(links, 'links');
    for (const [i, seq] of asArray(seqs, 'seqs', ITEMS_MAX).entries()) {
      const at = 2 * i * SHORT_ID_BYTES;
      window.remember(
        asUint(seq, 'seq'),
        ids.subarray(at, at + SHORT_ID_BYTES),
        ids.subarray(at + SHORT_ID_BYTES, at + 2 * SHORT_ID_BYTES),
      );
    }
  }
}
