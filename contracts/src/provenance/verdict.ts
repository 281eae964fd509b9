// What a verified bundle says: claims with grades and evidence. Plain JSON data, words left to the page, so that the same
// verdict reads in Chinese, in English and on a terminal.

/**
 * proven: signatures, ledger and rules, checked here. attested: someone accountable signed it. self-declared: the maker
 * says so. unknown: nobody says; a missing reading is unknown, never in range.
 */
export type Grade = 'proven' | 'attested' | 'self-declared' | 'unknown';

/** Names in both languages of the interface. */
export interface Names {
  readonly zh: string;
  readonly en: string;
}

/** An account as the page names it. */
export interface Party {
  readonly id: string;
  readonly name: Names;
  readonly roles: readonly string[];
}

/** A place as the page names it. */
export interface PlaceView {
  readonly gln: string;
  readonly kind: string;
  readonly name: Names;
  readonly township: Names;
}

/** A state key, message id or anchor on which a claim rests; hex for hashes. */
export interface Evidence {
  readonly kind: 'state' | 'transaction' | 'pack' | 'statement' | 'anchor' | 'header';
  readonly ref: string;
}

/** One statement with its grade. `by` names the accountable party when attested. */
export type Claim = {
  readonly grade: Grade;
  readonly by?: Party;
  readonly evidence: readonly Evidence[];
} & (
  | {
      /** The serial belongs to a label batch that the ledger accepted for this lot. */
      readonly kind: 'label';
      readonly batch: string;
      readonly number: number;
      readonly count: number;
      readonly net: number;
      readonly issuedAt_ms: number;
    }
  | {
      /** Labelled net weight against what the lot held; the rules refuse more. */
      readonly kind: 'mass';
      readonly made: number;
      readonly labelled: number;
      readonly inputs_g: number;
    }
  | {
      /** Where the first lots of the chain were harvested. */
      readonly kind: 'origin';
      readonly places: readonly PlaceView[];
    }
  | {
      /** Time that the lot lay at a place, and how much of it readings cover. */
      readonly kind: 'ageing';
      readonly place: PlaceView;
      readonly from_ms: number;
      readonly to_ms: number;
      /** Time covered by readings that were checked here or that the gateway vouches for. */
      readonly covered_ms: number;
      /** Time covered by packs checked here. */
      readonly proven_ms: number;
      readonly gaps: number;
      readonly gap_ms: number;
      /** Readings that reached the gateway more than 48 h after their own time. */
      readonly late: number;
      readonly claimed_months: number | null;
    }
  | {
      /** Stated slots picked by chance by this device after it held the anchored roots, and answered with packs. */
      readonly kind: 'spot-check';
      readonly picked: number;
      readonly matched: number;
      /** Asked for and not delivered. */
      readonly missing: number;
      /** Proven readings that contradict what the gateway stated of their day; any takes its attested claims away. */
      readonly contradicted: number;
    }
  | {
      readonly kind: 'climate';
      readonly quantity: string;
      /** Integers of the stored scale: milli-°C, milli-%RH, grams, millivolts. */
      readonly min: number;
      readonly max: number;
      readonly mean: number;
      readonly count: number;
      readonly from_ms: number;
      readonly to_ms: number;
    }
  | {
      /** The devices whose packs count here are registered and not revoked. */
      readonly kind: 'devices';
      readonly devices: readonly {
        readonly id: string;
        readonly suite: string;
        readonly status: string;
        readonly calibratedUntil_ms: number | null;
      }[];
    }
  | {
      /** Free words of the maker. */
      readonly kind: 'process-note';
      readonly note: string;
    }
  | {
      /** How old the checked ledger state is. */
      readonly kind: 'freshness';
      readonly head_ms: number;
      readonly age_ms: number;
      readonly stale: boolean;
    }
);

export type ClaimKind = Claim['kind'];

/** One step in the life of the lot, oldest first. */
export interface TimelineStep {
  readonly kind: 'harvest' | 'transform' | 'label';
  readonly process: string;
  readonly gtin: string;
  readonly lot: string;
  readonly product: Names;
  readonly place: PlaceView | null;
  readonly time_ms: number;
  readonly amount: number;
  readonly signer: Party;
  readonly tx: string;
}

/** One stretch of one quantity of one device for the plot. Values are integers of the stored scale. */
export interface SeriesPoint {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly grade: 'proven' | 'attested';
}

export interface Series {
  readonly device: string;
  readonly place: string;
  readonly quantity: string;
  /** Ascending and disjoint; a hole between two points is a gap: nothing is known there. */
  readonly points: readonly SeriesPoint[];
}

/** The parts of the age band, ascending and disjoint, from the lot's making until the head's time. */
export interface AgeSpan {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly state: 'proven' | 'attested' | 'gap' | 'unrecorded';
}

export interface Verdict {
  readonly subject: {
    readonly gtin: string;
    readonly lot: string | null;
    readonly serial: string | null;
  };
  readonly product: { readonly name: Names; readonly regime: string; readonly category: string };
  readonly chain: {
    readonly name: string;
    readonly genesis: string;
    readonly profile: 'guomi' | 'international';
    readonly height: number;
    readonly time_ms: number;
    readonly validators: number;
    readonly signers: readonly string[];
  };
  readonly claims: readonly Claim[];
  readonly timeline: readonly TimelineStep[];
  readonly series: readonly Series[];
  readonly age: readonly AgeSpan[];
  /** What was checked here: the "checked on your phone" line. */
  readonly counts: {
    readonly signatures: number;
    readonly hashes: number;
    readonly packs: number;
    readonly readings: number;
  };
}

/** The links of the chain in the order in which they are checked; a broken bundle names the first that fails. */
export const VERIFY_STEPS = [
  'bundle',
  'genesis',
  'epochs',
  'certificate',
  'state',
  'unit',
  'lots',
  'anchors',
  'packs',
  'statements',
  'samples',
  'claims',
] as const;

export type VerifyStep = (typeof VERIFY_STEPS)[number];
