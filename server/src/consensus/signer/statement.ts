import { AppError } from '@suyuan/contracts';
import { proposalBytes, voteBytes } from '../messages/signed-bytes.ts';
import type { SignedStatement } from './port.ts';

const HASH_BYTES = 32;

/** Two statements with one key exclude each other unless they are the same. */
export function statementKey({
  epoch,
  slot,
  kind,
}: Pick<SignedStatement, 'epoch' | 'slot' | 'kind'>): string {
  return `${epoch}/${slot}/${kind}`;
}

/** A statement of its own memory: what the caller does to its bytes later changes nothing here. Throws `signer/bad-statement`. */
export function toStatement(statement: SignedStatement): SignedStatement {
  const { epoch, slot } = statement;
  if (!isPlace(epoch) || !isPlace(slot)) throw bad(statement, 'epoch and slot count from 0');
  if (statement.kind === 'skip') return { kind: 'skip', epoch, slot };
  if (!(statement.block instanceof Uint8Array) || statement.block.length !== HASH_BYTES) {
    throw bad(statement, 'a block is named by its hash of 32 bytes');
  }
  const block = Uint8Array.from(statement.block);
  if (statement.kind === 'propose') {
    const { parentSlot } = statement;
    if (!Number.isSafeInteger(parentSlot) || parentSlot < -1 || parentSlot >= slot) {
      throw bad(statement, 'the parent’s slot is −1 or one before the slot');
    }
    return { kind: 'propose', epoch, slot, block, parentSlot };
  }
  if (statement.kind === 'notar' || statement.kind === 'final') {
    return { kind: statement.kind, epoch, slot, block };
  }
  throw bad(statement, 'only proposals and votes are statements');
}

export function statementBytes(chainId: Uint8Array, statement: SignedStatement): Uint8Array {
  if (statement.kind === 'propose') return proposalBytes({ ...statement, chainId });
  const block = statement.kind === 'skip' ? null : statement.block;
  return voteBytes({ ...statement, block, chainId });
}

function isPlace(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function bad({ epoch, slot, kind }: SignedStatement, why: string): AppError {
  return new AppError(
    'signer/bad-statement',
    `This is nothing that a validator signs: ${why}. The node is faulty; report it.`,
    { epoch, slot, kind: String(kind) },
  );
}
