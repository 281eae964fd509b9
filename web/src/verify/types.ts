// The verdict's types, for what never runs the verifier. Only types: the page has the verifier in its worker, and takes no more
// of that entry than what stands alone (`src/scans`; the build's size table tells).
export type {
  AgeSpan,
  Claim,
  ClaimKind,
  Evidence,
  Grade,
  Names,
  Party,
  SamplePick,
  Series,
  SeriesPoint,
  TimelineStep,
  Verdict,
  VerifyStep,
} from '@suyuan/contracts/verify';
