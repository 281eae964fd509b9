// The same statement as the core, the messages and the signer name it.

import { bytesToHex, equalBytes, type Header, hexToBytes } from '@suyuan/contracts';
import type { BlockId, Ref, Statement } from '../core/types.ts';
import type { CertificateMessage, ProposalMessage, VoteMessage } from '../messages/index.ts';
import type { SignedStatement } from '../signer/port.ts';

export function statementOf(message: VoteMessage | CertificateMessage): Statement {
  const { kind, slot, block } = message;
  if (kind === 'skip' || block === null) return { kind: 'skip', slot };
  return { kind, slot, block: bytesToHex(block) };
}

/** The block that a statement names, in the 32 bytes of a message. */
export function blockOf(statement: Statement): Uint8Array | null {
  return statement.kind === 'skip' ? null : hexToBytes(statement.block);
}

export function toSigned(epoch: number, statement: Statement): SignedStatement {
  const { slot } = statement;
  if (statement.kind === 'skip') return { kind: 'skip', epoch, slot };
  return { kind: statement.kind, epoch, slot, block: hexToBytes(statement.block) };
}

/** What the signer remembers, without proposals: those are no votes. */
export function toCast(signed: readonly SignedStatement[]): Statement[] {
  return signed.flatMap((entry): Statement[] => {
    if (entry.kind === 'propose') return [];
    if (entry.kind === 'skip') return [{ kind: 'skip', slot: entry.slot }];
    return [{ kind: entry.kind, slot: entry.slot, block: bytesToHex(entry.block) }];
  });
}

export function statementKey(statement: Statement): string {
  return statement.kind === 'skip' ? 'skip' : `${statement.kind}:${statement.block}`;
}

export function parentOf(message: ProposalMessage): Ref {
  return { slot: message.parentSlot, block: bytesToHex(message.parentBlock) };
}

export function candidateKey(slot: number, block: BlockId): string {
  return `${slot}:${block}`;
}

/** Of a repeat nobody asks: its block came before it. */
export function endsEpoch(header: Header | null): boolean {
  return header !== null && !equalBytes(header.validators, header.nextValidators);
}
