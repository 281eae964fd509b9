// What a peer is told without having asked: all that is known above the newest Final certificate (rule 8), to those who were silent, who
// have just come, or who speak of what is final already.

import type { NodeClock } from '../../engine/clock.ts';
import { encodeMessage } from '../messages/index.ts';
import type { Peer } from '../transport/port.ts';
import type { Evidence } from './evidence.ts';
import { HELP_GRACE_MS, HELP_INTERVAL_MS } from './options.ts';

export interface Telling {
  /** Rule 8, to one peer: the newest Final certificate, all certificates above it, this node's votes and proposals above it. */
  tell(peer: string): void;
  /** The peer speaks of a slot that is final: it may not know. */
  help(peer: Peer, slot: number): void;
  forget(peer: Peer): void;
}

/** Slots by which a peer's word may lag behind without the peer lagging. */
const HELP_SLOTS = 3;

export function createTelling(parts: {
  readonly self: number | null;
  readonly validators: number;
  readonly evidence: Evidence;
  readonly clock: NodeClock;
  readonly send: (peer: string, message: Uint8Array) => boolean;
}): Telling {
  const { self, validators, evidence, clock, send } = parts;
  const helped = new Map<string, number>();
  let certified_slot = -1;
  let certified_ms = Number.NEGATIVE_INFINITY;

  /** Not whole blocks on demand: any word of what is final would do, and who has the certificates can fetch them. */
  function tell(peer: string, withCandidates = true): void {
    const final = evidence.final();
    if (final !== undefined) send(peer, encodeMessage(final));
    for (const slot of evidence.slots()) {
      if (slot <= (final?.slot ?? -1)) continue;
      const isOwn = withCandidates && slot % validators === self;
      for (const candidate of isOwn ? evidence.candidatesOf(slot) : []) {
        if (candidate.kept) send(peer, candidate.bytes);
      }
      for (const certificate of evidence.certificatesOf(slot)) {
        send(peer, encodeMessage(certificate));
      }
      if (self === null) continue;
      for (const vote of evidence.votesOf(slot, self)) send(peer, encodeMessage(vote));
    }
  }

  return {
    tell: (peer) => tell(peer),
    help(peer, slot) {
      const now_ms = clock.now_ms();
      const certified = evidence.final()?.slot ?? -1;
      if (certified !== certified_slot) {
        certified_slot = certified;
        certified_ms = now_ms;
      }
      const isOnTheWay =
        slot > certified - HELP_SLOTS && within(certified_ms, now_ms, HELP_GRACE_MS);
      const last_ms = helped.get(peer.id) ?? Number.NEGATIVE_INFINITY;
      if (isOnTheWay || within(last_ms, now_ms, HELP_INTERVAL_MS)) return;
      helped.set(peer.id, now_ms);
      tell(peer.id, false);
    },
    forget: (peer) => void helped.delete(peer.id),
  };
}

/** A clock that was set back does not make it last. */
function within(since_ms: number, now_ms: number, span_ms: number): boolean {
  const passed_ms = now_ms - since_ms;
  return passed_ms >= 0 && passed_ms < span_ms;
}
