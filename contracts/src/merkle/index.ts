// The trees of docs/formats.md §2: log tree (RFC 9162) and state tree.

export {
  appendLeaf,
  assertFrontier,
  emptyFrontier,
  type Frontier,
  frontierRoot,
} from './frontier.ts';
export { consistencyProof, inclusionProof, logNodes } from './log-proof.ts';
export {
  type ConsistencyClaim,
  type InclusionClaim,
  leafHash,
  logRoot,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from './log-tree.ts';
export {
  decodeStateNode,
  EMPTY_SUBTREE,
  encodeStateNode,
  STATE_NODE_BYTES,
  type StateLeaf,
  type StateNode,
  type StateNodeReader,
  stateNodeHash,
  statePath,
  statePosition,
  stateValueHash,
  writeStateNode,
} from './state-node.ts';
export { proveState, type StateProof, verifyAbsence, verifyPresence } from './state-proof.ts';
export {
  type StateChange,
  type StateNodeWrite,
  type StateUpdate,
  updateStateTree,
} from './state-tree.ts';
export {
  consistencyProofFromNodes,
  type GetLogNode,
  inclusionProofFromNodes,
  type LogNode,
  nodesOfAppend,
  rootFromNodes,
} from './stored-log.ts';
