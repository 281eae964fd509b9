// Which devices watched over which stays: the time in which both the lot and the device were at one place.

import { getDevice, type StateReader, type Stay } from '@suyuan/contracts';
import type { DeviceSpan } from '../readings/port.ts';
import type { DeviceIndex } from './device-index.ts';

/** A time at a place; what lay there does not matter here. */
export interface Watched extends Pick<Stay, 'from_ms' | 'to_ms'> {
  readonly place: { readonly gln: string };
}

/** The spans of all devices within the stays, by device and time, overlapping ones joined. */
export function watchedSpans(
  state: StateReader,
  devices: DeviceIndex,
  stays: readonly Watched[],
): readonly DeviceSpan[] {
  const spans: DeviceSpan[] = [];
  for (const stay of stays) {
    for (const id of devices.at(stay.place.gln)) {
      for (const assignment of getDevice(state, id)?.assignments ?? []) {
        if (assignment.place !== stay.place.gln) continue;
        const from_ms = Math.max(stay.from_ms, assignment.from);
        const to_ms = Math.min(stay.to_ms, assignment.to ?? stay.to_ms);
        if (from_ms < to_ms) spans.push({ device: id, from_ms, to_ms });
      }
    }
  }
  return joined(spans);
}

function joined(spans: readonly DeviceSpan[]): readonly DeviceSpan[] {
  const sorted = [...spans].sort((a, b) =>
    a.device === b.device ? a.from_ms - b.from_ms : a.device < b.device ? -1 : 1,
  );
  const result: DeviceSpan[] = [];
  for (const span of sorted) {
    const last = result.at(-1);
    if (last !== undefined && last.device === span.device && span.from_ms <= last.to_ms) {
      result[result.length - 1] = { ...last, to_ms: Math.max(last.to_ms, span.to_ms) };
    } else {
      result.push(span);
    }
  }
  return result;
}

/** The part of each span within [from_ms, to_ms). */
export function clip(
  spans: readonly DeviceSpan[],
  from_ms: number,
  to_ms: number,
): readonly DeviceSpan[] {
  return spans
    .map((span) => ({
      device: span.device,
      from_ms: Math.max(span.from_ms, from_ms),
      to_ms: Math.min(span.to_ms, to_ms),
    }))
    .filter((span) => span.from_ms < span.to_ms);
}
