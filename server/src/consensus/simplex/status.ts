import { AppError, isAppError } from '@suyuan/contracts';
import type { ConsensusHost } from '../port.ts';
import type { Signer } from '../signer/index.ts';
import type { Peer } from '../transport/port.ts';
import type { ClockNotice } from './clock-watch.ts';
import type { Epoch } from './epoch.ts';

/** How this node takes part, for /api/v1/status and metrics. */
export interface SimplexStatus {
  readonly epoch: number;
  /** The slot that is being decided. */
  readonly slot: number;
  /** The id of the validator that leads it. */
  readonly leader: string;
  /** This node's id as a validator; null for one that only follows. */
  readonly self: string | null;
  readonly voting: boolean;
  /** Why it does not vote although it has, or should have, a validator's key. */
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly failed: boolean;
  readonly height: number;
  /** The last slot that is final here; −1 at the beginning of an epoch. */
  readonly finalSlot: number;
  /** The newest slot of which a Final certificate is known; above `finalSlot` while blocks are missing here. */
  readonly certifiedSlot: number;
  readonly validators: number;
  /** Connected peers. */
  readonly peers: readonly Peer[];
  /** Whose clock seems wrong. */
  readonly clock: ClockNotice | null;
  /** Lengths of lists, queues and maps: all of them bounded. */
  readonly sizes: Readonly<Record<string, number>>;
}

export function statusOf(parts: {
  readonly host: ConsensusHost;
  readonly epoch: Epoch;
  readonly peers: readonly Peer[];
  readonly signer: Signer | null;
  readonly reason: unknown;
  readonly failed: boolean;
  readonly inbox: number;
  readonly early: number;
}): SimplexStatus {
  const { host, epoch, peers, signer, failed, inbox, early } = parts;
  const foreign = signer !== null && epoch.self === null;
  const reason = parts.reason ?? (foreign ? noMember(epoch.epoch) : null);
  const view = epoch.view();
  const { validators } = host.epoch();
  const self = epoch.self === null ? null : (validators[epoch.self]?.id ?? null);
  return {
    epoch: epoch.epoch,
    slot: view.frontier,
    leader: validators[view.leader]?.id ?? '',
    self,
    voting: self !== null && signer !== null && reason === null && !failed,
    reason: reason === null ? null : describe(reason),
    failed,
    height: host.head().height,
    finalSlot: view.final.slot,
    certifiedSlot: view.certified.slot,
    validators: validators.length,
    peers,
    clock: epoch.clock(),
    sizes: { ...epoch.sizes(), coreSlots: view.slots, coreBlocks: view.blocks, inbox, early },
  };
}

function noMember(epoch: number): AppError {
  return new AppError(
    'consensus/key-not-in-epoch',
    `This key is no validator's in epoch ${epoch}. If the organisation has changed its key, start with the new one's folder; if it has left, without one; if it is to join, it votes once the others have approved that.`,
    { epoch },
  );
}

function describe(reason: unknown): { code: string; message: string } {
  if (isAppError(reason)) return { code: reason.code, message: reason.message };
  return { code: 'internal', message: reason instanceof Error ? reason.message : String(reason) };
}
