import type { PinSource, RememberedPin } from '../pin/pin.ts';
import type { Break, Proof } from '../verify/protocol.ts';
import type { VerifyStep } from '../verify/types.ts';

/** How far the check has come. */
export interface Progress {
  readonly phase: 'fetching' | 'verifying' | 'sampling';
  /** The last step that closed. */
  readonly closed: VerifyStep | null;
  readonly picked: number;
  readonly fetched: number;
}

/** Everything the scan page can be. There is no state that shows a product's claims without a verdict behind them. */
export type ScanState =
  | { readonly kind: 'checking'; readonly progress: Progress }
  | {
      readonly kind: 'verdict';
      readonly proof: Proof;
      readonly pin: RememberedPin;
      readonly pinSource: PinSource;
      /** When this device kept the bundle, if it came from here because the server is out of reach. */
      readonly saved_ms: number | null;
    }
  | { readonly kind: 'broken'; readonly broken: Break; readonly bundle: Uint8Array }
  | { readonly kind: 'pin-changed'; readonly remembered: RememberedPin; readonly offered: string }
  | { readonly kind: 'unknown' | 'malformed' | 'unreachable' | 'refused' };

export const STARTING: Progress = { phase: 'fetching', closed: null, picked: 0, fetched: 0 };
