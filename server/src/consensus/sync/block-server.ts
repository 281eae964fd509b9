// Committed blocks for peers that lag: one request of each at a time, block by block with a turn for others between, and no more
// bytes a second than a peer's share.

import { encodeBlock } from '@suyuan/contracts';
import type { ConsensusHost } from '../port.ts';
import type { Peer } from '../transport/port.ts';
import type { SyncLimits } from './limits.ts';
import { encodeSyncMessage, type GetMessage } from './messages.ts';
import type { Share, ShareOf } from './share.ts';
import { createTurns } from './turn.ts';

export interface BlockServer {
  asked(peer: Peer, request: GetMessage): void;
  forget(peer: string): void;
  stop(): Promise<void>;
}

/** What a peer is owed: its last request, and when it may be answered. */
interface Customer {
  request: GetMessage | undefined;
  busy: boolean;
  readonly share: Share;
}

export function createBlockServer(parts: {
  readonly host: ConsensusHost;
  readonly limits: SyncLimits;
  readonly shareOf: ShareOf;
  readonly send: (peer: string, message: Uint8Array) => boolean;
}): BlockServer {
  const { host, limits, send } = parts;
  const customers = new Map<string, Customer>();
  const running = new Set<Promise<void>>();
  const turns = createTurns(host.clock);
  let stopped = false;

  async function serve(peer: string, customer: Customer): Promise<void> {
    const here = () => !stopped && customers.get(peer) === customer;
    while (here() && customer.request !== undefined) {
      await turns.next(customer.share.pause_ms());
      const { request } = customer;
      customer.request = undefined;
      if (!here() || request === undefined) break;
      const blocks = await collect(request, here);
      customer.share.took(blocks.reduce((sum, { length }) => sum + length, 0));
      // A full queue: the peer asks again when its time is up.
      if (here()) send(peer, encodeSyncMessage({ type: 'blocks', from: request.from, blocks }));
    }
  }

  async function collect(request: GetMessage, here: () => boolean): Promise<Uint8Array[]> {
    const most_bytes = Math.min(request.max_bytes, limits.run_bytes);
    const blocks: Uint8Array[] = [];
    let size_bytes = 0;
    let read_bytes = 0;
    for (let height = request.from; here() && blocks.length < limits.run_blocks; height++) {
      if (height < 1 || height > host.head().height) break;
      const bytes = read(height);
      if (bytes === undefined) break;
      // The first is sent whatever its size: one that asks for less than a block would never get on.
      if (blocks.length > 0 && size_bytes + bytes.length > most_bytes) break;
      blocks.push(bytes);
      size_bytes += bytes.length;
      read_bytes += bytes.length;
      if (read_bytes >= limits.turn_bytes) {
        read_bytes = 0;
        await turns.next();
      }
    }
    return blocks;
  }

  function read(height: number): Uint8Array | undefined {
    try {
      const block = host.block(height);
      return block === undefined ? undefined : encodeBlock(block);
    } catch (error) {
      host.logger.error({ err: error, height }, 'A block could not be read for a peer');
      return undefined;
    }
  }

  return {
    asked({ id: peer, validator }, request) {
      if (stopped) return;
      let customer = customers.get(peer);
      if (customer === undefined) {
        customer = { request: undefined, busy: false, share: parts.shareOf({ validator }) };
        customers.set(peer, customer);
      }
      customer.request = request;
      if (customer.busy) return;
      customer.busy = true;
      const job = serve(peer, customer);
      running.add(job);
      const served = customer;
      void job.finally(() => {
        served.busy = false;
        running.delete(job);
      });
    },
    forget: (peer) => void customers.delete(peer),
    async stop() {
      stopped = true;
      customers.clear();
      turns.stop();
      await Promise.all(running);
    },
  };
}
