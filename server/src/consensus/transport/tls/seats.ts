// Who of the observers may stay: bounded in all and by address, and nobody for ever while others wait.

import type { PeerLimits } from './limits.ts';

export interface Seat {
  /** Its address without the port, or its network. */
  readonly client: string;
  readonly since_ms: number;
}

/** `true`: there is room; a seat: this one's goes; `false`: there is none. `taken`: oldest first. */
export function seatFor<T extends Seat>(
  client: string,
  taken: readonly T[],
  limits: PeerLimits,
  now_ms: number,
): T | boolean {
  const own = taken.filter((seat) => seat.client === client);
  // Which key an address shows is its own affair: the place goes from one of its hands to the other.
  if (own.length >= limits.observersPerAddress) return own.find(isOver(limits, now_ms)) ?? false;
  if (taken.length < limits.observers) return true;
  const counts = new Map<string, number>();
  for (const seat of taken) counts.set(seat.client, (counts.get(seat.client) ?? 0) + 1);
  const most = Math.max(...counts.values());
  if (most > own.length + 1) {
    const greediest = taken.find((seat) => counts.get(seat.client) === most);
    if (greediest !== undefined) return greediest;
  }
  return taken.find(isOver(limits, now_ms)) ?? false;
}

function isOver({ observerTerm_ms }: PeerLimits, now_ms: number): (seat: Seat) => boolean {
  return ({ since_ms }) => now_ms - since_ms >= observerTerm_ms;
}
