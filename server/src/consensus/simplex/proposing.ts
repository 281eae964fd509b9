// When this node leads: what to put into a block and when to make it.

import { bytesToHex, equalBytes, hexToBytes, isAppError } from '@suyuan/contracts';
import type { BlockId, CoreEvent, Ref } from '../core/types.ts';
import type { ConsensusHost, ProposedBlock } from '../port.ts';
import type { SimplexOptions } from './options.ts';
import { parentTime_ms } from './parent-time.ts';
import type { Timers } from './timers.ts';

export interface ProposingParts {
  readonly host: ConsensusHost;
  readonly options: SimplexOptions;
  readonly timers: Timers;
  /** This node's account id; null for one that only follows. */
  readonly proposer: string | null;
  readonly feed: (event: CoreEvent) => void;
  readonly fail: (error: unknown) => void;
}

export interface Proposing {
  build(order: { readonly slot: number; readonly parent: Ref; readonly repeat: boolean }): void;
  /** An executed block: the next one upon it may come `minInterval_ms` from now. */
  executed(block: BlockId): void;
  made(block: BlockId): {
    readonly header: Uint8Array;
    readonly txs: readonly Uint8Array[];
    readonly time_ms: number;
  };
  /** Tells the core whether something waits, if it does not know, or was told that nothing does when it asked for a block. */
  look(): void;
  /** What was executed below the head needs no clock any more. */
  prune(): void;
}

/** `heartbeat` is shared by the epochs: when the newest block came, by this machine's clock. */
export interface Heartbeat {
  last_ms: number;
}

const MADE_MAX = 64;

export function createProposing(parts: ProposingParts, heartbeat: Heartbeat): Proposing {
  const { host, options, timers, proposer, feed } = parts;
  const seen_ms = new Map<BlockId, number>();
  const made = new Map<BlockId, ProposedBlock>();
  let told: boolean | undefined;
  let askedInVain = false;

  const isHeartbeatDue = () => host.clock.now_ms() - heartbeat.last_ms >= options.heartbeat_ms;
  const isWanted = () => host.pending() > 0 || isHeartbeatDue();

  function look(): void {
    const wanted = isWanted();
    // Clamped, for a clock that is set back must not stop the heart.
    const left_ms = heartbeat.last_ms + options.heartbeat_ms - host.clock.now_ms();
    if (wanted) timers.clear('heartbeat');
    else timers.set('heartbeat', Math.min(Math.max(left_ms, 1), options.heartbeat_ms), look);
    if (wanted === told && !(wanted && askedInVain)) return;
    told = wanted;
    askedInVain = false;
    feed({ type: 'work', waiting: wanted });
  }

  function build(order: { slot: number; parent: Ref; repeat: boolean }): void {
    const { slot, parent, repeat } = order;
    timers.clear('build');
    if (proposer === null) return;
    if (repeat) {
      const endsEpoch = host.executed(hexToBytes(parent.block))?.endsEpoch ?? false;
      feed({ type: 'built', slot, parent, block: parent.block, endsEpoch });
      return;
    }
    const now_ms = host.clock.now_ms();
    const ready_ms = (seen_ms.get(parent.block) ?? now_ms) + options.minInterval_ms;
    const delay_ms = Math.min(options.minInterval_ms, ready_ms - now_ms);
    if (!seen_ms.has(parent.block) || delay_ms <= 0) make(slot, parent);
    else timers.set('build', delay_ms, () => make(slot, parent));
  }

  function make(slot: number, parent: Ref): void {
    const block = propose(parent);
    if (block === null) {
      askedInVain = true;
      feed({ type: 'built', slot, parent, block: null, endsEpoch: false });
      return;
    }
    const id = bytesToHex(block.blockHash);
    remember(id, block);
    executed(id);
    feed({ type: 'built', slot, parent, block: id, endsEpoch: block.endsEpoch });
  }

  /** Null: nothing waits that is not in a block already, or this node lacks the block to build upon. */
  function propose(parent: Ref): ProposedBlock | null {
    const hash = hexToBytes(parent.block);
    const below_ms = parentTime_ms(host, hash);
    const isUponHead = equalBytes(host.head().blockHash, hash);
    if (proposer === null || below_ms === undefined) return null;
    const mayBeEmpty = isUponHead && isHeartbeatDue();
    if (host.pending(hash) === 0 && !mayBeEmpty) return null;
    const time_ms = Math.max(Math.floor(host.clock.now_ms()), below_ms + 1);
    try {
      const block = host.propose({ parent: hash, proposer, time_ms });
      // What waits was refused just now, or is refused upon what is not final yet.
      return block.txs.length === 0 && !mayBeEmpty ? null : block;
    } catch (error) {
      // Blocks came in from a peer's log meanwhile; or the engine stops here by itself and says why.
      const passes = ['ledger/unknown-parent', 'engine/too-deep', 'node/missing-rules'];
      if (!passes.some((code) => isAppError(error, code))) parts.fail(error);
      return null;
    }
  }

  function remember(id: BlockId, block: ProposedBlock): void {
    made.set(id, block);
    for (const oldest of made.keys()) {
      if (made.size <= MADE_MAX) break;
      made.delete(oldest);
    }
  }

  function executed(block: BlockId): void {
    if (!seen_ms.has(block)) seen_ms.set(block, host.clock.now_ms());
  }

  return {
    build,
    executed,
    made(id) {
      const block = made.get(id) ?? host.executed(hexToBytes(id));
      if (block === undefined) throw new Error(`simplex: block ${id} was not made here`);
      return { header: block.headerBytes, txs: block.txs, time_ms: block.time_ms };
    },
    look,
    prune() {
      const head = bytesToHex(host.head().blockHash);
      for (const id of [...seen_ms.keys()]) {
        if (id !== head && host.executed(hexToBytes(id)) === undefined) seen_ms.delete(id);
      }
      for (const id of [...made.keys()]) {
        if (host.executed(hexToBytes(id)) === undefined) made.delete(id);
      }
    },
  };
}
