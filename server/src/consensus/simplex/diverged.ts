import { AppError, bytesToHex, decodeHeader } from '@suyuan/contracts';
import type { Evidence } from './evidence.ts';

/** A quorum certified what this node finds wrong: with the state roots of both, where they are known. */
export function diverged(parts: {
  readonly epoch: number;
  readonly slot: number;
  readonly block: string;
  readonly evidence: Evidence;
  /** Why the block was found wrong. */
  readonly reason: AppError | undefined;
}): AppError {
  const { epoch, slot, block, evidence, reason } = parts;
  const header = evidence.body(block)?.message.body?.header;
  const { height = null, stateRoot } = header === undefined ? {} : decodeHeader(header);
  const certified = stateRoot === undefined ? 'unknown' : bytesToHex(stateRoot);
  const own = String(reason?.details.computed ?? reason?.code ?? 'unknown');
  return new AppError(
    'consensus/diverged',
    `A quorum of validators certified block ${height} in slot ${slot}, which this node finds wrong: their state root is ${certified}, here it is ${own} (${reason?.message ?? 'no reason kept'}). Keep the data directory, compare program versions with the others, and rebuild with --reindex.`,
    { epoch, slot, height, certified, own },
    reason,
  );
}
