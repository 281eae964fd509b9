// What the page and its worker say to each other.

import type { SamplePick, Verdict, VerifyStep } from './types.ts';

export interface VerifyRequest {
  readonly bundle: Uint8Array;
  /** 32 bytes: the hash of the genesis that this device trusts. */
  readonly pin: Uint8Array;
  /** What was scanned: a bundle about anything else proves nothing here. */
  readonly link: {
    readonly gtin: string;
    readonly lot: string | null;
    readonly serial: string | null;
  };
  readonly now_ms: number;
  /**
   * What this device picked when it kept the bundle, which carries the answers; null when the bundle comes fresh from a
   * server and the picks are still to be made.
   */
  readonly picks: readonly SamplePick[] | null;
}

/** The hex of what a careful reader may want to see with their own eyes. */
export interface RawProof {
  readonly genesis: string;
  readonly header: string;
  readonly certificate: string;
}

export interface Proof {
  readonly verdict: Verdict;
  /** The bundle with its samples: what is kept and offered for saving. */
  readonly bundle: Uint8Array;
  readonly picks: readonly SamplePick[];
  readonly raw: RawProof;
  /** Computing alone, without waiting for the network. */
  readonly elapsed_ms: number;
}

export interface Break {
  readonly step: VerifyStep;
  readonly code: string;
  readonly message: string;
  readonly details: Record<string, string | number | boolean | null>;
}

export type VerifyReply =
  | { readonly type: 'closed'; readonly step: VerifyStep }
  | { readonly type: 'sampling'; readonly fetched: number; readonly picked: number }
  | { readonly type: 'proof'; readonly proof: Proof }
  | { readonly type: 'broken'; readonly broken: Break };
