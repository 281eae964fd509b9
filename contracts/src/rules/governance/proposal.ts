// Proposals of the consortium (docs/formats.md §5): what is to change, who wants it, until when.

import type { CborObject, CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { StateReader } from '../types.ts';

/** What a quorum of the organisations may decide. */
export type Change =
  | {
      readonly kind: 'join';
      /** `{ id, key }` as in a genesis. */
      readonly validator: CborObject & { readonly id: string };
      /** 64 bytes, see ledger/validator-proof.ts. */
      readonly proof: Uint8Array;
    }
  | { readonly kind: 'remove'; readonly id: string }
  | {
      readonly kind: 'upgrade';
      readonly module: string;
      readonly version: number;
      /** 32 bytes. */
      readonly artifact: Uint8Array;
      readonly height: number;
    }
  /** Takes back an upgrade that was approved and has not come. */
  | { readonly kind: 'cancel'; readonly upgrade: string };

/** The record under `proposals/{id}`. Expired is one that is open beyond `expires`, whatever its status says. */
export interface Proposal {
  readonly id: string;
  readonly change: Change;
  readonly proposer: string;
  /** Of the block it came in. */
  readonly height: number;
  /** The last block that may decide it. */
  readonly expires: number;
  /** In the order in which they came, the proposer first. */
  readonly approvals: readonly string[];
  readonly status: 'open' | 'accepted' | 'withdrawn' | 'expired';
  /** Height of the block that ended it. */
  readonly decided?: number;
  readonly tx: Uint8Array;
}

/** The ids of the open proposals stand under this key, in the order in which they came. */
export const OPEN_PROPOSALS_KEY = 'open-proposals';

export function proposalKey(id: string): string {
  return `proposals/${id}`;
}

export function proposalToValue(proposal: Proposal): CborValue {
  return proposal as unknown as CborObject;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toProposal(value: CborValue): Proposal {
  return value as unknown as Proposal;
}

export function getProposal(state: StateReader, id: string): Proposal | undefined {
  const value = state.get(proposalKey(id));
  return value === undefined ? undefined : toProposal(value);
}

/** The ids of the open proposals; expired ones are among them until the next one comes. */
export function openProposals(state: StateReader): readonly string[] {
  return (state.get(OPEN_PROPOSALS_KEY) as readonly string[] | undefined) ?? [];
}

/** An open proposal that has not expired. Throws `governance/unknown`, `governance/decided` or `governance/expired`. */
export function requireOpen(state: StateReader, id: string, height: number): Proposal {
  const proposal = getProposal(state, id);
  if (proposal === undefined) {
    throw new AppError('governance/unknown', 'There is no such proposal; look at the open ones.', {
      id,
    });
  }
  if (proposal.status !== 'open') {
    throw new AppError('governance/decided', `The proposal is ${proposal.status} already.`, { id });
  }
  if (proposal.expires < height) {
    throw new AppError('governance/expired', 'The proposal has expired; propose it again.', {
      id,
      expires: proposal.expires,
    });
  }
  return proposal;
}
