// What peers sent, on its way into the mempool: each peer has its own bounded part and they take turns, so that one who floods
// costs the others nothing but its share.

import {
  AppError,
  asArray,
  asBytes,
  bytesToHex,
  decodeCbor,
  isAppError,
  TX_SIZE_BYTES_MAX,
} from '@suyuan/contracts';
import type { ConsensusHost } from '../port.ts';
import type { KnownHashes } from './known-hashes.ts';
import type { GossipLimits } from './limits.ts';
import { createTurns } from './turn.ts';

/** What no honest node passes on, since it would not have taken it itself: bytes that are no transaction. */
const UNREADABLE = ['cbor', 'cose', 'format', 'key'] as const;

interface Waiting {
  readonly tx: Uint8Array;
  readonly id: string;
}

interface Share {
  txs: Waiting[];
  size_bytes: number;
}

export interface Inbox {
  take(peer: string, message: Uint8Array): void;
  forget(peer: string): void;
  readonly count: number;
  stop(): Promise<void>;
}

export function createInbox(parts: {
  readonly host: ConsensusHost;
  readonly limits: GossipLimits;
  readonly known: KnownHashes;
  readonly blame: (peer: string, code: string) => void;
}): Inbox {
  const { host, limits, known, blame } = parts;
  const shares = new Map<string, Share>();
  const turns = createTurns(host.clock);
  let running: Promise<void> | undefined;
  let stopped = false;

  function take(peer: string, message: Uint8Array): void {
    if (stopped) return;
    let txs: Uint8Array[];
    try {
      txs = readBatch(message, limits);
    } catch (error) {
      blame(peer, isAppError(error) ? error.code : 'format/invalid');
      return;
    }
    const share = shares.get(peer) ?? { txs: [], size_bytes: 0 };
    for (const tx of txs) {
      if (share.txs.length >= limits.inbox_txs) break;
      if (share.size_bytes + tx.length > limits.inbox_bytes) break;
      const id = bytesToHex(host.hash(tx));
      if (known.has(id)) continue;
      share.txs.push({ tx, id });
      share.size_bytes += tx.length;
    }
    if (share.txs.length === 0) return;
    shares.set(peer, share);
    running ??= run().finally(() => {
      running = undefined;
    });
  }

  async function run(): Promise<void> {
    // The first turn lets the rest of what has arrived be queued; each further one lets votes through.
    while (shares.size > 0 && !stopped) {
      await turns.next();
      await Promise.all(nextOnes().map(([peer, waiting]) => judge(peer, waiting)));
    }
  }

  /** One of each peer after the other, until there are as many as are judged at once. */
  function nextOnes(): [string, Waiting][] {
    const next: [string, Waiting][] = [];
    while (shares.size > 0 && next.length < limits.judged) {
      for (const [peer, share] of [...shares]) {
        const waiting = share.txs.shift();
        if (waiting !== undefined) {
          share.size_bytes -= waiting.tx.length;
          if (!known.has(waiting.id)) next.push([peer, waiting]);
          known.add(waiting.id);
        }
        if (share.txs.length === 0) shares.delete(peer);
        if (next.length >= limits.judged) break;
      }
    }
    return next;
  }

  async function judge(peer: string, { tx, id }: Waiting): Promise<void> {
    if (stopped) return;
    try {
      await host.receive(tx, peer);
    } catch (error) {
      // It may be welcome later: when the mempool has room, or the account is registered.
      known.remove(id);
      if (!(error instanceof AppError)) {
        host.logger.error({ err: error, peer }, 'A transaction from a peer could not be judged');
      } else if (
        error.code === 'tx/malformed' ||
        UNREADABLE.some((subject) => isAppError(error, subject))
      ) {
        blame(peer, error.code);
      }
    }
  }

  return {
    take,
    forget: (peer) => void shares.delete(peer),
    get count() {
      let count = 0;
      for (const { txs } of shares.values()) count += txs.length;
      return count;
    },
    async stop() {
      stopped = true;
      shares.clear();
      turns.stop();
      await running;
    },
  };
}

/** Throws `cbor/*` or `format/*`. */
function readBatch(message: Uint8Array, limits: GossipLimits): Uint8Array[] {
  return asArray(decodeCbor(message), 'transactions', limits.batch_txs, 1).map((item) => {
    const tx = asBytes(item, 'transaction');
    if (tx.length === 0 || tx.length > TX_SIZE_BYTES_MAX) {
      throw new AppError('format/invalid', 'Give a transaction of 1 to 65536 bytes.');
    }
    return tx;
  });
}
