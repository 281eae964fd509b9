// What the state says of itself: who votes on the next block, and which rules it runs.

import {
  type ActiveRules,
  AppError,
  getValidators,
  type Hash,
  hexToBytes,
  isAppError,
  type RuleRegistry,
  rulesAt,
  type StateReader,
  type StateWrite,
  type ValidatorSet,
  validatorsHash,
} from '@suyuan/contracts';

/** Who votes on a block. */
export interface VotingSet extends ValidatorSet {
  /** 32 bytes, as headers have it. */
  readonly hash: Uint8Array;
}

export function votingSet(hash: Hash, state: StateReader): VotingSet {
  const set = getValidators(state);
  return { ...set, hash: validatorsHash(hash, set.members) };
}

export interface BlockRules {
  readonly active: ActiveRules;
  /** What the block writes before its transactions. */
  readonly writes: readonly StateWrite[];
}

/** Throws `node/missing-rules` where this program lacks what the ledger runs at that height. */
export function blockRules(registry: RuleRegistry, state: StateReader, height: number): BlockRules {
  try {
    return rulesAt(registry, state, height);
  } catch (error) {
    if (!isAppError(error, 'rules/missing-version') && !isAppError(error, 'rules/other-artifact')) {
      throw error;
    }
    throw new AppError(
      'node/missing-rules',
      `${error.message} This node stops before block ${height} and goes on answering reads; the ledger goes on without it.`,
      { ...error.details, next: height },
      error,
    );
  }
}

export type ArtifactOf = (module: string, version: number) => string | undefined;

/** The registry with the hashes of what this program really holds: 64 hex digits each. */
export function withArtifacts(registry: RuleRegistry, artifactOf: ArtifactOf): RuleRegistry {
  const modules = registry.modules.map((module) => {
    const artifact = artifactOf(module.name, module.version);
    return artifact === undefined ? module : { ...module, artifact: hexToBytes(artifact) };
  });
  return { ...registry, modules };
}
