// The bundle (docs/formats.md §7): everything that a verifier needs to check a verdict offline. Decoding is defensive: a
// bundle comes from a server that nobody trusts.

import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import {
  asArray,
  asBytes,
  asObject,
  asText,
  asUint,
  type Field,
  onlyKeys,
} from '../encoding/read.ts';
import type { CborObject, CborValue } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import type { CertifiedHeader, EpochEnd } from '../ledger/light-client.ts';
import { toValidators, validatorToValue } from '../ledger/validators.ts';
import {
  BUNDLE_RECENT_PACKS_MAX,
  BUNDLE_SIZE_BYTES_MAX,
  OPEN_RECALLS_MAX,
  STATE_DEPTH_MAX,
} from '../limits.ts';
import type { StateProof } from '../merkle/state-proof.ts';
import { distinctSamples } from './distinct-samples.ts';

/** What is asked about: a product, one of its lots, or one unit of the lot. */
export interface Subject {
  readonly gtin: string;
  readonly lot?: string;
  readonly serial?: string;
}

/** A state key with its value's bytes (null: absent) and the proof of it. */
export interface StateEntry {
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly proof: StateProof;
}

export interface ProvenPack {
  /** Leaf index in the batch. */
  readonly index: number;
  readonly pack: Uint8Array;
  /** Inclusion in the batch's root. */
  readonly proof: readonly Uint8Array[];
}

/** Packs of one anchored batch, with the anchor's inclusion in its gateway's log. */
export interface PackedBatch {
  readonly gateway: string;
  /** The anchor's bytes, a leaf of the log. */
  readonly anchor: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly packs: readonly ProvenPack[];
}

export interface UnitProof {
  readonly batch: string;
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  /** 32 bytes: of a batch with hidden codes, the commitment to the unit's. */
  readonly hidden?: Uint8Array;
}

/** Whether the scanned lot is in the scope of an open recall, with the proof against the scope's root. */
export interface ScopeProof {
  readonly recall: string;
  readonly inScope: boolean;
  readonly proof: StateProof;
}

export interface Bundle {
  readonly link: Subject;
  readonly genesis: Uint8Array;
  readonly epochs: readonly EpochEnd[];
  readonly head: CertifiedHeader;
  readonly state: readonly StateEntry[];
  readonly unit?: UnitProof;
  /** One for each open recall, ascending by its id. */
  readonly scopes: readonly ScopeProof[];
  readonly batches: readonly PackedBatch[];
  readonly samples: readonly PackedBatch[];
  readonly statements: readonly Uint8Array[];
}

/** What a state key is written in; order by UTF-16 unit and by byte is then the same. */
const STATE_KEY = /^[!-~]{1,256}$/;
const EPOCHS_MAX = 4096;
/** State entries that a bundle may carry. */
export const BUNDLE_STATE_ENTRIES_MAX = 2048;
/** Monthly statements that a bundle may carry: two quantities of four devices for ten years, and some to spare. */
export const BUNDLE_STATEMENTS_MAX = 1024;
const BATCHES_MAX = BUNDLE_RECENT_PACKS_MAX;
/** A log tree of 2^53 leaves is no deeper. */
const LOG_PROOF_MAX = 53;

function hashes(value: Field, what: string, max: number): Uint8Array[] {
  return asArray(value, what, max).map((item) => asBytes(item, what, 32));
}

function certified(object: CborObject): CertifiedHeader {
  return {
    header: asBytes(object.header, 'header'),
    certificate: asBytes(object.certificate, 'certificate'),
  };
}

function toSubject(value: Field): Subject {
  const object = asObject(value, 'link');
  onlyKeys(object, ['gtin', 'lot', 'serial'], 'link');
  return {
    gtin: asText(object.gtin, 'gtin', 14),
    ...(object.lot === undefined ? {} : { lot: asText(object.lot, 'lot', 20) }),
    ...(object.serial === undefined ? {} : { serial: asText(object.serial, 'serial', 20) }),
  };
}

function toStateEntry(value: CborValue): StateEntry {
  const [keyField, bytes, proof] = asArray(value, 'state entry', 3, 3);
  const key = asText(keyField, 'state key', 256);
  if (!STATE_KEY.test(key)) {
    throw new AppError('format/invalid', 'Give a state key as printable ASCII without spaces.');
  }
  return {
    key,
    value: bytes === null ? null : asBytes(bytes, 'state value'),
    proof: toStateProof(proof, 'state'),
  };
}

function toStateProof(value: Field, what: string): StateProof {
  const [siblings, leaf] = asArray(value, `${what} proof`, 2, 2);
  const pair = leaf === null ? null : asArray(leaf, `${what} leaf`, 2, 2);
  return {
    siblings: hashes(siblings, `${what} siblings`, STATE_DEPTH_MAX),
    leaf:
      pair === null
        ? null
        : {
            path: asBytes(pair[0], `${what} path`, 32),
            valueHash: asBytes(pair[1], `${what} value hash`, 32),
          },
  };
}

function toScopeProof(value: CborValue): ScopeProof {
  const [recall, inScope, proof] = asArray(value, 'scope', 3, 3);
  if (typeof inScope !== 'boolean') {
    throw new AppError('format/invalid', 'Give true or false for a lot in a scope.');
  }
  return { recall: asText(recall, 'recall', 20), inScope, proof: toStateProof(proof, 'scope') };
}

function toPackedBatch(value: Field): PackedBatch {
  const object = asObject(value, 'batch');
  onlyKeys(object, ['gateway', 'anchor', 'proof', 'packs'], 'batch');
  return {
    gateway: asText(object.gateway, 'gateway', 63),
    anchor: asBytes(object.anchor, 'anchor'),
    proof: hashes(object.proof, 'anchor proof', LOG_PROOF_MAX),
    packs: asArray(object.packs, 'packs', BUNDLE_RECENT_PACKS_MAX, 1).map((entry) => {
      const pack = asObject(entry, 'pack');
      onlyKeys(pack, ['index', 'pack', 'proof'], 'pack');
      return {
        index: asUint(pack.index, 'pack index'),
        pack: asBytes(pack.pack, 'pack'),
        proof: hashes(pack.proof, 'pack proof', LOG_PROOF_MAX),
      };
    }),
  };
}

function toPackedBatches(value: Field, what: string): PackedBatch[] {
  const batches = asArray(value, what, BATCHES_MAX).map(toPackedBatch);
  assertPackCount(batches);
  return batches;
}

/** Throws `bundle/too-many-packs` above 512 packs: each is a signature to verify on a phone. */
export function assertPackCount(batches: readonly PackedBatch[]): void {
  if (batches.reduce((sum, batch) => sum + batch.packs.length, 0) > BUNDLE_RECENT_PACKS_MAX) {
    throw new AppError(
      'bundle/too-many-packs',
      `Batches and samples may have ${BUNDLE_RECENT_PACKS_MAX} packs each.`,
    );
  }
}

function toUnitProof(value: Field): UnitProof {
  const object = asObject(value, 'unit');
  onlyKeys(object, ['batch', 'index', 'proof', 'hidden'], 'unit');
  return {
    batch: asText(object.batch, 'label batch', 20),
    index: asUint(object.index, 'unit index'),
    proof: hashes(object.proof, 'unit proof', LOG_PROOF_MAX),
    ...(object.hidden === undefined
      ? {}
      : { hidden: asBytes(object.hidden, 'hidden commitment', 32) }),
  };
}

const FIELDS = [
  'v',
  'link',
  'genesis',
  'epochs',
  'head',
  'state',
  'unit',
  'scopes',
  'batches',
  'samples',
  'statements',
];

/** The map of a bundle of this version. A file of another kind is told so before anything about CBOR. */
function toFields(bytes: Uint8Array): CborObject {
  // A map of 4 to 23 entries that begins with the shortest key, as deterministic encoding orders them.
  if (bytes[1] !== 0x61 || bytes[2] !== 0x76 || ((bytes[0] ?? 0) & 0xe0) !== 0xa0) {
    throw new AppError(
      'bundle/not-a-bundle',
      'This is no evidence file; give the file that the scan page or `bundle get` saved.',
    );
  }
  const object = asObject(decodeCbor(bytes), 'bundle');
  if (object.v !== 2) {
    throw new AppError(
      'bundle/version',
      'The bundle is of another version than 2; fetch it again, or use a verifier of its time.',
    );
  }
  onlyKeys(object, FIELDS, 'bundle');
  return object;
}

/** Decodes the form and limits, verifies nothing. Throws `bundle/*`, `cbor/*`, `format/*`, `key/*` or `ledger/bad-validators`. */
export function decodeBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > BUNDLE_SIZE_BYTES_MAX) {
    throw new AppError('bundle/too-large', `A bundle may have ${BUNDLE_SIZE_BYTES_MAX} bytes.`);
  }
  const object = toFields(bytes);
  const head = asObject(object.head, 'head');
  onlyKeys(head, ['header', 'certificate'], 'head');
  return {
    link: toSubject(object.link),
    genesis: asBytes(object.genesis, 'genesis'),
    epochs: asArray(object.epochs, 'epochs', EPOCHS_MAX).map((entry) => {
      const epoch = asObject(entry, 'epoch');
      onlyKeys(epoch, ['header', 'certificate', 'next'], 'epoch');
      return { ...certified(epoch), next: toValidators(epoch.next) };
    }),
    head: certified(head),
    state: asArray(object.state, 'state', BUNDLE_STATE_ENTRIES_MAX).map(toStateEntry),
    ...(object.unit === undefined ? {} : { unit: toUnitProof(object.unit) }),
    scopes: asArray(object.scopes, 'scopes', OPEN_RECALLS_MAX).map(toScopeProof),
    batches: toPackedBatches(object.batches, 'batches'),
    samples: toPackedBatches(object.samples, 'samples'),
    statements: asArray(object.statements, 'statements', BUNDLE_STATEMENTS_MAX).map((s) =>
      asBytes(s, 'statement'),
    ),
  };
}

function packedBatchToValue(batch: PackedBatch): CborValue {
  return {
    gateway: batch.gateway,
    anchor: batch.anchor,
    proof: batch.proof,
    packs: batch.packs.map(({ index, pack, proof }) => ({ index, pack, proof })),
  };
}

function stateProofToValue({ siblings, leaf }: StateProof): CborValue {
  return [siblings, leaf === null ? null : [leaf.path, leaf.valueHash]];
}

export function encodeBundle(bundle: Bundle): Uint8Array {
  return encodeCbor({
    v: 2,
    link: { ...bundle.link },
    genesis: bundle.genesis,
    epochs: bundle.epochs.map((epoch) => ({
      header: epoch.header,
      certificate: epoch.certificate,
      next: epoch.next.map(validatorToValue),
    })),
    head: { header: bundle.head.header, certificate: bundle.head.certificate },
    state: bundle.state.map(({ key, value, proof }) => [key, value, stateProofToValue(proof)]),
    ...(bundle.unit === undefined ? {} : { unit: { ...bundle.unit } }),
    scopes: bundle.scopes.map(({ recall, inScope, proof }) => [
      recall,
      inScope,
      stateProofToValue(proof),
    ]),
    batches: bundle.batches.map(packedBatchToValue),
    samples: bundle.samples.map(packedBatchToValue),
    statements: bundle.statements,
  });
}

/** One batch with one or more packs, as a server answers for a sample. */
export function encodePackedBatch(batch: PackedBatch): Uint8Array {
  return encodeCbor(packedBatchToValue(batch));
}

/** Throws `cbor/*` or `format/*`. */
export function decodePackedBatch(bytes: Uint8Array): PackedBatch {
  return toPackedBatch(decodeCbor(bytes));
}

/** The bundle's bytes with these samples in place of any it had, each pack once. */
export function withSamples(bundle: Bundle, samples: readonly PackedBatch[]): Uint8Array {
  return encodeBundle({ ...bundle, samples: distinctSamples(samples) });
}
