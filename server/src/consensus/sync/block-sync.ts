// Committed blocks from and to the other nodes' logs (docs/formats.md §9). Nothing that a peer says is believed but a block whose
// certificate verifies; one peer is asked at a time.

import { isAppError } from '@suyuan/contracts';
import type { ConsensusHost } from '../port.ts';
import type { Peer } from '../transport/port.ts';
import { createBlockServer } from './block-server.ts';
import { createBlockTaker, type TakenBlock } from './block-taker.ts';
import { SYNC_LIMITS, type SyncLimits } from './limits.ts';
import {
  type BlocksMessage,
  decodeSyncMessage,
  encodeSyncMessage,
  type SyncMessage,
} from './messages.ts';
import { answerTime_ms, createPeerBook, type PeerEntry } from './peer-book.ts';
import type { BlockSync } from './port.ts';
import { createShares } from './share.ts';
import { createSnapshotServer } from './snapshot-server.ts';
import { createStatusTeller } from './status-teller.ts';

export interface BlockSyncParts {
  readonly host: ConsensusHost;
  /** Queues a message on the channel `blocks`; false when it was not taken. */
  readonly send: (peer: string, message: Uint8Array) => boolean;
  readonly peers: () => readonly Peer[];
  readonly blame: (peer: string, code: string) => void;
  /** In [0, 1). */
  readonly random: () => number;
  /** After each block that was taken from a peer. Must not throw. */
  readonly onTaken: (block: TakenBlock) => void;
  /** True where no votes come in: blocks come by sync alone. */
  readonly following?: () => boolean;
  readonly limits?: Partial<SyncLimits>;
}

interface Asked {
  readonly entry: PeerEntry;
  readonly from: number;
  readonly stop: () => void;
}

/** A height that a peer was seen to be at; for a while the votes may still bring the blocks up to there. */
interface Near {
  readonly height: number;
  readonly stop: () => void;
  over: boolean;
}

/** A message that only asks or tells is smaller. */
const SMALL_BYTES = 256;

export function createBlockSync(parts: BlockSyncParts): BlockSync {
  const { host, send, blame, random } = parts;
  const { clock } = host;
  const limits = { ...SYNC_LIMITS, ...parts.limits };
  const book = createPeerBook({ clock, random, limits, onRested: plan });
  const teller = createStatusTeller({ clock, limits, status, send });
  const shareOf = createShares(clock, limits);
  const server = createBlockServer({ host, limits, shareOf, send });
  const snapshots = createSnapshotServer({ host, limits, shareOf, send });
  const taker = createBlockTaker({ host, limits, onTaken: parts.onTaken });
  let asked: Asked | undefined;
  let taking: Promise<void> | undefined;
  let near: Near | undefined;
  let urgent = false;
  let stopped = false;

  function status(): Uint8Array {
    const { height, blockHash } = host.head();
    const { epoch } = host.epoch();
    const base = host.base?.() ?? 0;
    return encodeSyncMessage({ type: 'status', height, blockHash, epoch, base });
  }

  /** Asks somebody where there is something to ask for. */
  function plan(): void {
    if (stopped || asked !== undefined || taking !== undefined) return;
    const { height } = host.head();
    const highest = book.highest();
    if (near !== undefined && near.height <= height) {
      near.stop();
      near = undefined;
    }
    if (highest <= height) {
      urgent = false;
      return;
    }
    const votesMayDo = highest - height <= limits.near_blocks && parts.following?.() !== true;
    if (votesMayDo && !urgent && near?.over !== true) {
      if (near === undefined) waitForVotes(highest);
      return;
    }
    const entry = book.choose(height + 1);
    if (entry !== undefined) ask(entry, height + 1);
  }

  function waitForVotes(height: number): void {
    const stop = clock.setTimer(() => {
      if (near !== undefined) near.over = true;
      plan();
    }, limits.near_ms);
    near = { height, stop, over: false };
  }

  function ask(entry: PeerEntry, from: number): void {
    const request = encodeSyncMessage({ type: 'get', from, max_bytes: limits.run_bytes });
    if (!send(entry.peer.id, request)) {
      book.failed(entry);
      return;
    }
    const tooLate = (): void => {
      asked = undefined;
      book.failed(entry);
      plan();
    };
    asked = { entry, from, stop: clock.setTimer(tooLate, answerTime_ms(entry, limits)) };
  }

  function answered(id: string, { from, blocks }: BlocksMessage): void {
    if (asked === undefined || asked.entry.peer.id !== id || asked.from !== from) return;
    const { entry, stop } = asked;
    stop();
    asked = undefined;
    if (blocks.length === 0) {
      // Whatever it claimed, it does not have it; its next word counts again.
      entry.height = Math.min(entry.height, from - 1);
      book.failed(entry);
      plan();
      return;
    }
    taking = take(entry, from, blocks).finally(() => {
      taking = undefined;
      plan();
    });
  }

  async function take(
    entry: PeerEntry,
    from: number,
    blocks: readonly Uint8Array[],
  ): Promise<void> {
    const outcome = await taker.take(from, blocks);
    if (outcome.type === 'wrong') {
      book.distrust(entry);
      blame(entry.peer.id, outcome.code);
    } else if (outcome.type === 'taken') {
      book.succeeded(entry);
      urgent = false;
    } else if (outcome.type === 'later') {
      book.failed(entry);
    } else {
      stopped = true;
    }
  }

  function received(peer: Peer, message: SyncMessage): void {
    switch (message.type) {
      case 'get':
        server.asked(peer, message);
        return;
      case 'blocks':
        answered(peer.id, message);
        return;
      case 'get-piece':
        snapshots.asked(peer, message);
        return;
      case 'piece':
        // This node has a state: nothing is to be brought in.
        return;
      case 'status':
        book.heard(peer.id, message);
        if (message.height < host.head().height) teller.soon(peer.id);
        plan();
    }
  }

  function connect(peer: Peer): void {
    if (stopped) return;
    book.add(peer);
    teller.add(peer);
  }

  for (const peer of parts.peers()) connect(peer);

  return {
    onConnected: connect,
    onDisconnected(peer) {
      book.remove(peer.id);
      teller.remove(peer.id);
      server.forget(peer.id);
      if (asked?.entry.peer.id !== peer.id) return;
      asked.stop();
      asked = undefined;
      plan();
    },
    onMessage(peer, bytes) {
      if (stopped) return;
      // A run of blocks that nobody asked for, or that comes too late, is not even looked into.
      if (bytes.length > SMALL_BYTES && asked?.entry.peer.id !== peer.id) return;
      let message: SyncMessage;
      try {
        message = decodeSyncMessage(bytes);
      } catch (error) {
        blame(peer.id, isAppError(error) ? error.code : 'format/invalid');
        return;
      }
      received(peer, message);
    },
    committed: teller.changed,
    hurry() {
      urgent = true;
      plan();
      // Who is ahead answers.
      if (asked === undefined && taking === undefined) teller.soon();
    },
    async stop() {
      stopped = true;
      near?.stop();
      asked?.stop();
      asked = undefined;
      book.stop();
      teller.stop();
      taker.stop();
      await Promise.all([taking, server.stop(), snapshots.stop()]);
    },
  };
}
