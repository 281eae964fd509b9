// The verdict's types, for what never runs the verifier. Only types: a value taken from that entry would bring the whole
// verifier into the page, which has it in its worker.
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
