export { decodeMessage } from './decode.ts';
export { encodeMessage } from './encode.ts';
export { fromFinalCertificate, toFinalCertificate } from './final-certificate.ts';
export {
  type ProposalStatement,
  proposalBytes,
  type VoteStatement,
  voteBytes,
} from './signed-bytes.ts';
export type * from './types.ts';
export {
  verifyCertificateMessage,
  verifyProposal,
  verifyVote,
} from './verify.ts';
