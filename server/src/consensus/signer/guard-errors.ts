import { AppError } from '@suyuan/contracts';

const REMEDY =
  'Never make a new one for a key that has voted. Put this file back from a copy only if the validator has signed nothing since that copy was made; otherwise give it a new key: suyuan governance rotate.';

export function guardMissing(path: string): AppError {
  return new AppError(
    'signer/guard-missing',
    `The guard file ${path} is missing: what this validator has signed is not known, so it does not vote. ${REMEDY}`,
    { path },
  );
}

export function guardDamaged(path: string, why: string, cause?: unknown): AppError {
  return new AppError(
    'signer/guard-damaged',
    `The guard file ${path} is damaged (${why}): what this validator has signed is not known for certain, so it does not vote. ${REMEDY}`,
    { path },
    cause,
  );
}

export function guardFailed(path: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AppError(
    'signer/guard-failed',
    `The guard file ${path} cannot be written or read (${why}), so this validator signs nothing more. Free space or check the disk, then start the node again.`,
    { path },
    cause,
  );
}
