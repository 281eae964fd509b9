// Consensus among independent validators: Simplex in its multi-slot form. Here the epochs follow each other, and what comes in from
// peers and from the engine is given to the one that runs.

import { AppError, isAppError } from '@suyuan/contracts';
import { isDurableError } from '@suyuan/durable';
import type { Journal } from '../journal/index.ts';
import { type ConsensusMessage, decodeMessage, fromFinalCertificate } from '../messages/index.ts';
import type { Consensus, ConsensusHost } from '../port.ts';
import type { Signer } from '../signer/index.ts';
import { type BlockSyncParts, createBlockSync } from '../sync/block-sync.ts';
import { createGossip, type GossipParts } from '../sync/gossip.ts';
import type { BlockSync, ChannelProtocol } from '../sync/port.ts';
import type { Channel, Peer, Transport } from '../transport/port.ts';
import { createEarlyMessages } from './early-messages.ts';
import { createEpoch, type Epoch } from './epoch.ts';
import { type Body, executeAgain } from './executing.ts';
import { createAllowance } from './fetching.ts';
import { createInbox } from './inbox.ts';
import { SIMPLEX_OPTIONS, type SimplexOptions } from './options.ts';
import type { Heartbeat } from './proposing.ts';
import { type SimplexStatus, statusOf } from './status.ts';

export interface SimplexParts {
  /** The hand with the validator's key; null for a node that only follows. Opened and closed by the caller. */
  readonly signer: Signer | null;
  /** Why there is no signer, where there should be one: what opening the guard file said. */
  readonly notVoting?: unknown;
  readonly journal: Journal;
  /** Started and stopped here. */
  readonly transport: Transport;
  /** In [0, 1). */
  readonly random: () => number;
  readonly options?: Partial<SimplexOptions>;
  /** Blocks from and to the peers' logs; null: none. */
  readonly createSync?: ((parts: BlockSyncParts) => BlockSync) | null;
  /** Transactions from and to the peers; null: none. */
  readonly createGossip?: ((parts: GossipParts) => ChannelProtocol) | null;
}

export interface Simplex extends Consensus {
  /** From `start` on. */
  status(): SimplexStatus;
}

/** From `start` to `stop`. */
interface Run {
  begin(): Promise<void>;
  stop(): Promise<void>;
  status(): SimplexStatus;
}

export function createSimplex(parts: SimplexParts): Simplex {
  const options = { ...SIMPLEX_OPTIONS, ...parts.options };
  let run: Run | undefined;

  return {
    async start(host) {
      run = createRun(parts, options, host);
      await run.begin();
    },
    async stop() {
      await run?.stop();
    },
    status() {
      if (run === undefined) throw new Error('simplex: not started');
      return run.status();
    },
  };
}

function createRun(parts: SimplexParts, options: SimplexOptions, host: ConsensusHost): Run {
  const { signer, journal, transport, random } = parts;
  const { clock, logger } = host;
  const allowance = createAllowance(clock);
  const heartbeat: Heartbeat = { last_ms: firstBeat_ms(host) };
  const early = createEarlyMessages();
  const inbox = createInbox(clock, onConsensus);
  const tasks = new Set<Promise<unknown>>();
  let current: Epoch;
  let reason: unknown = parts.notVoting ?? null;
  let committing: Promise<void> = Promise.resolve();
  let failed = false;
  let stopped = false;
  let stopListening = () => {};

  const isOver = () => stopped || failed;
  const channelParts = (channel: Channel) => ({
    host,
    send: (peer: string, message: Uint8Array) => transport.send(peer, channel, message),
    peers: () => transport.peers(),
    blame: (peer: string, code: string) => transport.blame(peer, code),
    random,
  });
  const { createSync: makeSync = createBlockSync, createGossip: makeGossip = createGossip } = parts;
  const sync = makeSync?.({
    ...channelParts('blocks'),
    onTaken: () => moved(),
    following: () => current.self === null,
  });
  const gossip = makeGossip?.(channelParts('transactions'));

  function fail(error: unknown): void {
    if (isOver()) return;
    failed = true;
    current.close();
    host.fail(isDurableError(error) ? diskFailed(error) : error);
  }

  function mute(error: unknown): void {
    reason = error;
    if (error === null) logger.info({}, 'this validator votes again');
    else logger.error({ err: error }, 'this validator does not vote');
  }

  function track(task: Promise<unknown>): void {
    const tracked = task.catch(fail).finally(() => tasks.delete(tracked));
    tasks.add(tracked);
  }

  function open(): Epoch {
    const epoch = host.epoch();
    transport.admit(epoch.validators);
    return createEpoch({
      host,
      epoch,
      signer,
      journal,
      options,
      random,
      allowance,
      heartbeat,
      peers: () => transport.peers().flatMap(({ id, validator }) => (validator ? [id] : [])),
      send: (peer, message) => transport.send(peer, 'consensus', message),
      blame: (peer, code) => transport.blame(peer, code),
      commit,
      mute,
      fail,
      hurry: () => sync?.hurry(),
      isFailed: isOver,
    });
  }

  function commit(block: Uint8Array, certificate: Uint8Array, held: readonly Body[]): void {
    committing = committing.then(async () => {
      if (isOver()) return;
      try {
        await host.commit(block, certificate);
      } catch (error) {
        if (!isAppError(error, 'ledger/unknown-block') || held.length === 0) throw error;
        await executeAgain(host, held);
        await host.commit(block, certificate);
      }
      moved();
    });
    track(committing);
  }

  /** The head stands elsewhere: by this node's commit, or by a block out of a peer's log. */
  function moved(): void {
    if (isOver()) return;
    heartbeat.last_ms = clock.now_ms();
    sync?.committed();
    track(release());
    if (host.epoch().epoch === current.epoch) current.onHead();
    else next();
  }

  function next(): void {
    current.close();
    current = open();
    const { epoch, self } = current;
    logger.info({ epoch, self }, 'a new epoch begins');
    track(current.resume());
    for (const peer of transport.peers()) if (peer.validator) current.onConnected(peer);
    for (const { peer, message } of early.take(epoch)) inbox.push(peer, message);
  }

  /** What the block log has, guard file and journal need not have any more. */
  async function release(): Promise<void> {
    const { certificate } = host.head();
    if (certificate === null) return;
    const { epoch, slot } = fromFinalCertificate(certificate);
    await Promise.all([releaseSigner(epoch, slot), journal.release(epoch, slot)]);
  }

  async function releaseSigner(epoch: number, slot: number): Promise<void> {
    try {
      await signer?.release(epoch, slot);
    } catch (error) {
      if (!isAppError(error, 'signer')) throw error;
      mute(error);
    }
  }

  function onConsensus(peer: Peer, bytes: Uint8Array): void {
    if (isOver()) return;
    let message: ConsensusMessage;
    try {
      message = decodeMessage(bytes);
    } catch (error) {
      transport.blame(peer.id, isAppError(error) ? error.code : 'consensus/bad-message');
      return;
    }
    const ahead = message.epoch - current.epoch;
    if (ahead === 0) current.onMessage(peer, message, bytes);
    else if (ahead > 0) {
      if (ahead === 1) early.add(peer, message.epoch, bytes);
      sync?.hurry();
    }
  }

  function onMessage(peer: Peer, channel: Channel, message: Uint8Array): void {
    if (stopped) return;
    if (channel === 'consensus') {
      if (peer.validator) inbox.push(peer, message);
    } else if (channel === 'transactions') gossip?.onMessage(peer, message);
    else sync?.onMessage(peer, message);
  }

  current = open();

  return {
    async begin() {
      await current.resume();
      stopListening = host.onPending(() => {
        if (!isOver()) current.onPending();
      });
      await transport.start({
        onConnected(peer) {
          if (stopped) return;
          gossip?.onConnected(peer);
          sync?.onConnected(peer);
          if (peer.validator && !failed) current.onConnected(peer);
        },
        onDisconnected(peer) {
          inbox.forget(peer);
          early.forget(peer);
          allowance.forget(peer.id);
          current.onDisconnected(peer);
          gossip?.onDisconnected(peer);
          sync?.onDisconnected(peer);
        },
        onMessage,
      });
    },
    async stop() {
      stopped = true;
      stopListening();
      inbox.stop();
      current.close();
      await Promise.all([sync?.stop(), gossip?.stop()]);
      await transport.stop();
      await committing.catch(() => {});
      await current.idle();
      while (tasks.size > 0) await Promise.all(tasks);
    },
    status: () =>
      statusOf({
        host,
        epoch: current,
        peers: transport.peers(),
        signer,
        reason,
        failed,
        inbox: inbox.size,
        early: early.size,
      }),
  };
}

function diskFailed(error: Error): AppError {
  return new AppError(
    'consensus/disk-failed',
    `The disk of this validator refused a write or a read: ${error.message} It says nothing more, the others go on. Free space or replace the disk, then start it again.`,
    {},
    error,
  );
}

/** A head of yesterday is no sign of health: after a long pause the first block comes at once, as after none. */
function firstBeat_ms(host: ConsensusHost): number {
  const { height, time_ms } = host.head();
  return height === 0 ? Number.NEGATIVE_INFINITY : Math.min(time_ms, host.clock.now_ms());
}
