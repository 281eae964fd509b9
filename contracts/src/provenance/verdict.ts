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

/** An amount of one product: grams or pieces, as its unit says. */
export interface ProductAmount {
  readonly product: Names;
  readonly unit: 'g' | 'count';
  readonly amount: number;
}

/** The version of a policy that something was judged by. */
export interface PolicyView {
  readonly id: string;
  readonly version: number;
  /** Null where the bundle does not show the policy. */
  readonly title: Names | null;
}

/** A transformation judged anew by the limits of its policy. */
export interface YieldStep {
  readonly lot: string;
  readonly process: string;
  readonly policy: PolicyView;
  readonly from: readonly ProductAmount[];
  /** The lots of the chain that came out of the same transformation, together. */
  readonly to: ProductAmount;
  /** The most that may come out; null where the policy has no such step or is not shown. */
  readonly max: number | null;
  /** `unknown`: the policy, a product or an input is not shown. */
  readonly within: 'yes' | 'no' | 'unknown';
}

/** One statement with its grade. `by` names the accountable party when attested. */
export type Claim = {
  readonly grade: Grade;
  readonly by?: Party;
  readonly evidence: readonly Evidence[];
} & (
  | {
      /** Whether an open recall covers the lot: proven none, proven recalled, or unknown. */
      readonly kind: 'recall';
      /** Those whose scope holds the lot. */
      readonly recalls: readonly {
        readonly id: string;
        readonly level: 1 | 2 | 3;
        readonly reason: string;
        readonly opener: Party;
        readonly since_ms: number;
      }[];
    }
  | {
      /** A grower says that the origin of a lot of the chain is false. Absent where nobody does. */
      readonly kind: 'dispute';
      readonly status: 'open' | 'upheld' | 'unknown';
      readonly product: Names;
      readonly lot: string;
      readonly opener: Party | null;
      readonly reason: string | null;
      readonly since_ms: number | null;
      readonly decidedAt_ms: number | null;
    }
  | {
      /** The serial belongs to a label batch that the ledger accepted for this lot. */
      readonly kind: 'label';
      readonly batch: string;
      readonly number: number;
      readonly count: number;
      readonly net: number;
      readonly unit: 'g' | 'count';
      readonly issuedAt_ms: number;
      /** `spare`: printed, not on a pack when its batch was closed; `printed`: not on a pack yet. */
      readonly standing: 'active' | 'printed' | 'spare' | 'void' | 'unknown';
      readonly voided: {
        readonly at_ms: number;
        readonly reason: string;
        readonly by: Party;
      } | null;
      /** The code under the scratch layer. */
      readonly hidden: 'none' | 'sealed' | 'revealed' | 'unknown';
      readonly revealedAt_ms: number | null;
    }
  | {
      /** Where the lot's amount went: made = left + labelled + used + lost + destroyed; the rules refuse more. */
      readonly kind: 'mass';
      readonly unit: 'g' | 'count';
      readonly made: number;
      readonly left: number;
      readonly labelled: number;
      readonly used: number;
      readonly lost: number;
      readonly destroyed: number;
      readonly inputs: readonly ProductAmount[];
    }
  | {
      /** What the plots of the chain may yield, and what was drawn of it so far, of one product. */
      readonly kind: 'quota';
      readonly product: Names;
      readonly unit: 'g' | 'count';
      readonly plots: number;
      readonly granted: number;
      readonly drawn: number;
      /** What the lots of this chain drew. */
      readonly here: number;
      readonly seasons: readonly string[];
    }
  | {
      /** Every step of the chain that a policy limits, judged anew by the version it names. */
      readonly kind: 'policy';
      readonly steps: readonly YieldStep[];
    }
  | {
      /** How old the youngest fruit in the lot is by the ledger. */
      readonly kind: 'age';
      readonly born_ms: number;
      readonly age_ms: number;
      readonly claimed_months: number | null;
      /** Who vouched for stock from before the ledger, each once; a hidden audit names nobody. */
      readonly auditors: readonly Party[];
    }
  | {
      /** Where the first lots of the chain come from, and what that rests on. */
      readonly kind: 'origin';
      readonly basis: 'membership' | 'registration' | 'consent' | 'no-consent' | 'audit' | null;
      /** The origin mark that the places belong to, and who granted it. */
      readonly mark: { readonly name: Names; readonly by: Party } | null;
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
      /** Mean kinetic temperature in milli-°C, where every reading is shown. */
      readonly kinetic: number | null;
    }
  | {
      /** Readings beyond one climate limit of the policy, for long enough. Never says "in range" of what is not known. */
      readonly kind: 'limit';
      readonly policy: PolicyView;
      readonly product: Names;
      readonly quantity: string;
      readonly above: boolean;
      /** Stored scale, like `error`: what a sensor may be wrong by. */
      readonly limit: number;
      readonly error: number;
      readonly duration_ms: number;
      readonly cumulative: boolean;
      /** Shown by readings that were checked here. */
      readonly excursions: number;
      readonly longest_ms: number;
      readonly beyond_ms: number;
      /** Stated days whose least or greatest value lies beyond the limit. */
      readonly statedDays: number;
      /** Time of which nothing is known. */
      readonly unknown_ms: number;
    }
  | {
      /** Lots of the chain may have a limit that the bundle does not show: whether they went beyond it is unknown. */
      readonly kind: 'limit';
      /** Null where not even the policy that applies is shown. */
      readonly policy: PolicyView | null;
      readonly product: Names;
      readonly quantity: null;
    }
  | {
      /** A paper about the lot or the product; `document` is null where the bundle does not show all of them. */
      readonly kind: 'document';
      readonly document: {
        readonly hash: string;
        readonly type: string;
        readonly title: string;
        readonly number: string | null;
        readonly issuedAt_ms: number;
        readonly validUntil_ms: number | null;
        readonly standing: 'valid' | 'expired' | 'revoked' | 'not-yet';
        readonly results: readonly {
          readonly name: string;
          readonly value: number;
          readonly decimals: number;
          readonly uom: string;
        }[];
      } | null;
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
  /** `move`: it came to a place; `process` is then receive, carry or move. */
  readonly kind: 'harvest' | 'purchase' | 'opening' | 'transform' | 'label' | 'move';
  readonly process: string;
  readonly gtin: string;
  readonly lot: string;
  readonly product: Names;
  readonly place: PlaceView | null;
  readonly time_ms: number;
  /** Null for a move: the record does not say how much travelled. */
  readonly amount: number | null;
  readonly unit: 'g' | 'count';
  /** Who signed it; of a move, who holds it from then on. */
  readonly signer: Party;
  /** Null for a move. */
  readonly tx: string | null;
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
  readonly product: {
    readonly name: Names;
    readonly regime: string;
    readonly category: string;
    readonly unit: 'g' | 'count';
    /** The origin mark it is sold under. */
    readonly mark: Names | null;
  };
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
  'recalls',
  'anchors',
  'packs',
  'statements',
  'samples',
  'claims',
] as const;

export type VerifyStep = (typeof VERIFY_STEPS)[number];
